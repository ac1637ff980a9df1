"""Contacts, companies, accounts and numbers: found through evasion, checked, masked."""

import pytest

from classifiers.checkdigits import is_eip55, is_id_card, is_luhn, is_uscc, keccak256
from classifiers.entities import find_entities, mask
from classifiers.normalize import normalize
from classifiers.shape import Shape
from core.records import Entity


def _entities(text: str) -> tuple[Entity, ...]:
    normal = normalize(text)
    return find_entities(normal, Shape(normal.text))


def _found(text: str) -> list[tuple[str, str]]:
    entities = _entities(text)
    assert all(text[entity.start : entity.end] == entity.quote for entity in entities)
    return [(entity.kind, entity.value) for entity in entities]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("详询 13900001234", "phone", "13900001234"),
        ("裙号 87654321", "qq_group", "87654321"),
        ("咨询电话(0371)65871234", "landline", "037165871234"),
        ("0371-6587 1234", "landline", "037165871234"),
        ("抖音号 dy_fuli123 关注后私信", "social_account", "dy_fuli123"),
        ("‘聚宝盆’APP，扫码下载", "app", "聚宝盆"),
        ("电话：139-0000-1234", "phone", "13900001234"),
        ("打 1 3 9 0 0 0 0 1 2 3 4 找我", "phone", "13900001234"),
        ("手机１３９００００１２３４", "phone", "13900001234"),
        ("联系①③⑨⓪⓪⓪⓪①②③④", "phone", "13900001234"),
        ("加V❤一三九零零零零一二三四", "wechat", "13900001234"),
        ("加V❤ 一三八零零零零一二三四", "wechat", "13800001234"),
        ("一三九零零零零一二三四 随时打", "phone", "13900001234"),
        ("打幺三九零零零零一二三四", "phone", "13900001234"),
        ("𝟏𝟑𝟗𝟎𝟎𝟎𝟎𝟏𝟐𝟑𝟒", "phone", "13900001234"),
        ("1️⃣3️⃣9️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣", "phone", "13900001234"),
        ("I39OOOO1234 咨询", "phone", "13900001234"),
        ("微信：hong_li88", "wechat", "hong_li88"),
        ("薇信号hong-li88", "wechat", "hong-li88"),
        ("加V：hongli2024", "wechat", "hongli2024"),
        ("ＶＸ hongli2024", "wechat", "hongli2024"),
        ("微❤：hongli2024", "wechat", "hongli2024"),
        ("QQ：123456789", "qq", "123456789"),
        ("扣扣 一二三四五六七八", "qq", "12345678"),
        ("企鹅号 九零零一一二二三", "qq", "90011223"),
        ("QQ群：123456789", "qq_group", "123456789"),
        ("电报 @hongli_888", "telegram", "hongli_888"),
        ("进群 t.me/hongli888", "telegram", "t.me/hongli888"),
        ("wa.me/8613900001234", "whatsapp", "8613900001234"),
        ("discord.gg/abc12de", "discord", "abc12de"),
        ("客服 400-123-4567", "landline", "4001234567"),
        ("座机 0631-5201234", "landline", "06315201234"),
        ("报警请拨96110", "official_hotline", "96110"),
        ("客服热线95588", "hotline", "95588"),
        ("邮箱 li@example.cn", "email", "li@example.cn"),
        ("官网 https://invest.example.cn/a?b=1", "url", "https://invest.example.cn/a?b=1"),
        ("登录 hongli.example.top 认购", "domain", "hongli.example.top"),
        ("鲁ICP备2020035879号-2", "icp", "鲁ICP备2020035879号-2"),
        ("京B2-20210330", "telecom_licence", "京B2-20210330"),
        ("鲁公网安备37100202000001号", "police_filing", "鲁公网安备37100202000001号"),
        ("基金管理人登记编号P1012345", "fund_filing", "P1012345"),
        ("工商注册号：371000200012345", "registration", "371000200012345"),
        ("由威海泓垚财富管理有限公司承办", "company", "威海泓垚财富管理有限公司"),
        ("欢迎加入青山种植专业合作社", "company", "青山种植专业合作社"),
        ("下载泓垚宝APP领红包", "app", "泓垚宝"),
        ("打开“云上牧场”APP", "app", "云上牧场"),
        ("认购“稳盈宝”享收益", "product", "稳盈宝"),
    ],
)  # fmt: skip
def test_an_entity_is_found_with_its_plain_value(text: str, kind: str, value: str) -> None:
    assert (kind, value) in _found(text)


@pytest.mark.parametrize(
    ("text", "kind", "valid"),
    [
        ("统一社会信用代码91350100M000100Y43", "uscc", True),
        ("统一社会信用代码91350100M000100Y44", "uscc", False),
        ("身份证号11010519491231002X", "id_card", True),
        ("身份证号110105194912310021", "id_card", False),
        ("收款卡号6222 0212 3456 7890 128", "bank_card", True),
        ("打U到TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "trc20", True),
        ("打U到TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "trc20", False),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "eth", True),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "eth", False),
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "eth", None),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "btc", True),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "btc", True),
    ],
)
def test_check_digits_are_checked(text: str, kind: str, valid: bool | None) -> None:
    entities = [entity for entity in _entities(text) if entity.kind == kind]
    assert [entity.valid for entity in entities] == [valid]


@pytest.mark.parametrize(
    "text",
    [
        "今天是2024年3月18日，星期一",
        "订单号20240318123456789012",
        "面积120.5平方米，总价98万元",
        "微信支付和支付宝都可以用",
        "qq音乐里有这首歌",
        "第110中学在前面路口",
        "比赛3:2，观众12345人次",
        "圆周率3.14159265358979",
        "有限公司和合作社都是法人",
        "版本号1.2.3-20240101",
    ],
)
def test_ordinary_text_holds_no_personal_contact(text: str) -> None:
    kinds = {kind for kind, _ in _found(text)}
    assert not kinds & {
        "phone",
        "wechat",
        "qq",
        "qq_group",
        "bank_card",
        "id_card",
        "uscc",
        "company",
    }


def test_an_identity_card_is_no_credit_code() -> None:
    assert _found("身份证11010519491231002X") == [("id_card", "11010519491231002X")]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13900001234", "139****1234"),
        ("id_card", "11010519491231002X", "110105**********2X"),
        ("bank_card", "6222021234567890128", "622202*********0128"),
        ("wechat", "13900001234", "139****1234"),
        ("wechat", "hong_li88", "hong_li88"),
        ("company", "某某有限公司", "某某有限公司"),
    ],
)
def test_personal_numbers_are_shown_starred(kind: str, value: str, shown: str) -> None:
    assert mask(Entity(kind, value, value, 0, len(value))) == shown


def test_check_sums_of_known_values() -> None:
    assert is_uscc("91350100M000100Y43")
    assert is_id_card("11010519491231002X")
    assert is_luhn("4111111111111111")
    assert keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0")
    assert is_eip55("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359") is True
