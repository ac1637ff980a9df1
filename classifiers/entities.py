"""Contacts, companies, accounts and numbers of a text, checked where they carry a check digit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from classifiers.checkdigits import (
    is_base58check,
    is_bech32,
    is_eip55,
    is_id_card,
    is_luhn,
    is_uscc,
)
from classifiers.normalize import NormalText
from classifiers.shape import Shape
from core.records import Entity

__all__ = ["find_entities", "mask"]

OFFICIAL_HOTLINES = frozenset(
    {"110", "119", "120", "12345", "12315", "12378", "12386", "12363", "96110", "12380", "12388",
     "12337", "12381", "12368", "12348", "12333", "12360", "12393"}
)  # fmt: skip
_HAN_DIGITS = str.maketrans("零〇一二三四五六七八九幺o", "0012345678910")
_D = r"[\d一二三四五六七八九零幺]"
_GAP = r"[ \-.*~_/、·]{0,2}"
_WECHAT_WORDS = r"微信(?:号|公众号)?|威信|v信|v芯|vx|wx|wechat|weixin|徽信|维信|微芯|微心|威心|薇|卫星|绿泡泡|加v|\+v|加微|\+微|加薇|v电|微电|v心|v:|v：|v\+|溦"
_ID = r"[a-z][a-z0-9_\-]{4,19}"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁"
_COMPANY_TAIL = r"(?:股份)?有限(?:责任)?公司|集团(?!军)|合作社|资金互助社|有限合伙|事务所|信息咨询服务部|商行|基金会"
_LEAD = re.compile(
    r"^.*(?:与|和|及|由|为|是|在|向|对|把|将|被|给|找|经|系|即|让|请|从|到|于|以|称|叫|本|该|此|我们|你们|他们|咱们|您|的|了|着|加入|选择|联系|投资于|关注|来自|认准|授权|委托|通过|隶属于)(?=.{4,})"
)
_PRODUCT = re.compile(
    r"[“「『《【\"]([^“”「」『』《》【】\"\n]{2,12}(?:宝|通|赢|链|盈|丰|公社|计划|工程|基金|卡|币|盘|理财|\d{2,3}))[”」』》】\"]"
)
_APP = re.compile(
    r"[“‘「『《\"'【]([^“”‘’「」『』《》【】\"'\n]{2,12})[”’」』》\"'】] ?(?:app|软件|平台(?=上线|下载|注册)|客户端|小程序)"
)


_APP_LOADED = re.compile(r"(?:下载|安装|打开|注册|登录)([一-鿿]{2,8}|[a-z][a-z0-9]{2,15}) ?app")


# What a text must hold: Latin letters, a digit, five of them in a row, apart or not.
_LATIN, _DIGIT, _NUMBER = 1, 2, 4


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of entity: its pattern on the plain text, the group that is the value, its check.

    The pattern is tried only where one of the `needs` stands in the text, and what `holds` says.
    """

    name: str
    holds: int
    needs: tuple[str, ...]
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    tidy: Callable[[str], str] = str.strip


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text.translate(_HAN_DIGITS))


def _upper(text: str) -> str:
    return text.upper()


_WECHAT_NEEDS = ("微", "威", "v", "wx", "we", "徽", "维", "薇", "卫星", "绿泡泡", "溦")
_PHONE_LEAD = "电话|手机|微电|热线|联系|号码|加|微信|❤|心|咨询|拨打|致电"

# In order: what an earlier kind has taken, a later one leaves.
_KINDS = (
    _Kind("url", _LATIN, ("http",), re.compile(r"https?://[a-z0-9.\-]+(?::\d+)?(?:/[^\s，。；、）)》”\"'<>一-鿿]*)?")),
    _Kind("email", _LATIN, ("@",), re.compile(r"(?<![a-z0-9._\-])[a-z0-9._+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,4}")),
    _Kind("telegram", _LATIN, ("t.me", "tg", "电报", "telegram", "飞机"), re.compile(r"(?:t\.me/[a-z0-9_+]{4,32}|(?:tg|电报|telegram|飞机|纸飞机)(?:群|号|:|：|@| ){0,4}@?(?P<v>[a-z][a-z0-9_]{4,31}))")),
    _Kind("whatsapp", _NUMBER, ("wa.me", "whatsapp"), re.compile(r"(?:wa\.me/|whatsapp[:： ]{0,3})\+?(?P<v>\d{7,15})")),
    _Kind("discord", _LATIN, ("discord",), re.compile(r"discord\.(?:gg|com/invite)/(?P<v>[a-z0-9\-]{2,32})")),
    _Kind("uscc", _NUMBER, (), re.compile(r"(?<![a-z0-9])[0-9a-hj-npqrtuwxy]{2}\d{6}[0-9a-hj-npqrtuwxy]{10}(?![a-z0-9])"), is_uscc, _upper),
    _Kind("id_card", _NUMBER, (), re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dx](?![\da-z])"), is_id_card, _upper),
    _Kind("registration", _NUMBER, ("注册号", "税号"), re.compile(r"(?:注册号|税号)[:： ]{0,2}(?P<v>\d{15})(?!\d)")),
    _Kind("fund_filing", _NUMBER, ("登记编", "备案编", "管理人"), re.compile(r"(?<![a-z0-9])p1\d{6}(?!\d)"), None, _upper),
    _Kind("icp", _NUMBER, ("icp",), re.compile(rf"[{_PROVINCES}]icp(?:备|证)? ?\d{{6,10}}号(?:-\d{{1,3}}[a-z]?)?"), None, _upper),
    _Kind("telecom_licence", _NUMBER, ("b2-", "b1-", "a2-", "a1-", "a-", "b-"), re.compile(rf"[{_PROVINCES}]?[ab][12]?-\d{{8}}(?!\d)"), None, _upper),
    _Kind("police_filing", _NUMBER, ("公网安备",), re.compile(rf"[{_PROVINCES}]公网安备 ?\d{{14}}号")),
    _Kind("wechat", _LATIN, _WECHAT_NEEDS, re.compile(rf"(?:{_WECHAT_WORDS})(?:号|群|同号|咨询|联系|私聊|了解|客服|老师|经理)*[^a-z0-9\n。，,；]{{0,5}}(?P<v>{_ID})(?![a-z0-9]*\.[a-z])")),
    _Kind("wechat", _NUMBER, _WECHAT_NEEDS, re.compile(rf"(?:{_WECHAT_WORDS})[^\d\n。，,；一-鿿]{{0,4}}(?P<v>[1一幺]{_GAP}[3-9三四五六七八九](?:{_GAP}{_D}){{9}})(?!{_D})"), None, _digits),
    _Kind("qq_group", _NUMBER, ("群", "裙"), re.compile(rf"(?:qq群|q群|扣群|扣扣群|企鹅群|交流群|群号|电报群|[qq扣企鹅]裙|裙号|[加进入]裙)[^\d\n。，]{{0,4}}?(?P<v>{_D}{{6,11}})(?!{_D})"), None, _digits),
    _Kind("qq", _NUMBER, ("q", "扣扣", "企鹅", "企", "球球", "秋秋", "叩叩"), re.compile(rf"(?:qq|扣扣|企鹅|企|球球|秋秋|叩叩|(?<![a-z])q)[^\d\na-z。，]{{0,4}}?(?P<v>{_D}{{5,11}})(?!{_D})"), None, _digits),
    _Kind("phone", _NUMBER, (), re.compile(rf"(?<![\da-z.\-])(?:\+?86[- ]?)?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?![\d%]|\.\d)"), None, lambda text: _digits(text)[-11:]),
    _Kind("phone", _NUMBER, (), re.compile(rf"(?:{_PHONE_LEAD})[^\d\n。，]{{0,4}}?(?P<v>[1一幺]{_GAP}[3-9三四五六七八九](?:{_GAP}{_D}){{9}})(?!{_D})"), None, _digits),
    _Kind("phone", _NUMBER, (), re.compile(rf"(?<!{_D})(?P<v>[1一幺][3-9三四五六七八九]{_D}{{9}})(?!{_D})"), None, _digits),
    _Kind("landline", _NUMBER, (), re.compile(r"(?<![\d\-])(?:400|800)[- ]?\d{3}[- ]?\d{4}(?!\d)"), None, _digits),
    _Kind("landline", _NUMBER, (), re.compile(r"(?<![\d\-.])(?<!\d )(?:\(0\d{2,3}\) ?|0\d{2,3}[- ]{1,3})(?:\d{7,8}|\d{3,4}[- ]\d{4})(?!\d)"), None, _digits),
    _Kind("social_account", _LATIN, ("抖音", "快手", "小红书", "视频号", "微博", "b站"), re.compile(rf"(?:抖音|快手|小红书|视频号|微博|b站)(?:账?号|id)?[:： @是为]{{1,4}}(?P<v>{_ID})(?![a-z0-9]*\.[a-z])|(?:抖音|快手|小红书)(?:账?号|id)(?P<w>{_ID})")),
    _Kind("official_hotline", _DIGIT, ("110", "12"), re.compile(r"(?<![\d\-])(?:96110|12345|12315|12378|12386|12363|12337|12381|12388|12368|12348|12333|110)(?![\d\-年月日元.%])")),
    _Kind("hotline", _NUMBER, ("95",), re.compile(r"(?<![\d\-])95\d{3}(?![\d年元.%])")),
    _Kind("bank_card", _NUMBER, (), re.compile(r"(?<![\d.])(?:62|4\d|5\d)\d{2}(?: ?\d{4}){2} ?\d{3,4}(?: ?\d{1,3})?(?![\d.])"), is_luhn, _digits),
    _Kind("domain", _LATIN, (".com", ".cn", ".net", ".org", ".top", ".vip", ".cc", ".xyz", ".app", ".io", ".club", ".shop", ".site", ".online", ".info", ".biz"), re.compile(r"(?<![a-z0-9@./\-])(?:[a-z0-9\-]{2,63}\.){1,3}(?:com|cn|net|org|top|vip|cc|xyz|app|io|club|shop|site|online|info|biz)(?![a-z0-9])")),
)  # fmt: skip
_LATIN_RUN = re.compile(r"[A-Za-z0-9]{14}")
_TRC20 = re.compile(r"(?<![A-Za-z0-9])T[1-9A-HJ-NP-Za-km-z]{33}(?![A-Za-z0-9])")
_ETH = re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])")
_BTC = re.compile(
    r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,71})(?![A-Za-z0-9])"
)
_TAIL = re.compile(_COMPANY_TAIL)
_NAME = re.compile(r"[一-鿿a-z0-9（）()]{2,24}$")
_TAIL_ENDS = ("公司", "集团", "合作社", "互助社", "合伙", "事务所", "服务部", "商行", "基金会")


def find_entities(normal: NormalText, shape: Shape) -> tuple[Entity, ...]:
    """All entities of a text in order; the values are normalised, the quotes verbatim."""
    found: list[Entity] = []
    holds = _holds(shape)
    listed = [*_listed(normal, holds), *_names(normal, shape)]
    if holds & _LATIN:
        listed[:0] = _wallets(normal.original)
    if not listed:
        return ()
    taken = bytearray(len(normal.original) + 1)
    for entity in listed:
        if not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
            found.append(entity)
    return tuple(sorted(found, key=lambda entity: (entity.start, entity.end)))


def _holds(shape: Shape) -> int:
    found = 0
    if shape.holds(b"l"):
        found |= _LATIN
    if shape.holds(b"d"):
        found |= _DIGIT
    if shape.has_number:
        found |= _NUMBER
    return found


def _wallets(text: str) -> Iterator[Entity]:
    """Wallet addresses, whose case counts, from the original text."""
    if _LATIN_RUN.search(text) is None:
        return
    for match in _TRC20.finditer(text):
        valid = is_base58check(match[0], (0x41,))
        yield Entity("trc20", match[0], match[0], *match.span(), valid)
    for match in _ETH.finditer(text):
        yield Entity("eth", match[0], match[0], *match.span(), is_eip55(match[0]))
    for match in _BTC.finditer(text):
        if is_bech32(match[0]) or is_base58check(match[0], (0x00, 0x05)):
            # Without its checksum it is any long word.
            yield Entity("btc", match[0], match[0], *match.span(), True)


def _listed(normal: NormalText, holds: int) -> Iterator[Entity]:
    text = normal.text
    for kind in _kinds_for(holds):
        if kind.needs and not any(need in text for need in kind.needs):
            continue
        for match in kind.pattern.finditer(text):
            group = "v" if match.re.groups and match["v"] else 0
            value = kind.tidy(match[group])
            name = _settled_name(kind.name, value, text[max(0, match.start() - 12) : match.start()])
            if name is not None:
                yield _entity(normal, name, value, *match.span(group), kind.check)


@cache
def _kinds_for(holds: int) -> tuple[_Kind, ...]:
    return tuple(kind for kind in _KINDS if kind.holds & holds)


def _settled_name(name: str, value: str, before: str) -> str | None:
    """The kind that a value turns out to be; None where it is too unlike to be listed."""
    match name:
        case "uscc":
            sure = is_uscc(value) or (_USCC_LEAD.search(before) and not is_id_card(value))
            return name if sure else None
        case "id_card":
            return name if is_id_card(value) or "身份证" in before else None
        case "bank_card":
            return name if is_luhn(value) and len(value) >= 16 else None  # noqa: PLR2004
        case "phone":
            return name if len(value) == 11 else None  # noqa: PLR2004
        case "qq" | "qq_group":
            return name if not value.startswith("0") else None
        case "hotline":
            return "official_hotline" if value in OFFICIAL_HOTLINES else name
        case _:
            return name


_USCC_LEAD = re.compile("信用代码|税号|代码[:： ]")


def _names(normal: NormalText, shape: Shape) -> Iterator[Entity]:
    text = normal.text
    reached = 0
    for tail in _TAIL.finditer(text) if any(end in text for end in _TAIL_ENDS) else ():
        name = _NAME.search(text[max(reached, tail.start() - 24) : tail.start()])
        reached = tail.end()
        if name is None:
            continue
        whole = name[0] + tail[0]
        lead = _LEAD.match(whole)
        value = whole[lead.end() if lead else 0 :].lstrip("（()）")
        if len(value) > 4:  # noqa: PLR2004 (a tail with hardly a name is no company)
            yield _entity(normal, "company", value, tail.end() - len(value), tail.end(), None)
    patterns = [("app", _APP_LOADED)] if "app" in text else []
    if shape.holds(b"q"):
        patterns += [("app", _APP), ("product", _PRODUCT)]
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
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


_MOBILE = re.compile(r"1[3-9]\d{9}")
_SHOWN = {"phone": (3, 4), "id_card": (6, 2), "bank_card": (6, 4)}


def mask(entity: Entity) -> str:
    """The value for people: personal numbers with their middle starred."""
    value = entity.value
    kind = "phone" if _MOBILE.fullmatch(value) else entity.kind
    head, tail = _SHOWN.get(kind, (0, 0))
    if not head or len(value) <= head + tail:
        return value
    return f"{value[:head]}{'*' * (len(value) - head - tail)}{value[-tail:]}"
