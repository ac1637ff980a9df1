"""A sender at a desk, for the tests that turn its clock."""

import random
from dataclasses import replace
from datetime import timedelta

from alerts.channel_config import (
    WebhookChannelConfig,
    WecomRobotConfig,
)
from alerts.channels import build_channel
from alerts.finding_message import Surroundings
from alerts.message import Message
from alerts.outlets import Outlets
from alerts.packing import pack_message
from alerts.route_config import Routes
from alerts.sender import Sender
from storage.intake import save_observation
from storage.outbox import Address, MessageKind, Outgoing, enlist
from storage.queue_status import deliveries_of

PATIENCE_S = 4.0  # a loaded machine is slow to answer


class Desk:
    """A sender whose clock the test turns."""

    def __init__(self, db, tmp_path, samples):
        self.db, self.folder, self.samples = db, tmp_path, samples
        self.now = samples.START
        self.outlets = Outlets(
            {}, Routes(), None, 10, timedelta(days=3), {"town": "环翠区"},
            Surroundings({"town": "清浦网"}, "Asia/Shanghai", "https://review.example.cn/"),
        )  # fmt: skip
        self.sender = Sender(db, lambda: self.outlets, random.Random(7), lambda: self.now)

    def channel(self, name, config):
        built = build_channel(name, config, self.folder)
        self.outlets = replace(self.outlets, channels={**self.outlets.channels, name: built})
        return built

    def hook(self, vendor, name="hook"):
        config = WebhookChannelConfig(
            kind="webhook", url=f"{vendor.base}/{name}", timeout_s=PATIENCE_S
        )
        return self.channel(name, config)

    def robot(self, vendor, name="group"):
        fields = {
            "kind": "wecom_robot",
            "key": "k" * 20,
            "base_url": vendor.base,
            "timeout_s": PATIENCE_S,
        }
        return self.channel(name, WecomRobotConfig.model_validate(fields))

    def at_once(self, *channels, **fields):
        route = {"channels": channels} | fields
        self.outlets = replace(self.outlets, routes=Routes.model_validate({"at_once": (route,)}))

    def put(self, channel, key="k1", text="正文", to=None):
        message = Message(key, "operator_alert", "主题", text, data={"key": key})
        outgoing = Outgoing(key, MessageKind.OPERATOR, "all", pack_message(message))
        recipients = to or self.outlets.channels[channel].recipients
        enlist(self.db, outgoing, [Address(channel, one) for one in recipients], self.now)

    def find(self, number, level=None, text=""):
        chance = random.Random(f"{number}")
        letters = "".join(chr(0x4E00 + chance.randrange(20_000)) for _ in range(60))
        more = {} if level is None else {"level": level}
        block = self.samples.Block(f"{text or '第'}{number}号项目，本金零风险{letters}", **more)
        seen = self.samples.observe(f"http://town.example/{number}", block, at=self.now)
        return save_observation(self.db, seen).new_findings[0]

    def state(self, key="k1"):
        return [row.state for row in deliveries_of(self.db, key)]
