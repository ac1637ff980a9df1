"""What adwatch.yml says of a channel."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from core.config_record import HttpUrl, Record, Text

# ASCII only: an internationalised address would need SMTPUTF8 of every relay on the way.
MailAddress = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$",
        max_length=254,
    ),
]
Timeout = Annotated[float, Field(gt=0, le=300)]
Name = Annotated[str, Field(pattern=r"^[^\s|]{1,64}$")]
_TIMEOUT = "seconds one request may take"
_BASE_URL = "the service's address; another one for a private deployment"


class SmtpChannelConfig(Record):
    """Mail through an SMTP server; `password` is a reference, never the secret itself."""

    kind: Literal["smtp"]
    host: Text
    port: int = Field(25, ge=1, le=65_535)
    security: Literal["none", "starttls", "ssl"] = "none"
    user: Text | None = None
    password: SecretStr | None = None
    sender: MailAddress
    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=200)
    timeout_s: Timeout = Field(30.0, description=_TIMEOUT)


class WebhookChannelConfig(Record):
    """A POST of JSON, signed after Standard Webhooks where a secret is given."""

    kind: Literal["webhook"]
    url: HttpUrl
    secret: SecretStr | None = Field(None, description="the signing key, as `whsec_…` or plain")
    timeout_s: Timeout = Field(15.0, description=_TIMEOUT)


class WecomRobotConfig(Record):
    """A WeCom group robot (企业微信群机器人)."""

    kind: Literal["wecom_robot"]
    key: SecretStr = Field(description="what follows `key=` in the robot's address")
    base_url: HttpUrl = Field("https://qyapi.weixin.qq.com", description=_BASE_URL)
    timeout_s: Timeout = Field(15.0, description=_TIMEOUT)


class WecomAppConfig(Record):
    """Messages of a WeCom application (企业微信应用消息) to members, departments or tags."""

    kind: Literal["wecom_app"]
    corp_id: Text = Field(description="the company's id")
    agent_id: int = Field(ge=1, description="the application's AgentId")
    secret: SecretStr = Field(description="the application's secret")
    users: tuple[Name, ...] = Field((), max_length=1_000, description="members by UserID, or @all")
    parties: tuple[Name, ...] = Field((), max_length=100, description="departments by id, quoted")
    tags: tuple[Name, ...] = Field((), max_length=100, description="tags by id, quoted")
    base_url: HttpUrl = Field("https://qyapi.weixin.qq.com", description=_BASE_URL)
    timeout_s: Timeout = Field(15.0, description=_TIMEOUT)


class DingtalkRobotConfig(Record):
    """A DingTalk group robot (钉钉群机器人), signed where a secret is given."""

    kind: Literal["dingtalk_robot"]
    token: SecretStr = Field(description="what follows `access_token=` in the robot's address")
    secret: SecretStr | None = Field(None, description="the signing secret, `SEC…`")
    keyword: Text | None = Field(None, description="a keyword that the robot insists on")
    base_url: HttpUrl = Field("https://oapi.dingtalk.com", description=_BASE_URL)
    timeout_s: Timeout = Field(15.0, description=_TIMEOUT)


class FeishuRobotConfig(Record):
    """A Feishu group robot (飞书群机器人), signed where a secret is given; Lark by its base_url."""

    kind: Literal["feishu_robot"]
    token: SecretStr = Field(description="the last part of the robot's address")
    secret: SecretStr | None = Field(None, description="the signing secret")
    keyword: Text | None = Field(None, description="a keyword that the robot insists on")
    base_url: HttpUrl = Field(
        "https://open.feishu.cn", description="https://open.larksuite.com for Lark"
    )
    timeout_s: Timeout = Field(15.0, description=_TIMEOUT)


class FileChannelConfig(Record):
    """Messages written into a folder."""

    kind: Literal["file"]
    folder: Text


ChannelConfig = Annotated[
    SmtpChannelConfig
    | WebhookChannelConfig
    | WecomRobotConfig
    | WecomAppConfig
    | DingtalkRobotConfig
    | FeishuRobotConfig
    | FileChannelConfig,
    Field(discriminator="kind"),
]
