"""Recall and false alarms after texts are disguised, kind by kind, by a seeded generator.

The disguises come from general data: homophones from pypinyin's readings, script from OpenCC,
styled characters from Unicode. Nothing is taken from what the normaliser knows. A text counts as
flagged from level medium on; innocent texts must not be flagged for being odd.
"""

import argparse
import json
import random
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import jieba
import opencc
from pypinyin import Style, lazy_pinyin, pinyin

from benchmarks.labelled import SHARED, read_rows
from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook
from core.records import Level

HERE = Path(__file__).resolve().parent
SEED = 20_260_101
MOST_FALL, MOST_ALARMS = 3.0, 2.0  # points that recall may fall and false alarms may rise
HAN_FIRST, HAN_LAST = "\u4e00", "\u9fff"
Disguise = Callable[[str, random.Random], str]


def is_han(char: str) -> bool:
    return HAN_FIRST <= char <= HAN_LAST


@cache
def homophones() -> dict[str, list[str]]:
    """Common characters by their reading with its tone."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in range(ord(HAN_FIRST), ord(HAN_LAST) + 1):
        char = chr(code)
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        found[pinyin(char, style=Style.TONE3)[0][0]].append(char)
    return found


@cache
def rare_characters() -> dict[str, list[str]]:
    """Rare characters (outside GB 2312, and no traditional form) by their reading without tone."""
    found: dict[str, list[str]] = defaultdict(list)
    simplified = opencc.OpenCC("t2s")
    for code in range(ord(HAN_FIRST), ord(HAN_LAST) + 1):
        char = chr(code)
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            if simplified.convert(char) == char:
                found[lazy_pinyin(char)[0]].append(char)
    return found


def _some_words(text: str, rng: random.Random, change: Callable[[str], str], share: float) -> str:
    """The text with a share of its Han words of two or more characters changed."""
    words = []
    for word in jieba.cut(text):
        hide = len(word) > 1 and all(map(is_han, word)) and rng.random() < share
        words.append(change(word) if hide else word)
    return "".join(words)


def _one_char(word: str, rng: random.Random, change: Callable[[str], str]) -> str:
    at = rng.randrange(len(word))
    return word[:at] + change(word[at]) + word[at + 1 :]


def by_homophone(text: str, rng: random.Random) -> str:
    def change(char: str) -> str:
        choices = homophones()[pinyin(char, style=Style.TONE3)[0][0]]
        return rng.choice(choices) if choices else char

    return _some_words(text, rng, lambda word: _one_char(word, rng, change), 0.3)


def by_rare_character(text: str, rng: random.Random) -> str:
    def change(char: str) -> str:
        choices = rare_characters()[lazy_pinyin(char)[0]]
        return rng.choice(choices) if choices else char

    return _some_words(text, rng, lambda word: _one_char(word, rng, change), 0.3)


def by_pinyin(text: str, rng: random.Random) -> str:
    def change(char: str) -> str:
        spoken = str(lazy_pinyin(char)[0])
        return rng.choice([spoken, spoken.upper(), spoken.title()])

    return _some_words(text, rng, lambda word: _one_char(word, rng, change), 0.3)


def by_symbol(text: str, rng: random.Random) -> str:
    mark = rng.choice(["·", "*", "★", "/", "-", "|", "~", "♥", "^", "_", "🔥", "✨", "…", "#"])
    return _some_words(text, rng, mark.join, 0.5)


def by_space(text: str, rng: random.Random) -> str:
    gap = rng.choice([" ", "  ", "\u3000"])
    if rng.random() < 0.5:
        return _some_words(text, rng, gap.join, 0.5)
    return gap.join(text)


def by_zero_width(text: str, rng: random.Random) -> str:
    mark = rng.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad")
    return "".join(char + (mark if rng.random() < 0.4 else "") for char in text)


def by_line_break(text: str, rng: random.Random) -> str:
    """Hard wraps at a fixed width, as text recognition leaves them."""
    width = rng.randint(6, 18)
    return "\n".join(
        line[at : at + width] for line in text.split("\n") for at in range(0, len(line), width)
    )


def by_vertical(text: str, _rng: random.Random) -> str:
    return "\n".join(char for char in text if not char.isspace())


def by_traditional(text: str, rng: random.Random) -> str:
    table = opencc.OpenCC(rng.choice(["s2t", "s2tw", "s2hk"]))
    if rng.random() < 0.5:
        return str(table.convert(text))
    return _some_words(text, rng, table.convert, 0.4)


def by_full_width(text: str, _rng: random.Random) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def by_digit(text: str, rng: random.Random) -> str:
    """Digits of another set, one set a text."""
    sets = [
        "０１２３４５６７８９",
        "⓪①②③④⑤⑥⑦⑧⑨",
        "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
        "⁰¹²³⁴⁵⁶⁷⁸⁹",
        "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
        "⓿❶❷❸❹❺❻❼❽❾",
    ]
    chosen = rng.choice([*sets, ""])
    if not chosen:
        return "".join(
            f"{char}\ufe0f\u20e3" if char.isascii() and char.isdigit() else char for char in text
        )
    return text.translate({ord(str(value)): char for value, char in enumerate(chosen)})


def by_styled_letter(text: str, rng: random.Random) -> str:
    first = rng.choice([0x1D400, 0x1D5D4, 0x1D670, 0xFF21, 0x24B6])
    return "".join(
        chr(first + ord(char.upper()) - 65) if char.isascii() and char.isalpha() else char
        for char in text
    )


DISGUISES: dict[str, Disguise] = {
    "homophone": by_homophone,
    "rare_character": by_rare_character,
    "pinyin": by_pinyin,
    "symbol": by_symbol,
    "space": by_space,
    "zero_width": by_zero_width,
    "line_break": by_line_break,
    "vertical": by_vertical,
    "traditional": by_traditional,
    "full_width": by_full_width,
    "digit": by_digit,
    "styled_letter": by_styled_letter,
}


def combined(text: str, rng: random.Random) -> str:
    """Two kinds at once, words first, marks after."""
    first = rng.choice(["homophone", "rare_character", "pinyin", "traditional"])
    second = rng.choice(["symbol", "space", "zero_width", "digit", "line_break"])
    return DISGUISES[second](DISGUISES[first](text, rng), rng)


def sampled(rows: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """At most so many rows a label, the same ones in every run."""
    rng = random.Random(SEED)
    rng.shuffle(rows)
    return [
        row
        for label in ("positive", "negative")
        for row in [one for one in rows if one[0] == label][:most]
    ]


def texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """(label, text) of the positives and innocents that are not disguised already."""
    for path in paths:
        for row in read_rows(path):
            if row["label"] != "borderline" and not row.get("evasion"):
                yield row["label"], unicodedata.normalize("NFC", row["text"])


def is_flagged(text: str) -> bool:
    return assess_text(text, load_rulebook()).level >= Level.MEDIUM


def default_paths() -> list[Path]:
    return [*sorted(SHARED.glob("authored*.jsonl")), *sorted((HERE / "texts").glob("*.jsonl"))]


def measure(
    rows: list[tuple[str, str]], jobs: int, show: int, only: list[str] | None
) -> dict[str, dict[str, float]]:
    kinds = {
        kind: find
        for kind, find in {**DISGUISES, "combined": combined}.items()
        if not only or kind in only
    }
    figures: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(jobs) as pool:
        clean = list(pool.map(is_flagged, (text for _, text in rows), chunksize=20))
        for kind, disguise in kinds.items():
            rng = random.Random(f"{SEED}-{kind}")
            hidden = [disguise(text, rng) for _, text in rows]
            after = list(pool.map(is_flagged, hidden, chunksize=20))
            figures[kind] = _compare([label for label, _ in rows], clean, after)
            print(_line(kind, figures[kind]), flush=True)
            _examples(rows, hidden, clean, after, show)
    return figures


def _compare(labels: list[str], clean: list[bool], after: list[bool]) -> dict[str, float]:
    def share(label: str, flags: list[bool]) -> float:
        chosen = [flag for one, flag in zip(labels, flags, strict=True) if one == label]
        return 100 * sum(chosen) / max(len(chosen), 1)

    return {
        "recall_clean": share("positive", clean),
        "recall": share("positive", after),
        "alarms_clean": share("negative", clean),
        "alarms": share("negative", after),
    }


def _line(kind: str, found: dict[str, float]) -> str:
    return (
        f"{kind:16} recall {found['recall_clean']:5.1f} -> {found['recall']:5.1f}   "
        f"false alarms {found['alarms_clean']:4.1f} -> {found['alarms']:4.1f}"
    )


def _examples(
    rows: list[tuple[str, str]], hidden: list[str], clean: list[bool], after: list[bool], most: int
) -> None:
    """The first texts that were found clean and are missed disguised, or the other way about."""
    changed = [
        (label, text)
        for (label, _), text, before, now in zip(rows, hidden, clean, after, strict=True)
        if before == (label == "positive") and now != before
    ]
    for label, text in changed[:most]:
        print(f"    {label}: {' '.join(text.split())[:160]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="*", help="JSONL files of labelled texts")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show N a kind")
    parser.add_argument("--sample", type=int, default=1_000, metavar="N", help="rows a label")
    parser.add_argument("--kinds", nargs="*", choices=[*DISGUISES, "combined"])
    options = parser.parse_args()
    paths = options.data or default_paths()
    if not paths:
        print("no labelled texts are here; name some with --data", file=sys.stderr)
        return 2
    rows = sampled(list(texts(paths)), options.sample)
    figures = measure(rows, options.jobs, options.errors, options.kinds)
    falls = {kind: found["recall_clean"] - found["recall"] for kind, found in figures.items()}
    rises = {kind: found["alarms"] - found["alarms_clean"] for kind, found in figures.items()}
    print(json.dumps({"evasion_recall_fall": round(max(falls.values()), 2),
                      "evasion_alarm_rise": round(max(rises.values()), 2)}))  # fmt: skip
    return 1 if max(falls.values()) > MOST_FALL or max(rises.values()) > MOST_ALARMS else 0


if __name__ == "__main__":
    sys.exit(main())
