"""Bytes as they came from a Chinese site → text: what measured best, and never an exception."""

import codecs
import re
from dataclasses import dataclass

_HEAD_BYTES = 4_096
_SAMPLE_BYTES = 65_536
_SAMPLE_CHARS = 3_000
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.+-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,500}", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.+-]{2,40})[\"']")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHINESE = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936", "x-gbk", "chinese", "gb_2312-80"), "gb"),
    **dict.fromkeys(("big5", "big5-hkscs", "big5hkscs", "cp950", "x-x-big5", "big5-eten"), "big5"),
}
_CODECS = {"gb": "gb18030", "big5": "big5hkscs"}
# A page that says one of these while its bytes are no UTF-8 was never told its encoding.
_SAYS_NOTHING = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
# The characters that fill half of any Chinese text, simplified and traditional. Text read in the
# wrong encoding has next to none of them.
_FREQUENT = frozenset(
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其"
    "里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没"
    "公从业本新市理部全城管金月开高工资民合信动产及司理网关报投手机电话区品服务元价线长重保加平台安"
    "這為來個們說國時會後對裡過發當與學進種將還見沒從業開動產網關報機電話區務價線長點間問實現體"
    "及回文品更多第四五六七八九最新被由但使用名東车車門门路女男首頁页北京海南西明水社者入外內内"
    "两兩位次化活相思意想情表特再系統统总總應应该該各處处件版权權所有所以因此登錄录註册設设"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and the codec that made it."""

    text: str
    encoding: str


def decode(body: bytes, content_type: str | None) -> Decoded:
    """`body` as text: byte order mark, UTF-8 if it is valid, declared, best of GB18030 and Big5.

    UTF-8 that is cut in the middle of a character, or has a stray bad byte among many good ones,
    is still UTF-8. Declarations are believed only where the bytes do not contradict them.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(encoding, "replace"), encoding)
    utf8 = _as_utf8(body)
    if utf8 is not None:
        if b"~{" in body and declared_encoding(body, content_type) == "hz":
            return Decoded(body.decode("hz", "replace"), "hz")
        return utf8
    return _as_declared_or_likeliest(body, declared_encoding(body, content_type))


def declared_encoding(body: bytes, content_type: str | None) -> str | None:
    """The Python codec that header, XML declaration or `<meta>` name, None where none is known."""
    head = body[:_HEAD_BYTES]
    for name in _declarations(head, content_type):
        family = _CHINESE.get(name.lower())
        if family:
            return _CODECS[family]
        try:
            return codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
    return None


def _declarations(head: bytes, content_type: str | None) -> list[str]:
    names = []
    header = _CHARSET.search((content_type or "").encode("ascii", "replace"))
    if header:
        names.append(header[1])
    xml = _XML.search(head)
    if xml:
        names.append(xml[1])
    metas = (_CHARSET.search(meta[0]) for meta in _META.finditer(head))
    names.extend(found[1] for found in metas if found)
    return [name.decode("ascii") for name in names]


def _as_utf8(body: bytes) -> Decoded | None:
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        cut_at_end = error.reason == "unexpected end of data" and error.end == len(body)
        if cut_at_end and (error.start > 0 or not body):
            rest = _without_cut(body, error.start)
            if rest is not None:
                return rest
    sample = body[:_SAMPLE_BYTES].decode("utf-8", "replace")
    bad = sample.count("\ufffd")
    good = sum(ch > "\u07ff" for ch in sample) - bad
    if bad and good >= 50 * bad:
        return Decoded(body.decode("utf-8", "replace"), "utf-8")
    return None


def _without_cut(body: bytes, start: int) -> Decoded | None:
    text = body[:start].decode("utf-8")
    # Two or three lone bytes at the end of plain ASCII say as much for GBK as for UTF-8.
    return None if text.isascii() and len(body) - start < 2 else Decoded(text, "utf-8")  # noqa: PLR2004


def _as_declared_or_likeliest(body: bytes, declared: str | None) -> Decoded:
    if body.count(b"\0", 0, _SAMPLE_BYTES) > min(len(body), _SAMPLE_BYTES) // 4:
        encoding = "utf-16-le" if body[1::2].count(0) >= body[::2].count(0) else "utf-16-be"
        return Decoded(body.decode(encoding, "replace"), encoding)
    sample = body[:_SAMPLE_BYTES]
    likely = {codec: likelihood(sample, codec) for codec in _CODECS.values()}
    best = max(likely, key=likely.__getitem__)
    if declared in likely:
        # The declaration counts as a witness; bytes that plainly speak against it overrule it.
        chosen = best if likely[best] > likely[declared] + 0.15 else declared
    elif declared and declared not in _SAYS_NOTHING and _fits(sample, declared):
        chosen = declared
    else:
        chosen = best
    return Decoded(_decoded(body, chosen), chosen)


def _decoded(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return body.decode("latin-1")


def _fits(sample: bytes, codec: str) -> bool:
    try:
        text = sample.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError, TypeError, AssertionError):
        return False
    return isinstance(text, str) and text.count("\ufffd") * 50 <= len(sample)


def likelihood(sample: bytes, codec: str) -> float:
    """How much `sample` reads like Chinese in `codec`: share of frequent characters, less faults.

    Above zero is plausible; real text scores 0.2 to 0.6, text in the wrong encoding below 0.1.
    """
    text = sample.decode(codec, "replace")
    wide = [ch for ch in text if ch > "\x7f"][:_SAMPLE_CHARS]
    if not wide:
        return 0.0
    han = sum("\u4e00" <= ch <= "\u9fff" for ch in wide)
    frequent = sum(ch in _FREQUENT for ch in wide)
    bad = sum(ch == "\ufffd" or "\ue000" <= ch <= "\uf8ff" for ch in wide)
    odd = sum("\u3400" <= ch <= "\u4dbf" or ch > "\uffff" for ch in wide)
    level = sum(_is_everyday(ch, codec) for ch in wide) / len(wide)
    return frequent / max(han, 1) + 0.2 * level - 2 * (bad + odd) / len(wide)


def _is_everyday(ch: str, codec: str) -> bool:
    """Whether `ch` stands in the plane of everyday characters of its double-byte set."""
    try:
        raw = ch.encode(codec)
    except UnicodeEncodeError:
        return False
    if len(raw) != 2:  # noqa: PLR2004 (double-byte sets)
        return False
    if codec == "gb18030":
        return 0xB0 <= raw[0] <= 0xD7 and raw[1] >= 0xA1  # noqa: PLR2004 (GB2312 level 1)
    return 0xA4 <= raw[0] <= 0xC6  # noqa: PLR2004 (Big5 level 1)
