"""Which character stands for which: script, width, circled and styled forms, look-alikes."""

import re
import unicodedata
from functools import cache

import opencc

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Marks that show nothing: zero-width and direction marks, variation selectors, private use.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ue000-\uf8ff\u0300-\u036f\u20d0-\u20f0"
    "\U000e0001-\U000e007f\U000e0100-\U000e01ef\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)
# What people put between two characters of a word so that a filter does not see it.
DECORATION = "·•・‧∙⋅⊙ˇˉ¨`´^*~_#¦°◆◇●○◎■□▲△▼▽★☆♥♡✦✧✨※†‡§¤卍々^|¬\u2500-\u257f\u2580-\u25ff"

# Han characters and parts that are drawn alike; the key never stands for itself in such a place.
_LOOK_ALIKES = {
    "夲": "本", "歀": "款", "単": "单", "冨": "富", "仹": "丰", "囯": "国", "囻": "国", "亇": "个",
    "徴": "微", "嶶": "微", "溦": "微", "癹": "发", "發": "发", "髙": "高", "戶": "户",
    "収": "收", "囘": "回", "迴": "回", "叧": "另", "恴": "意", "妧": "元", "圎": "元", "厡": "原",
    "祱": "税", "湶": "泉", "伩": "信", "仩": "上", "丅": "下", "亾": "人", "伽": "加",
    "吢": "心", "惢": "心", "⺘": "手", "亽": "人", "兲": "天",
}  # fmt: skip
# A character written as its two halves. The first halves are no words of their own beside these.
_HALVES = {
    "亻": "言信 呆保 壬任 直值 责债 昔借 寸付 匕化 尤优 介价 火伙 牛件 尔你 也他 门们 故做 弋代 木休 咅倍",
    "扌": "殳投 是提 丁打 仓抢 奂换 立拉 隹推 妾接 安按 由抽 戈找 白拍 寺持 召招 甲押 氐抵 斥拆 乇托 巴把 争挣 受授 旦担 彐扫 广扩",
    "讠": "果课 正证 平评 成诚 舌话 青请 旬询 若诺 人认 十计 丁订 上让 己记 殳设 斥诉 式试 隹谁 兑说",
    "氵": "主注 舌活 去法 张涨 每海 青清 原源 也池 工江",
    "钅": "戋钱 艮银 中钟 失铁 同铜 连链 肖销 甫铺 十针 昔错",
    "纟": "工红 屯纯 戋线 且组 合给 冬终 责绩 吉结 卖续 隹维",
    "忄": "夬快 青情 贯惯 生性 白怕",
    "饣": "欠饮 反饭 我饿",
    "礻": "土社 申神 畐福 羊祥 兄祝",
    "衤": "卜补 刀初 皮被",
    "犭": "虫独 句狗 者猪",
    "阝": "艮限 日阳 介阶 示际",
    "禾": "口和 且租 兑税 急稳 厶私 刂利 呈程 必秘",
    "贝": "才财 勾购 占贴 曾赠 兼赚 长账 反贩",
    "月": "殳股",
    "木": "又权 几机 示标",
    "王": "见现",
    "石": "马码 广矿",
    "足": "各路 艮跟",
    "耳": "关联",
    "力": "口加",
    "女": "口如",
    "占": "戈战",
    "古": "攵故",
    "正": "攵政",
    "交": "攵效",
    "至": "刂到",
    "青": "争静",
    "且": "力助",
    "云": "力动",
    "者": "阝都",
    "咅": "阝部",
    "斤": "欠欣",
}
SPLIT_GLYPHS = {
    first + pair[0]: pair[1] for first, pairs in _HALVES.items() for pair in pairs.split()
}
_LATIN_LOOK_ALIKES = dict(
    zip("аеорсухівнкмтѕјԁɡοανρτυικ", "aeopcyxibhkmtsjdgoavptuik", strict=True)
)
_SIGNS = {
    "℅": "%", "🧧": "红",      "🈷": "月",
    "➕": "+", "✚": "+", "🞣": "+", "﹢": "+", "∕": "/", "⁄": "/", "﹪": "%", "٪": "%", "🐧": "企",
    "〇": "0", "\u3000": " ", "\u00a0": " ", "\u2003": " ", "\u2002": " ",
    "\u2009": " ", "\u202f": " ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " ",
    "\x0b": " ", "\x0c": "\n", "﹐": "，", "﹑": "、", "﹔": "；", "﹗": "！", "﹖": "？", "｡": "。",
}  # fmt: skip
# Pictures for characters, where the one before leaves no doubt: 微❤, 赚💰.
PICTURES = {
    "心": ("[微威薇维徽溦v爱关安放核中]", "❤♥💗💓💖💕"),
    "钱": ("[赚挣省花给收投存拿有]", "💰💵💴"),
}
_KEPT_WIDE = frozenset("！（），：；？～［］｛｝＂＇")


@cache
def glyph_table() -> dict[int, str]:
    """For `str.translate`: each character to the one it stands for. Never changes the length."""
    table = dict(_simplified())
    for code in (*range(0x2000, 0x2BFF), *range(0x2E80, 0x2FE0), *range(0x3200, 0x33FF),
                 *range(0xF900, 0xFAFF), *range(0xFE30, 0xFFEF),
                 *range(0x1D400, 0x1D800), *range(0x1F100, 0x1F260), 0x00B2, 0x00B3, 0x00B9):  # fmt: skip
        char = chr(code)
        plain = _plain(char)
        if plain and plain != char:
            table[code] = plain
    for start, first in ((0x2776, 1), (0x2780, 1), (0x278A, 1), (0x24F5, 1)):
        table.update({start + step: str(first + step) for step in range(9)})
    table[0x24FF] = "0"
    table[0x1F10B] = table[0x1F10C] = "0"
    for start in (0x1F150, 0x1F170, 0x1F130):  # circled and squared letters that NFKC leaves
        table.update({start + step: chr(ord("a") + step) for step in range(26)})
    table.update({ord(char): plain for char, plain in _accented().items()})
    for group in (foreign_forms(), _LATIN_LOOK_ALIKES, _LOOK_ALIKES, _SIGNS):
        table.update({ord(char): plain for char, plain in group.items()})
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    return table


@cache
def look_alikes() -> frozenset[str]:
    """Characters that nobody writes but to be read as another one."""
    return frozenset((*foreign_forms(), *_LOOK_ALIKES, *_LATIN_LOOK_ALIKES, "🈷"))


@cache
def foreign_forms() -> dict[str, str]:
    """Japanese and regional forms that no simplified text uses, each with the simplified one."""
    to_simplified = opencc.OpenCC("t2s")
    found: dict[str, str] = {}
    chars = [char for char in map(chr, range(0x3400, 0xA000)) if not is_common(char)]
    lines = "\n".join(chars)
    for name in ("jp2t", "hk2t", "tw2t"):
        plain = to_simplified.convert(opencc.OpenCC(name).convert(lines)).split("\n")
        for char, form in zip(chars, plain, strict=True):
            if len(form) == 1 and form not in {char, _simplified().get(ord(char))}:
                found.setdefault(char, form)
    return {char: form for char, form in found.items() if ord(char) not in _simplified()}


def is_common(char: str) -> bool:
    """Whether the simplified standard of 1980 has the character."""
    return char in common_chars()


@cache
def common_chars() -> frozenset[str]:
    """ASCII and all characters of the simplified standard of 1980."""
    high, low = range(0xA1, 0xFF), range(0xA1, 0xFF)
    pairs = (bytes((first, second)) for first in high for second in low)
    known = (pair.decode("gb2312", "ignore") for pair in pairs)
    return frozenset((*map(chr, range(0x80)), *filter(None, known)))


@cache
def _accented() -> dict[str, str]:
    """Vowels with tone marks, as pinyin has them, and other accented Latin letters."""
    chars = map(chr, (*range(0xC0, 0x180), *range(0x1CD, 0x1DD)))
    plain = {char: unicodedata.normalize("NFD", char)[0].lower() for char in chars}
    return {char: letter for char, letter in plain.items() if letter.isascii()}


@cache
def traditional_chars() -> frozenset[str]:
    """Characters of the traditional script that the simplified one writes otherwise."""
    return frozenset(map(chr, _simplified()))


@cache
def _simplified() -> dict[int, str]:
    chars = [*map(chr, range(0x3400, 0x4DC0)), *map(chr, range(0x4E00, 0xA000))]
    lines = opencc.OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {
        ord(char): plain
        for char, plain in zip(chars, lines, strict=True)
        if plain != char and len(plain) == 1
    }


def _plain(char: str) -> str | None:
    """The compatibility form where it is one character that is no Chinese punctuation."""
    if char in _KEPT_WIDE:
        return None
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) > 1:
        plain = re.sub(r"[().,〔〕]", "", plain)
    if len(plain) != 1 or plain.isspace():
        return None
    plain = plain.lower()
    plain = _simplified().get(ord(plain), plain)
    return plain if len(plain) == 1 else None
