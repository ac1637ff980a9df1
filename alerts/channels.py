"""The channels by their kind."""

from pathlib import Path
from typing import assert_never

from alerts.channel import Channel
from alerts.channel_config import (
    ChannelConfig,
    DingtalkRobotConfig,
    FeishuRobotConfig,
    FileChannelConfig,
    SmtpChannelConfig,
    WebhookChannelConfig,
    WecomAppConfig,
    WecomRobotConfig,
)
from alerts.dingtalk import DingtalkRobot
from alerts.feishu import FeishuRobot
from alerts.file import FileChannel
from alerts.smtp import SmtpChannel
from alerts.webhook import WebhookChannel
from alerts.wecom_app import WecomApp
from alerts.wecom_robot import WecomRobot


def build_channel(name: str, config: ChannelConfig, base: Path) -> Channel:
    """The channel that `config` describes; relative folders count from `base`."""
    match config:
        case SmtpChannelConfig():
            return SmtpChannel(name, config)
        case WebhookChannelConfig():
            return WebhookChannel(name, config)
        case WecomRobotConfig():
            return WecomRobot(name, config)
        case WecomAppConfig():
            return WecomApp(name, config)
        case DingtalkRobotConfig():
            return DingtalkRobot(name, config)
        case FeishuRobotConfig():
            return FeishuRobot(name, config)
        case FileChannelConfig():
            return FileChannel(name, config, base)
        case _:
            assert_never(config)
