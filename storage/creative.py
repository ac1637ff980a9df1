"""What makes two blocks of text the same creative: fingerprints, gists and MinHash signatures."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from hashlib import sha256
from itertools import islice

import numpy as np
from rensa import RMinHash

from core.records import Assessment, BlockVerdict, Entity, Hit, Level, Origin, Rate

PERMUTATIONS = 128
BANDS = 20
BAND_ROWS = 4
GRAM = 4
SEED = 42
SAME_CREATIVE = 0.7
# Below this many letters and digits a single edit decides too much: only equal texts are equal.
MIN_LETTERS = 30
# A longer text is judged by its beginning, so that a hostile page cannot buy minutes of hashing.
MAX_LETTERS = 20_000
MAX_CREATIVES = 200

_DIGITS = re.compile(r"\d+")
_SAME_NAME = 0.8
_MAX_COMPANIES = 20


@dataclass(frozen=True)
class Creative:
    """One suspect block with what was found in it; offsets count in `text`."""

    verdict: BlockVerdict
    text: str
    hits: tuple[Hit, ...]
    rates: tuple[Rate, ...]
    entities: tuple[Entity, ...]
    evasion: tuple[str, ...]
    rulebook: str

    @cached_property
    def letters(self) -> str:
        """The text as it is compared: letters and digits only, compatibility forms folded."""
        return comparable(self.text)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for texts that differ in spacing, punctuation, width or case only."""
        return sha256((self.letters or self.text).encode()).hexdigest()

    @cached_property
    def gist(self) -> str:
        """Equal while nothing moved but counters: letters, and the numbers that mean something.

        A view count on the page is no change; a promised rate or a phone number is.
        """
        facts = sorted(
            [f"{e.kind}:{e.value}" for e in self.entities]
            + [f"rate:{r.annual_pct}:{r.annual_pct_min}" for r in self.rates]
            + [f"rule:{h.rule}" for h in self.hits if h.silenced_by is None]
        )
        return sha256("\n".join([_DIGITS.sub("", self.letters), *facts]).encode()).hexdigest()

    @cached_property
    def signature(self) -> bytes | None:
        """MinHash over character 4-grams; None where the text is too short to compare."""
        return sign(self.letters) if len(self.letters) >= MIN_LETTERS else None

    @property
    def rank(self) -> tuple[int, float]:
        """How suspect it is."""
        return (int(self.verdict.level), self.verdict.score)


def names_other_company(ours: Iterable[Entity], theirs: Iterable[Entity]) -> bool:
    """Whether two copies of a template speak clearly for different companies.

    Names are read out of running text and may bring a word along, or be spun by a character, so
    that only unlike ones count as different.
    """
    one, other = _companies(ours), _companies(theirs)
    alike = any(
        a.endswith(b) or b.endswith(a) or SequenceMatcher(None, a, b).ratio() >= _SAME_NAME
        for a in one
        for b in other
    )
    return bool(one and other) and not alike


def _companies(entities: Iterable[Entity]) -> frozenset[str]:
    names = (entity.value for entity in entities if entity.kind == "company")
    return frozenset(islice(names, _MAX_COMPANIES))


def comparable(text: str) -> str:
    """NFKC, case folded, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded))


def sign(letters: str) -> bytes:
    """128 little-endian 32-bit MinHash values over the 4-grams of `letters`."""
    head = letters[:MAX_LETTERS]
    minhash = RMinHash(PERMUTATIONS, SEED)
    minhash.update([head[i : i + GRAM] for i in range(max(1, len(head) - GRAM + 1))])
    return np.array(minhash.digest(), dtype="<u4").tobytes()


def similarity(one: bytes, other: bytes) -> float:
    """Estimated Jaccard similarity of two signatures' 4-gram sets."""
    a, b = np.frombuffer(one, dtype="<u4"), np.frombuffer(other, dtype="<u4")
    return float(np.mean(a == b))


def bands(signature: bytes) -> tuple[int, ...]:
    """The signature's bands as signed 64-bit numbers.

    Two texts that are alike at 0.7 share at least one band with probability 0.996, at 0.8 0.99997.
    """
    width = 4 * BAND_ROWS
    return tuple(
        int.from_bytes(
            sha256(bytes([at // width]) + signature[at : at + width]).digest()[:8],
            "big",
            signed=True,
        )
        for at in range(0, BANDS * width, width)
    )


def is_suspect(assessment: Assessment) -> bool:
    """Whether the assessment, or its verdict on any block, asks for a reviewer."""
    levels = [assessment.level, *(block.level for block in assessment.blocks)]
    return max(levels) >= Level.MEDIUM


def suspect_creatives(assessment: Assessment, text: str) -> tuple[Creative, ...]:
    """Every suspect block of `text`, worst first, each text once."""
    blocks = [block for block in assessment.blocks if block.level >= Level.MEDIUM]
    if not blocks and assessment.level >= Level.MEDIUM:
        blocks = [_whole(assessment, text)]
    found: dict[str, Creative] = {}
    for creative in sorted((_cut(assessment, b, text) for b in blocks), key=_worst_first):
        found.setdefault(creative.fingerprint, creative)
    return tuple(found.values())


def block_creative(assessment: Assessment, text: str, fingerprint: str) -> Creative | None:
    """The worst block with that fingerprint, suspect or not."""
    cut = (_cut(assessment, block, text) for block in assessment.blocks)
    found = [creative for creative in cut if creative.fingerprint == fingerprint]
    if not found and not assessment.blocks:
        whole = _cut(assessment, _whole(assessment, text), text)
        found = [whole] if whole.fingerprint == fingerprint else []
    return min(found, key=_worst_first, default=None)


def _worst_first(creative: Creative) -> tuple[int, float, int]:
    level, score = creative.rank
    return (-level, -score, creative.verdict.start)


def _whole(assessment: Assessment, text: str) -> BlockVerdict:
    """A suspect assessment that blames no block blames the whole text."""
    return BlockVerdict(
        block=0,
        start=0,
        end=len(text),
        source=assessment.hits[0].source if assessment.hits else Origin.BODY,
        level=assessment.level,
        score=assessment.score,
        stance=assessment.stance,
        patterns=assessment.patterns,
    )


def _cut(assessment: Assessment, block: BlockVerdict, text: str) -> Creative:
    def inside(item: Hit | Rate | Entity) -> bool:
        return block.start <= item.start and item.end <= block.end

    by = -block.start
    return Creative(
        verdict=block,
        text=text[block.start : block.end],
        hits=tuple(
            replace(h, start=h.start + by, end=h.end + by, points=h.points or h.apart, apart=0.0)
            for h in assessment.hits
            if inside(h)
        ),
        rates=tuple(
            replace(r, start=r.start + by, end=r.end + by) for r in assessment.rates if inside(r)
        ),
        entities=tuple(
            replace(e, start=e.start + by, end=e.end + by) for e in assessment.entities if inside(e)
        ),
        evasion=assessment.evasion,
        rulebook=assessment.rulebook,
    )
