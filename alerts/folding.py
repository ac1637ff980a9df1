"""Which findings a digest shows under another one: nearly the same, or a mere pointer to it."""

import re
from collections.abc import Sequence

from core.ledger import Finding
from core.records import Origin

FOLD_SHARE = 0.75
MIN_GRAMS = 16
MIN_LINE_GRAMS = 4
_GRAM = 4
_MAX_CHARS = 4_000
# A link's text and a document's title only repeat what the page they belong to says.
_POINTERS = frozenset({Origin.LINK, Origin.META})
_LINE_ENDS = re.compile(r"[\n_|｜]")

Grams = frozenset[str]


def fold_alike(findings: Sequence[Finding]) -> list[tuple[Finding, tuple[int, ...]]]:
    """Each shown finding, in the given order, with the ids of those that are left out for it."""
    kept: dict[int, tuple[int, Finding, Grams, list[int]]] = {}
    # Pointers come last, so that they find what they point at.
    for at, finding in sorted(enumerate(findings), key=lambda item: (is_pointer(item[1]), item[0])):
        grams = _grams(finding.text)
        home = next((held for held in kept.values() if _alike(grams, held[2])), None)
        if home is None and is_pointer(finding):
            home = _pointed_at(finding, list(kept.values()))
        if home is None:
            kept[finding.id] = (at, finding, grams, [])
        else:
            home[3].append(finding.id)
    shown = sorted(kept.values(), key=lambda held: held[0])
    return [(finding, tuple(folded)) for _, finding, _, folded in shown]


def is_pointer(finding: Finding) -> bool:
    """Whether all that is suspect is the text of links, or of what the page does not show."""
    sources = {hit.source for hit in finding.hits if hit.points > 0} or {finding.source}
    return sources <= _POINTERS


def _pointed_at(
    finding: Finding, kept: Sequence[tuple[int, Finding, Grams, list[int]]]
) -> tuple[int, Finding, Grams, list[int]] | None:
    """The finding that says the pointer's worst line, where all its suspect lines are said."""
    lines = list(dict.fromkeys(_suspect_lines(finding)))
    homes = []
    for grams in map(_grams, lines):
        home = next(
            (held for held in kept if len(grams & held[2]) >= FOLD_SHARE * len(grams)), None
        )
        if len(grams) < MIN_LINE_GRAMS or home is None:
            return None
        homes.append(home)
    return homes[0] if homes else None


def _suspect_lines(finding: Finding) -> list[str]:
    """The lines on which points were given, the strongest first."""
    text = finding.text
    lines = []
    for hit in sorted(finding.hits, key=lambda hit: -hit.points):
        if hit.points > 0:
            before = [found.end() for found in _LINE_ENDS.finditer(text, 0, hit.start)]
            after = _LINE_ENDS.search(text, hit.end)
            lines.append(text[before[-1] if before else 0 : after.start() if after else len(text)])
    return lines


def _grams(text: str) -> Grams:
    """Character 4-grams without digits, Latin letters and spaces, where contacts stand."""
    plain = "".join(char for char in text[:_MAX_CHARS] if char >= "一")
    return frozenset(plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1))


def _alike(one: Grams, other: Grams) -> bool:
    """Whether one text is nearly the other, or nearly stands inside it, as an ad in an article."""
    smaller = min(len(one), len(other))
    return smaller >= MIN_GRAMS and len(one & other) >= FOLD_SHARE * smaller
