"""The law that is cited for a hit: which articles apply depends on where the text was found."""

from classifiers.rule_records import Law

# Chat groups, one-to-one messages and meetings are normally no advertisement in the sense of the
# Advertising Law; there the Regulation on illegal fund-raising is what applies.
NOT_ADVERTISING = frozenset({"chat_group", "message", "meeting"})
INSTEAD = "R737-11"


def cite(codes: tuple[str, ...], laws: dict[str, Law], medium: str) -> tuple[str, ...]:
    """Readable citations of the articles that apply to a medium."""
    if medium in NOT_ADVERTISING:
        kept = [code for code in codes if laws[code].route != "advertising"]
        if len(kept) < len(codes) and INSTEAD in laws and INSTEAD not in kept:
            kept.insert(0, INSTEAD)
        codes = tuple(kept)
    return tuple(laws[code].cited(code) for code in codes)
