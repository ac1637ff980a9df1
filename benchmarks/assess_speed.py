"""Speed of `assess_text` as ratios in one process and one run.

The text is mixed, at least 5 MB of which 2 % is suspect: labelled texts where they are present,
else made up from the rulebook's own examples. Compared with a bare automaton over the same words,
with jieba's segmentation and, where they are installed, with flashtext and pyahocorasick.
"""

import argparse
import importlib
import json
import random
import time
from collections.abc import Callable, Iterable

import ahocorasick_rs
import jieba

from benchmarks.labelled import SHARED, read_rows
from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook

SEED = 7
WANTED_BYTES = 5_000_000
WARMING_BYTES = (
    300_000  # read before the clock runs: tables and automata are built when first needed
)
SUSPECT_SHARE = 0.02
SHORT, LONG = 350, 350_000  # characters: about 1 kB and 1 MB of Chinese in UTF-8
JIEBA_SHARE = 0.1  # the slow rivals read a part: their cost a character does not depend on length


def own_texts() -> tuple[list[str], list[str]]:
    """Suspect and innocent texts without any data: the rules' examples and counterexamples."""
    rules = load_rulebook().rules
    suspect = [text for rule in rules for text in rule.examples]
    innocent = [text for rule in rules for text in rule.counterexamples]
    return suspect, innocent


def labelled_texts() -> tuple[list[str], list[str]]:
    """Suspect and innocent texts of the labelled files; empty where those are absent."""
    rows = [row for path in sorted(SHARED.glob("*.jsonl")) for row in read_rows(path)]
    suspect = [row["text"] for row in rows if row["label"] == "positive"]
    innocent = [row["text"] for row in rows if row["label"] == "negative"]
    return suspect, innocent


def mixed(suspect: list[str], innocent: list[str], size: int) -> list[str]:
    """Texts of `size` bytes in all, of which the share that is suspect is by characters."""
    rng = random.Random(SEED)
    texts: list[str] = []
    total = bad = 0
    while total < size:
        chosen = suspect if bad < SUSPECT_SHARE * total else innocent
        text = rng.choice(chosen)
        bytes_of = len(text.encode())
        total += bytes_of
        bad += bytes_of if chosen is suspect else 0
        texts.append(text)
    return texts


def seconds_a_char(read: Callable[[str], object], texts: Iterable[str], rounds: int = 2) -> float:
    """Processor seconds, the best of several rounds."""
    listed = list(texts)
    chars = sum(map(len, listed))
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for text in listed:
            read(text)
        best = min(best, time.process_time() - start)
    return best / chars


def long_text(texts: list[str], length: int) -> str:
    joined: list[str] = []
    have = 0
    for text in texts:
        joined.append(text)
        have += len(text) + 1
        if have >= length:
            break
    return "\n".join(joined)[:length]


def adversarial(size: int) -> dict[str, str]:
    """Texts made to be slow: one word over and over, near-misses, nested quotes, no breaks."""
    return {
        "one word": "保本" * (size // 2),
        "near misses": "保木稳赚不倍年化率" * (size // 9),
        "numerals": "一二三万千百十" * (size // 7),
        "digits": "1234567890." * (size // 11),
        "percents": "年化12%，" * (size // 6),
        "sums": "投1万返2万" * (size // 6),
        "quotes": "“" * (size // 2) + "”" * (size // 2),
        "spaced": "保 本 " * (size // 4),
        "half spaced": "保本 保息 " * (size // 6),
        "breaks": "保\n" * (size // 2),
        "homophones": "饱本返莉" * (size // 4),
        "latin": "licai baoben " * (size // 13),
        "companies": "有限公司" * (size // 4),
        "contacts": "加微信abcdef12" * (size // 11),
        "zero width": "保\u200b" * (size // 2),
        "warnings": "警方提示谨防保本高息骗局" * (size // 12),
    }


def flashtext_reader(words: Iterable[str]) -> Callable[[str], object] | None:
    try:
        module = importlib.import_module("flashtext")
    except ImportError:
        return None
    processor = module.KeywordProcessor()
    for word in words:
        processor.add_keyword(word)
    return lambda text: processor.extract_keywords(text, span_info=True)


def pyahocorasick_reader(words: Iterable[str]) -> Callable[[str], object] | None:
    try:
        module = importlib.import_module("ahocorasick")
    except ImportError:
        return None
    automaton = module.Automaton()
    for word in words:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def measure(size: int, adversarial_chars: int) -> dict[str, float | None]:
    suspect, innocent = labelled_texts() if SHARED.is_dir() else own_texts()
    texts = mixed(suspect, innocent, size)
    book = load_rulebook()
    words = book.lexicon.phrases
    part = texts[: max(int(len(texts) * JIEBA_SHARE), 200)]

    def assess(text: str) -> object:
        return assess_text(text, book)

    for text in mixed(suspect, innocent, WARMING_BYTES):
        assess(text)
    jieba.lcut(texts[0])
    scanner = ahocorasick_rs.AhoCorasick(words)
    ours = seconds_a_char(assess, texts, 1)
    scan = seconds_a_char(scanner.find_matches_as_indexes, texts)
    print(f"{len(texts)} texts, {sum(map(len, texts))} characters; ns a character: "
          f"assess {ours * 1e9:.0f}, bare scan {scan * 1e9:.0f}", flush=True)  # fmt: skip
    figures: dict[str, float | None] = {"assess_vs_scan": scan / ours}
    rivals = {
        "assess_vs_jieba": jieba.lcut,
        "assess_vs_flashtext": flashtext_reader(words),
        "assess_vs_pyahocorasick": pyahocorasick_reader(words),
    }
    for name, read in rivals.items():
        figures[name] = seconds_a_char(read, part, 1) / ours if read else None
        print(f"{name}: {figures[name] or 'not installed'}", flush=True)
    figures["length_ratio"] = _length_ratio(assess, texts)
    figures["adversarial_ratio"] = _adversarial_ratio(assess, ours, adversarial_chars)
    return {name: None if value is None else round(value, 4) for name, value in figures.items()}


def _length_ratio(assess: Callable[[str], object], texts: list[str]) -> float:
    """What a character of a 1 MB text costs against one of the same text in pieces of 1 kB."""
    whole = long_text(texts, LONG)
    pieces = [whole[at : at + SHORT] for at in range(0, len(whole), SHORT)]
    ratio = seconds_a_char(assess, [whole], 1) / seconds_a_char(assess, pieces, 1)
    print(f"length: {ratio:.2f}", flush=True)
    return ratio


def _adversarial_ratio(assess: Callable[[str], object], ours: float, chars: int) -> float:
    worst = 0.0
    for name, text in adversarial(chars).items():
        ratio = seconds_a_char(assess, [text], 1) / ours
        print(f"adversarial {name}: {ratio:.2f}", flush=True)
        worst = max(worst, ratio)
    return worst


def main() -> dict[str, float | None]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=WANTED_BYTES)
    parser.add_argument("--adversarial", type=int, default=1_000_000, metavar="CHARACTERS")
    options = parser.parse_args()
    return measure(options.bytes, options.adversarial)


if __name__ == "__main__":
    print(json.dumps(main()))
