"""Which elements a page's own style sheets hide: those with simple class or id selectors."""

import re

from selectolax.lexbor import LexborHTMLParser

from pipelines.visibility import folded_style, is_hidden

_MAX_CHARS = 300_000
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,4000})\}")
_SIMPLE = re.compile(r"[a-zA-Z0-9]*([.#][\w\u0080-\uffff-]+)")
_WORD = re.compile(r"[\w\u0080-\uffff-]+")
_FEW = 40
_NAME = re.compile(r"[.#][\w\u0080-\uffff-]+")


def hidden_names(tree: LexborHTMLParser) -> frozenset[str]:
    """`.class` and `#id` of what is never shown, as far as the page itself tells.

    A name that another rule or one of the page's scripts speaks of may be shown at any moment and
    is left out, as are rules for some media only.
    """
    sheets = [sheet for node in tree.css("style") if "{" in (sheet := node.text())]
    source = _without_at_rules(_COMMENT.sub(" ", "\n".join(sheets)[:_MAX_CHARS]))
    hidden: set[str] = set()
    spoken_of: set[str] = set()
    for rule in _RULE.finditer(source):
        style = folded_style(rule[2])
        hides = bool(style) and is_hidden({}, style)
        for selector in rule[1].split(","):
            simple = _SIMPLE.fullmatch(selector.strip()) if hides else None
            if simple:
                hidden.add(simple[1])
            elif not hides:
                spoken_of.update(_NAME.findall(selector))
    hidden -= spoken_of
    if not hidden:
        return frozenset()
    scripts = "\n".join(node.text() for node in tree.css("script"))
    if len(hidden) <= _FEW:
        return frozenset(name for name in hidden if name[1:] not in scripts)
    words = set(_WORD.findall(scripts))
    return frozenset(name for name in hidden if name[1:] not in words)


def _without_at_rules(source: str) -> str:
    """`source` without `@media` and its like, whose rules hold only sometimes."""
    kept: list[str] = []
    done = 0
    while (at := source.find("@", done)) >= 0:
        kept.append(source[done:at])
        done = _after_at_rule(source, at)
    return "".join((*kept, source[done:]))


def _after_at_rule(source: str, at: int) -> int:
    depth = 0
    for found in re.finditer(r"[{};]", source[at:]):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth -= 1
        if depth == 0:
            return at + found.end()
    return len(source)
