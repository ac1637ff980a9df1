"""Observations for the storage tests; run as a program, it saves numbered ones until killed."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from core.records import (
    Assessment,
    BlockVerdict,
    Capture,
    Change,
    Entity,
    Hit,
    Level,
    Observation,
    Origin,
    Page,
    PageState,
    Rate,
    Segment,
    Stance,
    StoredBytes,
    join_segments,
)
from storage.database import Database, open_database
from storage.evidence import EvidenceStore
from storage.intake import Saved, save_observation
from storage.runs import start_run

START = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
AD = (
    "本金零风险，收益看得见。东港康养公寓认购开放，每月按时返利，合同期满全额退还，"
    "老客户介绍新客户另有礼品相送，名额所剩无几，详情请到服务中心咨询办理。"
)
SHOP = "东港菜市场明日起延长营业一小时，方便下班的街坊买菜。"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a sample page; rates and entities are given by their quotes."""

    text: str
    level: Level = Level.HIGH
    score: float = 80.0
    source: Origin = Origin.BODY
    rates: tuple[tuple[str, float], ...] = ()
    entities: tuple[tuple[str, str], ...] = ()


def observe(url: str, *blocks: Block | str, at: datetime = START, **more: object) -> Observation:
    """A page with a title and these blocks; `more` overrides fields of the observation."""
    blocks = tuple(b if isinstance(b, Block) else Block(b) for b in blocks)
    title = "街坊信息"
    segments = (
        Segment(Origin.TITLE, title),
        *(Segment(block.source, block.text, number) for number, block in enumerate(blocks, 1)),
    )
    text = join_segments(segments)
    body = f"<html>{text}</html>".encode(errors="replace")
    capture = Capture(
        url=url,
        final_url=url,
        status=200,
        headers=(("Content-Type", "text/html"), ("ETag", f'"{sha256(body).hexdigest()[:8]}"')),
        captured_at=at,
        body=body,
        server_address="127.0.0.1",
    )
    seen = Observation(
        target_id="town",
        run_id=1,
        url=url,
        kind="article",
        capture=capture,
        stored=StoredBytes(sha256(body).hexdigest(), len(body)),
        page=Page(PageState.OK, title=title, account="街坊", text=text, segments=segments),
        content_hash=sha256(text.encode(errors="replace")).hexdigest(),
        change=Change.NEW,
        assessment=_assess(blocks, len(title) + 1),
    )
    return replace(seen, **more)  # type: ignore[arg-type]


def _assess(blocks: tuple[Block, ...], start: int) -> Assessment:
    verdicts: list[BlockVerdict] = []
    hits: list[Hit] = []
    rates: list[Rate] = []
    entities: list[Entity] = []
    for number, block in enumerate(blocks, 1):
        end = start + len(block.text)
        verdicts.append(_verdict(number, start, end, block))
        if block.level >= Level.MEDIUM:
            hits.append(_hit(block, start))
        for quote, annual in block.rates:
            at = start + block.text.index(quote)
            rates.append(Rate(quote, at, at + len(quote), annual, "stated"))
        for kind, quote in block.entities:
            at = start + block.text.index(quote)
            entities.append(Entity(kind, quote, quote, at, at + len(quote), None))
        start = end + 1
    worst = max(verdicts, key=lambda verdict: verdict.score)
    return Assessment(
        level=worst.level,
        score=worst.score,
        stance=Stance.PROMOTION,
        patterns=("guaranteed_return",),
        hits=tuple(hits),
        rates=tuple(rates),
        entities=tuple(entities),
        blocks=tuple(verdicts),
        rulebook="rules-1",
    )


def _verdict(number: int, start: int, end: int, block: Block) -> BlockVerdict:
    return BlockVerdict(
        number, start, end, block.source, block.level, block.score,
        Stance.PROMOTION, ("guaranteed_return",),
    )  # fmt: skip


def _hit(block: Block, start: int) -> Hit:
    quote = block.text[:6]
    return Hit(
        "guarantee-001", "guaranteed_return", "承诺保本", quote, start, start + len(quote),
        block.source, block.score, ("AD-25",), "明示本金不受损失。",
    )  # fmt: skip


def state_page(
    url: str, state: PageState, *, at: datetime = START, body: bytes = b"gone"
) -> Observation:
    """A page that has no content."""
    seen = observe(url, Block("", Level.NONE, 0.0), at=at)
    return replace(
        seen,
        capture=replace(seen.capture, body=body, headers=()),
        stored=StoredBytes(sha256(body).hexdigest(), len(body)),
        page=Page(state, state_message="该内容已被发布者删除"),
        content_hash=sha256(state.value.encode()).hexdigest(),
        assessment=None,
    )


def later(seen: Observation, by: timedelta) -> Observation:
    """The same page met again."""
    moment = seen.capture.captured_at + by
    return replace(seen, capture=replace(seen.capture, captured_at=moment))


def keep(db: Database, store: EvidenceStore, seen: Observation) -> Saved:
    """What the last stage does: bytes first, then the rows."""
    store.write(seen.capture.body)
    return save_observation(db, seen)


def numbered(name: str, number: int) -> Observation:
    """Every third page carries an ad of its own, every fourth the same one."""
    chance = Random(f"{name}{number}")
    letters = "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(80))
    own = f"{name}第{number}号项目{letters}"
    blocks = [Block(f"{name}{number}：{SHOP}", Level.NONE, 0.0)]
    if number % 3 == 0:
        blocks.append(Block(own, source=Origin.AD))
    if number % 4 == 0:
        blocks.append(Block(AD, source=Origin.SIDE))
    return observe(f"http://{name}.example/{number}", *blocks)


def main(url: str, folder: str, name: str, count: int) -> None:
    """Save `count` pages, saying each one's number once it is kept."""
    db, store = open_database(url), EvidenceStore(Path(folder))
    start_run(db, "town", "first", START)
    for number in range(count):
        keep(db, store, numbered(name, number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
