"""Contacts, companies, accounts and numbers of a text, checked where they carry a check digit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifiers.checkdigits import is_base58check, is_bech32, is_id_card, is_luhn, is_uscc
from classifiers.normalize import NormalText
from core.records import Entity

__all__ = ["find_entities", "mask"]

OFFICIAL_HOTLINES = frozenset(
    {"110", "119", "120", "12345", "12315", "12378", "12386", "12363", "96110", "12380", "12388",
     "12337", "12381", "12368", "12348", "12333", "12360", "12393"}
)  # fmt: skip
_HAN_DIGITS = str.maketrans("零〇一二三四五六七八九幺o", "0012345678910")
_D = r"[\d一二三四五六七八九零〇幺]"
_GAP = r"[ \-.*~_/、·]{0,2}"
_WECHAT_WORDS = r"微信(?:号|公众号)?|威信|v信|vx|wx|wechat|weixin|徽信|维信|微芯|微心|威心|薇|卫星|绿泡泡|加v|\+v|加微|\+微|加薇|v电|微电|v心|v:|v：|v\+"
_ID = r"[a-z][a-z0-9_\-]{4,19}"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁"
_COMPANY_TAIL = r"(?:股份)?有限(?:责任)?公司|集团(?!军)|合作社|资金互助社|有限合伙|事务所|信息咨询服务部|商行|基金会"
_LEAD = re.compile(
    r"^.*(?:与|和|及|由|为|是|在|向|对|把|将|被|给|找|经|系|即|让|请|从|到|于|以|称|叫|本|该|此|我们|你们|他们|咱们|您|的|了|着|加入|选择|联系|投资于|关注|来自|认准|授权|委托|通过|隶属于)(?=.{4,})"
)
_PRODUCT = re.compile(
    r"[“「『《【\"]([^“”「」『』《》【】\"\n]{2,12}(?:宝|通|赢|链|盈|丰|公社|计划|工程|基金|卡|币|盘|理财|\d{2,3}))[”」』》】\"]"
)
_APP = re.compile(r"[“「『《\"]([^“”「」『』《》\"\n]{2,12})[”」』》\"] ?(?:app|客户端|小程序)")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of entity: its pattern on the plain text, the group that is the value, its check."""

    name: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    tidy: Callable[[str], str] = str.strip


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text.translate(_HAN_DIGITS))


def _upper(text: str) -> str:
    return text.upper()


# In order: what an earlier kind has taken, a later one leaves.
_KINDS = (
    _Kind("url", re.compile(r"https?://[a-z0-9.\-]+(?::\d+)?(?:/[^\s，。；、）)》”\"'<>一-鿿]*)?")),
    _Kind("email", re.compile(r"(?<![a-z0-9._\-])[a-z0-9._+\-]+@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+")),
    _Kind("telegram", re.compile(r"(?:t\.me/[a-z0-9_+]{4,32}|(?:tg|电报|telegram|飞机|纸飞机)(?:群|号|:|：|@| )*@?[a-z][a-z0-9_]{4,31})")),
    _Kind("eth", re.compile(r"(?<![a-z0-9])0x[0-9a-f]{40}(?![a-z0-9])")),
    _Kind("uscc", re.compile(r"(?<![a-z0-9])[0-9a-hj-npqrtuwxy]{2}\d{6}[0-9a-hj-npqrtuwxy]{10}(?![a-z0-9])"), is_uscc, _upper),
    _Kind("id_card", re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dx](?![\da-z])"), is_id_card, _upper),
    _Kind("icp", re.compile(rf"[{_PROVINCES}]icp(?:备|证)? ?\d{{6,10}}号(?:-\d{{1,3}}[a-z]?)?"), None, _upper),
    _Kind("telecom_licence", re.compile(rf"[{_PROVINCES}]?[ab]2?-\d{{8}}"), None, _upper),
    _Kind("police_filing", re.compile(rf"[{_PROVINCES}]公网安备 ?\d{{14}}号")),
    _Kind("wechat", re.compile(rf"(?:{_WECHAT_WORDS})(?:号|群|同号|咨询|联系|私聊|了解|客服|老师|经理)*[^a-z0-9\n。，,；]{{0,5}}(?P<v>{_ID})(?![a-z0-9]*\.[a-z])")),
    _Kind("wechat", re.compile(rf"(?:{_WECHAT_WORDS})[^\d\n。，,；一-鿿]{{0,4}}(?P<v>1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!\d)"), None, _digits),
    _Kind("qq_group", re.compile(r"(?:qq群|q群|扣群|企鹅群|交流群|群号|电报群)[^\d\n。，]{0,4}(?P<v>[1-9]\d{5,10})(?!\d)")),
    _Kind("qq", re.compile(r"(?:qq|扣扣|企鹅|企|球球|秋秋|叩叩|(?<![a-z])q)[^\d\na-z。，]{0,4}(?P<v>[1-9]\d{4,10})(?!\d)")),
    _Kind("phone", re.compile(rf"(?<![\da-z.\-])(?:\+?86[- ]?)?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?![\d%]|\.\d)"), None, lambda text: _digits(text)[-11:]),
    _Kind("phone", re.compile(rf"(?:电话|手机|微电|热线|联系|号码|加|微信|❤|心)[^\d\n。，]{{0,4}}(?P<v>[1一幺]{_GAP}[3-9三四五六七八九](?:{_GAP}{_D}){{9}})(?!{_D})"), None, _digits),
    _Kind("landline", re.compile(r"(?<![\d\-])(?:400|800)[- ]?\d{3}[- ]?\d{4}(?!\d)"), None, _digits),
    _Kind("landline", re.compile(r"(?<![\d\-.])0\d{2,3}[- ]\d{7,8}(?!\d)"), None, _digits),
    _Kind("official_hotline", re.compile(r"(?<![\d\-])(?:96110|12345|12315|12378|12386|12363|12337|12381|12388|12368|12348|12333|110)(?![\d\-年月日元.%])")),
    _Kind("hotline", re.compile(r"(?<![\d\-])95\d{3}(?![\d年元.%])")),
    _Kind("bank_card", re.compile(r"(?<![\d.])(?:62|4|5)\d{3} ?\d{4} ?\d{4} ?\d{3,4}(?: ?\d{1,3})?(?![\d.])"), is_luhn, _digits),
    _Kind("domain", re.compile(r"(?<![a-z0-9@./\-])(?:[a-z0-9\-]{2,63}\.){1,3}(?:com|cn|net|org|top|vip|cc|xyz|app|io|club|shop|site|online|info|biz)(?![a-z0-9])")),
)  # fmt: skip
_TRC20 = re.compile(r"(?<![A-Za-z0-9])T[1-9A-HJ-NP-Za-km-z]{33}(?![A-Za-z0-9])")
_BTC = re.compile(
    r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,71})(?![A-Za-z0-9])"
)
_COMPANY = re.compile(rf"[一-鿿a-z0-9（）()]{{2,24}}?(?:{_COMPANY_TAIL})")


def find_entities(normal: NormalText) -> tuple[Entity, ...]:
    """All entities of a text in order; the values are normalised, the quotes verbatim."""
    taken = bytearray(len(normal.original) + 1)
    found: list[Entity] = []
    for entity in (*_wallets(normal.original), *_listed(normal), *_names(normal)):
        if not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
            found.append(entity)
    return tuple(sorted(found, key=lambda entity: (entity.start, entity.end)))


def _wallets(text: str) -> Iterator[Entity]:
    """Wallet addresses, whose case counts, from the original text."""
    for match in _TRC20.finditer(text):
        valid = is_base58check(match[0], (0x41,))
        yield Entity("trc20", match[0], match[0], *match.span(), valid)
    for match in _BTC.finditer(text):
        valid = is_bech32(match[0]) or is_base58check(match[0], (0x00, 0x05))
        if valid:  # without its checksum it is any long word
            yield Entity("btc", match[0], match[0], *match.span(), valid)


def _listed(normal: NormalText) -> Iterator[Entity]:
    for kind in _KINDS:
        for match in kind.pattern.finditer(normal.text):
            group = "v" if "v" in match.groupdict() else 0
            value = kind.tidy(match[group])
            name = kind.name
            if name == "bank_card" and not (is_luhn(value) and len(value) >= 16):  # noqa: PLR2004
                continue
            if name == "phone" and len(value) != 11:  # noqa: PLR2004
                continue
            if name == "hotline" and value in OFFICIAL_HOTLINES:
                name = "official_hotline"
            yield _entity(normal, name, value, *match.span(group), kind.check)


def _names(normal: NormalText) -> Iterator[Entity]:
    for match in _COMPANY.finditer(normal.text):
        start = match.start()
        lead = _LEAD.match(match[0])
        if lead:
            start += lead.end()
        value = normal.text[start : match.end()].lstrip("（()）")
        start = match.end() - len(value)
        if len(value) > 4:  # noqa: PLR2004 (a tail with hardly a name is no company)
            yield _entity(normal, "company", value, start, match.end(), None)
    for kind, pattern in (("app", _APP), ("product", _PRODUCT)):
        for match in pattern.finditer(normal.text):
            yield _entity(normal, kind, match[1], *match.span(1), None)


def _entity(  # noqa: PLR0917 (an entity's fields in their order)
    normal: NormalText,
    kind: str,
    value: str,
    start: int,
    end: int,
    check: Callable[[str], bool] | None,
) -> Entity:
    low, high = normal.span(start, end)
    quote = normal.original[low:high]
    return Entity(kind, value, quote, low, high, check(value) if check else None)


_SHOWN = {"phone": (3, 4), "id_card": (6, 2), "bank_card": (6, 4)}


def mask(entity: Entity) -> str:
    """The value for people: personal numbers with their middle starred."""
    head, tail = _SHOWN.get(entity.kind, (0, 0))
    value = entity.value
    if not head or len(value) <= head + tail:
        return value
    return f"{value[:head]}{'*' * (len(value) - head - tail)}{value[-tail:]}"
