"""What a reader does not see of an element: told by its own attributes, as far as they go."""

import re

_SPACE = re.compile(r"\s+")
_HIDING = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|content-visibility:hidden"
    r"|text-indent:-\d{3,}|(?:left|top|margin-left|margin-top):-\d{4,}"
    r"|clip:rect\((?:0|1px)|clip-path:inset\((?:50|100)%)"
)
_ZERO_SIZE = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|em|rem|%|pt)?(?=[;!]|$)")
_CLIPPED = re.compile(r"(?:^|;)overflow(?:-[xy])?:hidden")
_FONT_SIZE = re.compile(r"(?:^|;)font(?:-size)?:[^;]*?(?<![\d.])(\d*\.?\d+)(?:px|pt|em|rem|%|vw)?")
_DISPLAY = re.compile(r"(?:^|;)display:([a-z-]+)")
# WeChat serves its articles invisible and shows them by script.
_SHOWN_BY_SCRIPT = frozenset({"js_content", "img-content", "js_article", "page-content"})
_MAX_STYLE = 2_000
_TOO_SMALL = 2.0


def folded_style(style: str | None) -> str:
    """The beginning of a style attribute in lower case without white space."""
    return _SPACE.sub("", style[:_MAX_STYLE]).lower() if style else ""


def is_hidden(attributes: dict[str, str | None], style: str) -> bool:
    """Whether the element and all inside it is invisible; `style` is folded."""
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if not style:
        return False
    if _HIDING.search(style):
        return "display:none" in style or attributes.get("id") not in _SHOWN_BY_SCRIPT
    return bool(_CLIPPED.search(style) and _ZERO_SIZE.search(style))


def font_is_unreadable(style: str, inherited: bool) -> bool:
    """Whether text directly in the element is drawn too small to be seen."""
    if "font" not in style:
        return inherited
    size = _FONT_SIZE.search(style)
    if size is None:
        return inherited
    number = float(size[1])
    relative = style[size.end(1) : size.end(1) + 3].startswith(("em", "rem", "%", "vw"))
    return number == 0 if relative else number < _TOO_SMALL


def display_of(style: str) -> str:
    """The `display` that a folded style sets, "" where it sets none."""
    if "display:" not in style:
        return ""
    found = _DISPLAY.search(style)
    return found[1] if found else ""
