"""How many saved files are decoded right from their bytes alone."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from spiders.decode import decode

_RIGHT = 0.98


def is_right(found: str, truth: str) -> bool:
    """Whether at least 98 % of the Han characters stand in their place, or are nearly the same."""
    ours, wanted = _han(found), _han(truth)
    if not wanted:
        return not ours
    placed = sum(a == b for a, b in zip(ours, wanted, strict=False))
    if placed >= _RIGHT * max(len(ours), len(wanted)):
        return True
    common = (Counter(ours) & Counter(wanted)).total()
    return common >= _RIGHT * max(len(ours), len(wanted))


def _han(text: str) -> list[str]:
    return [ch for ch in text if "\u3400" <= ch <= "\u9fff"]


def share_right(pairs: Iterable[tuple[bytes, str]]) -> float | None:
    """Share of the bodies that are decoded to their text; None without any."""
    checks = [is_right(decode(body, None).text, truth) for body, truth in pairs]
    return sum(checks) / len(checks) if checks else None


def decoding_figures(data: Path) -> dict[str, float]:
    """Shares by kind of file, as far as the folder has such files."""
    manifest = (data / "manifest.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in manifest.splitlines()]
    rows = [row for row in rows if row["kind"] != "gold" and row["file"].endswith(("html", "xml"))]
    bodies = {row["file"]: (data / row["file"]).read_bytes() for row in rows}
    legacy = [row["file"] for row in rows if row["file"].startswith("charset/")]
    big5 = [file for file in legacy if "big5" in file.lower()]
    gb = [file for file in legacy if file not in big5]
    utf8 = [row for row in rows if row["file"] not in legacy and row["encoding"] == "utf-8"]
    lying = [r["file"] for r in utf8 if str(r["meta_charset"]).lower().startswith("gb")]
    honest = [row["file"] for row in utf8 if row["file"] not in lying]
    lied = [bodies[file].decode() for file in lying]
    recoded = [text.replace("\ufffd", "?").encode("gb18030", "replace") for text in lied]
    found = {
        "decoded_gb": share_right((bodies[f], bodies[f].decode("gb18030", "replace")) for f in gb),
        "decoded_big5": share_right(
            (bodies[f], bodies[f].decode("big5hkscs", "replace")) for f in big5
        ),
        "decoded_utf8_that_says_gb": share_right((bodies[f], bodies[f].decode()) for f in lying),
        "decoded_the_same_in_gb": share_right(zip(recoded, lied, strict=True)),
        "decoded_honest_utf8": share_right((bodies[f], bodies[f].decode()) for f in honest),
    }
    return {name: share for name, share in found.items() if share is not None}
