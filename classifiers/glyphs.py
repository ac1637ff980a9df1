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
SPLIT_GLYPHS = {"亻言": "信", "木又": "权", "贝才": "财", "讠果": "课", "扌殳": "投", "禾口": "和"}
_LATIN_LOOK_ALIKES = dict(
    zip("аеорсухівнкмтѕјԁɡοανρτυικ", "aeopcyxibhkmtsjdgoavptuik", strict=True)
)
_SIGNS = {
    "❤": "心", "♥": "心", "💗": "心", "💓": "心", "💖": "心", "💰": "钱", "💵": "钱", "🈷": "月",
    "➕": "+", "✚": "+", "🞣": "+", "﹢": "+", "∕": "/", "⁄": "/", "﹪": "%", "٪": "%", "🐧": "企",
    "〇": "0", "\u3000": " ", "\u00a0": " ", "\u2003": " ", "\u2002": " ",
    "\u2009": " ", "\u202f": " ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " ",
    "\x0b": " ", "\x0c": "\n", "﹐": "，", "﹑": "、", "﹔": "；", "﹗": "！", "﹖": "？", "｡": "。",
}  # fmt: skip
_KEPT_WIDE = frozenset("！（），：；？～［］｛｝＂＇")


@cache
def glyph_table() -> dict[int, str]:
    """For `str.translate`: each character to the one it stands for. Never changes the length."""
    table = dict(_simplified())
    for code in (*range(0x2000, 0x2BFF), *range(0x3200, 0x33FF), *range(0xFE30, 0xFFEF),
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
    for group in (_LATIN_LOOK_ALIKES, _LOOK_ALIKES, _SIGNS):
        table.update({ord(char): plain for char, plain in group.items()})
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    return table


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
