"""The digest as files: HTML for mail clients, plain text, the sheet, pages of evidence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined

from alerts.digest import Digest, Item
from alerts.digest_brief import digest_brief
from alerts.excerpt import Piece
from alerts.file import write_atomically
from alerts.health_wording import health_name, health_words
from alerts.marks import UNSEEN, shown
from alerts.message import Attachment, Message
from alerts.plain import field, wrap
from alerts.sheet import digest_sheet
from alerts.wording import (
    LEVELS,
    STANCES_ZH,
    STATES,
    WORDS,
    evasion_words,
)
from core.ledger import EvidenceFacts, Finding
from core.patterns import pattern_name
from core.records import Level, PictureMark

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_EVIDENCE_TEXT = 20_000
MAX_HTML_BYTES = 96_000
NO_PICTURES: Mapping[str, EvidenceFacts] = MappingProxyType({})
_COLOURS = {Level.HIGH: "#b42318", Level.MEDIUM: "#b54708", Level.LOW: "#3b6b35",
            Level.NONE: "#5f6b76"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DigestFiles:
    """Where a digest was written; `pages` has an evidence page for each finding shown."""

    html: Path
    text: Path
    xlsx: Path
    pages: Mapping[int, Path]


def write_digest(
    digest: Digest,
    out: Path,
    *,
    evidence: Mapping[int, EvidenceFacts],
    screenshot: Callable[[str], bytes | None],
    pictures: Mapping[str, EvidenceFacts] = NO_PICTURES,
) -> DigestFiles:
    """Write the digest into `out`: each file whole or not at all.

    `evidence` has the capture facts by record number, `pictures` those of pictures by their hash;
    `screenshot` finds the bytes of a hash.
    """
    stem = f"adwatch-{digest.window.day:%Y%m%d}"
    folder = out / f"{stem}-evidence"
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[int, Path] = {}
    for item in digest.items:
        path = folder / f"F{item.finding.id}.html"
        shots = _copy_screenshots(item.finding, evidence, screenshot, folder)
        write_atomically(path, _sound(evidence_page(digest, item, evidence, shots, pictures)))
        pages[item.finding.id] = path
    files = DigestFiles(out / f"{stem}.html", out / f"{stem}.txt", out / f"{stem}.xlsx", pages)
    links = {number: f"{folder.name}/{path.name}" for number, path in pages.items()}
    write_atomically(files.html, _sound(digest_html(digest, links)))
    write_atomically(files.text, _sound(digest_text(digest)))
    write_atomically(files.xlsx, digest_sheet(digest))
    return files


def digest_key(day: date, audience: str) -> str:
    """The identity of a day's digest for an audience, wherever it is sent."""
    return f"digest-{day:%Y%m%d}-{audience}"


def digest_message(digest: Digest, files: DigestFiles, key: str) -> Message:
    """The digest as a message; in mail the evidence is named by its number, not linked."""
    # Old mail clients mangle names that are not ASCII; a folder holds the sheets of all audiences.
    part = "" if key.endswith("-all") else f"-{sha256(key.encode()).hexdigest()[:8]}"
    name = f"adwatch-{digest.window.day:%Y%m%d}{part}.xlsx"
    return Message(
        key=key,
        kind="digest",
        subject=digest.subject,
        text=digest_text(digest),
        html=digest_html(digest, {}),
        attachments=(Attachment(name, XLSX, files.xlsx.read_bytes()),),
        data={
            "date": digest.window.day.isoformat(),
            "subject": digest.subject,
            "new": digest.new,
            "high": digest.high,
            "backlog": digest.backlog,
            "findings": list(digest.finding_ids),
        },
        brief=digest_brief(digest),
    )


def digest_html(digest: Digest, evidence_links: Mapping[int, str]) -> str:
    """One page of tables with inlined styles, of at most MAX_HTML_BYTES.

    Mail clients cut a longer one off; so many items are shown as fit, the others are counted.
    """
    page = _inlined_html(digest, evidence_links)
    while (size := len(_sound(page))) > MAX_HTML_BYTES and digest.items:
        count = len(digest.items)
        digest = digest.showing(min(count - 1, count * MAX_HTML_BYTES // size))
        page = _inlined_html(digest, evidence_links)
    return page


def _inlined_html(digest: Digest, evidence_links: Mapping[int, str]) -> str:
    page = (
        _templates()
        .get_template("digest.html")
        .render(**_context(digest), evidence_links=evidence_links)
    )
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    return str(inliner.inline(page))


def digest_text(digest: Digest) -> str:
    """The plain text; marks stand as 【…】."""
    text = _plain_templates().get_template("digest.txt").render(**_context(digest))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def evidence_page(
    digest: Digest,
    item: Item,
    evidence: Mapping[int, EvidenceFacts],
    screenshots: Mapping[str, str],
    pictures: Mapping[str, EvidenceFacts] = NO_PICTURES,
) -> str:
    """A static page about one finding: what was captured, when, from where, and every reason."""
    finding = item.finding
    facts = [
        (place, evidence[place.evidence_seq])
        for place in finding.places
        if place.evidence_seq is not None and place.evidence_seq in evidence
    ]
    return (
        _templates()
        .get_template("evidence.html")
        .render(
            **_context(digest),
            item=item,
            facts=facts,
            screenshots=screenshots,
            pictures=[pictures[one] for one in pictures_of(finding) if one in pictures],
            pieces=_marked_text(finding),
        )
    )


def pictures_of(finding: Finding) -> tuple[str, ...]:
    """The pictures on which its hits stand, by their SHA-256."""
    return tuple(dict.fromkeys(hit.picture.sha256 for hit in finding.hits if hit.picture))


def _boxes(mark: PictureMark) -> str:
    """Boxes as a person looks them up: left, top – right, bottom in pixels."""
    return "；".join(f"({b[0]}, {b[1]})–({b[2]}, {b[3]})" for b in mark.boxes)


def _marked_text(finding: Finding) -> tuple[Piece, ...]:
    text = finding.text[:MAX_EVIDENCE_TEXT]
    marks = bytearray(len(text))
    for hit in finding.hits:
        if hit.points > 0:
            low, high = min(hit.start, len(text)), min(hit.end, len(text))
            marks[low:high] = b"\1" * (high - low)
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        stop = at
        while stop < len(text) and marks[stop] == marks[at]:
            stop += 1
        pieces.append(Piece(text[at:stop], bool(marks[at])))
        at = stop
    if len(text) < len(finding.text):
        pieces.append(Piece("…"))
    return tuple(pieces)


def _copy_screenshots(
    finding: Finding,
    evidence: Mapping[int, EvidenceFacts],
    screenshot: Callable[[str], bytes | None],
    folder: Path,
) -> dict[str, str]:
    copied: dict[str, str] = {}
    for place in finding.places:
        facts = evidence.get(place.evidence_seq or 0)
        digest = facts.screenshot_sha256 if facts else None
        shot = screenshot(digest) if digest and digest not in copied else None
        if digest and shot is not None:
            name = f"{digest[:16]}.jpg"
            write_atomically(folder / name, shot)
            copied[digest] = name
    return copied


def _context(digest: Digest) -> dict[str, object]:
    language = digest.language
    zone = ZoneInfo(digest.window.zone)

    def local(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%m-%d %H:%M}"

    def full(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"

    return {
        "digest": digest,
        "w": WORDS[language],
        "lang": language,
        "local": local,
        "full": full,
        "colour": lambda level: _COLOURS[level],
        "evasions": lambda finding: evasion_words(finding.evasion, language),
        "reasons": lambda item: [f"{r.title}（{r.points:+.0f}）{r.why}" for r in item.reasons],
        "sightings": lambda item: _sightings(item, WORDS[language], local),
        "health_word": lambda health: health_name(health, language),
        "stance": lambda stance: STANCES_ZH[stance.value] if language == "zh" else stance.value,
        "state": lambda state: STATES[language][state.value],
        "health_detail": lambda row: health_words(row, language),
        "level_name": lambda level: LEVELS[language][level],
        "pattern": lambda pattern: pattern_name(pattern, language),
        "link": safe_link,
        "boxes": _boxes,
    }


def _sightings(item: Item, words: Mapping[str, str], local: Callable[[datetime], str]) -> str:
    """Where else and how often, in one line."""
    said = [f"{words['first_seen']} {local(item.finding.first_seen)}"]
    if item.finding.times > 1:
        said.insert(0, words["times"].format(count=item.finding.times))
    if item.place_count > 1:
        said.insert(0, words["same"].format(count=item.place_count))
    return " · ".join(said)


def safe_link(url: str) -> str | None:
    """`url` where it leads to a web page, None where a click on it could do anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    sound = parts.scheme in {"http", "https"} and bool(parts.netloc) and not UNSEEN.search(url)
    return url if sound else None


@cache
def _templates() -> Environment:
    loader = PackageLoader("alerts", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_finalize,
    )  # fmt: skip


@cache
def _plain_templates() -> Environment:
    made = Environment(
        loader=PackageLoader("alerts", "templates"),
        autoescape=False,  # noqa: S701 (plain text, which knows no markup to escape)
        undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_finalize,
    )  # fmt: skip
    made.filters["wrap"] = wrap
    made.filters["field"] = lambda values, label: field(label, values)
    return made


def _finalize(value: object) -> object:
    return shown(value) if isinstance(value, str) and type(value) is str else value


def _sound(text: str) -> bytes:
    return text.encode("utf-8", "replace")
