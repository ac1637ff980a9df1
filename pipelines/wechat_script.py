"""What the scripts of a WeChat article assign: names, times, and bodies that stand nowhere else."""

import html
import re
from itertools import islice

_VALUE_CHARS = 4_000
_MAX_PLACES = 40
_BODY_CHARS = 600_000
_LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_STARTS = re.compile(r"\s*(?:htmlDecode|JsDecode|decodeURIComponent)?\s*\(?\s*[\"']")
_NOENCODE = re.compile(r"content_noencode\s*:\s*(?:JsDecode\(\s*)?(?=[\"'])")
_NOTICE = re.compile(r"js_share_notice[\"']\s*\)\s*;?[^;]{0,200}?innerHTML\s*=\s*(?=[\"'])")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "", "t": "\t", "b": "", "f": "", "v": "", "0": ""}
_IMAGES = re.compile(r"cdn_url\s*[:=]\s*(?:JsDecode\(\s*)?[\"']([^\"'\s]{8,2000})[\"']")


def assigned(source: str, *names: str) -> str:
    """The first string that is not empty among what scripts assign to the variables, in order."""
    for name in names:
        pattern = re.compile(
            rf"(?:\bvar\s+|\bwindow\.|\blet\s+|\bconst\s+){re.escape(name)}\s*=(?!=)"
        )
        for found in islice(pattern.finditer(source), _MAX_PLACES):
            text = _first_literal(
                source[found.end() : found.end() + _VALUE_CHARS].split(";\n", 1)[0]
            )
            if text:
                return text
    return ""


def property_of(source: str, name: str) -> str:
    """The first string that is not empty among the values of a data object's property."""
    pattern = re.compile(rf"(?<![\w.$]){re.escape(name)}\s*:(?!:)")
    for found in islice(pattern.finditer(source), _MAX_PLACES):
        text = _first_literal(source[found.end() : found.end() + _VALUE_CHARS], alone=True)
        if text:
            return text
    return ""


def _first_literal(source: str, *, alone: bool = False) -> str:
    """The first filled string literal of the expression that `source` begins with."""
    position = 0
    while _STARTS.match(source, position):
        literal = _LITERAL.search(source, position)
        if literal is None:
            return ""
        text = unescaped(literal[1] if literal[1] is not None else literal[2])
        if text.strip() or alone:
            return text.strip()
        following = re.compile(r"\s*\)?\s*\|\|").match(source, literal.end())
        if following is None:
            return ""
        position = following.end()
    return ""


def unescaped(literal: str) -> str:
    """A script's string literal as text: its escapes, then the HTML entities."""
    return html.unescape(_ESCAPE.sub(_one_escape, literal))


def _one_escape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16))
    return _CONTROLS.get(found[3], found[3])


def script_body(source: str) -> str:
    """The longest `content_noencode`, unescaped but for the HTML in it; "" where there is none."""
    literals = [
        _literal_at(source, found.end())
        for found in islice(_NOENCODE.finditer(source), _MAX_PLACES)
    ]
    longest = max(literals, key=len, default="")
    return _ESCAPE.sub(_one_escape, longest)


def share_notice(source: str) -> str:
    """The HTML that a script puts into a repost's notice: what the account says of the original."""
    found = _NOTICE.search(source)
    return _ESCAPE.sub(_one_escape, _literal_at(source, found.end())) if found else ""


def shared_images(source: str) -> list[str]:
    """The addresses of an image share's pictures."""
    start = source.find("picture_page_info_list")
    if start < 0:
        return []
    found = _IMAGES.finditer(source, start, start + _BODY_CHARS)
    return list(dict.fromkeys(unescaped(one[1]) for one in found))[:200]


def _literal_at(source: str, start: int) -> str:
    literal = _LITERAL.match(source, start, start + _BODY_CHARS)
    if literal is None:
        return ""
    return literal[1] if literal[1] is not None else literal[2]
