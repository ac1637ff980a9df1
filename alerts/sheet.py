"""The spreadsheet: findings, places, targets; no formulas, and no character is lost."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from alerts.digest import Digest
from alerts.file import write_atomically
from alerts.health_wording import health_name, health_words
from alerts.personal import mask_personal
from alerts.wording import LEVELS, STATES, WORDS
from core.ledger import Finding
from core.patterns import pattern_name

MAX_CELL_CHARS = 32_000
DEFAULT_ZONE = "Asia/Shanghai"
CUT = "……（略）"
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]")
_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False, "nan_inf_to_errors": True,
}  # fmt: skip

Row = Sequence[object]


def digest_sheet(digest: Digest) -> bytes:
    """The digest's xlsx: every finding of the window, also those that the mail leaves out."""
    words, language = WORDS[digest.language], digest.language
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        shown = tuple(map(_masked, digest.findings))
        zone = ZoneInfo(digest.window.zone)
        _write(book, words["sheet_findings"], *_findings(shown, language, zone))
        _write(book, words["sheet_places"], *_places(shown, language, zone))
        head = (words["target"], words["id"], words["state"], words["pages"], words["new_col"],
                words["changed"], words["unchanged"], words["suspect"],
                words["detail"])  # fmt: skip
        rows = [
            (
                row.title,
                row.target_id,
                health_name(row.health, language),
                *_counts(row.run),
                health_words(row, language),
            )
            for row in digest.health
        ]
        _write(book, words["sheet_health"], head, rows, (28, 22, 12, 8, 8, 8, 8, 8, 60))
    return buffer.getvalue()


def write_findings_sheet(findings: Iterable[Finding], path: Path, language: str = "zh") -> None:
    """All findings as an xlsx file at `path`, as they are, for whoever hands a lead on."""
    kept, zone = tuple(findings), ZoneInfo(DEFAULT_ZONE)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        _write(book, WORDS[language]["sheet_findings"], *_findings(kept, language, zone))
        _write(book, WORDS[language]["sheet_places"], *_places(kept, language, zone))
    write_atomically(path, buffer.getvalue())


def _counts(run: object) -> tuple[int, ...]:
    report = getattr(run, "report", None)
    if report is None:
        return (0, 0, 0, 0, 0)
    return (report.pages, report.new, report.changed, report.unchanged, report.suspect)


def _masked(finding: Finding) -> Finding:
    """The finding without readable personal numbers; a sheet that is mailed needs none."""
    text = mask_personal(finding.text, finding.entities)
    hits = tuple(replace(hit, quote=text[hit.start : hit.end]) for hit in finding.hits)
    return replace(finding, text=text, title=mask_personal(finding.title), hits=hits)


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _findings(
    findings: Sequence[Finding], language: str, zone: ZoneInfo
) -> tuple[Row, list[Row], tuple[int, ...]]:
    w = WORDS[language]
    head = (w["id"], w["level"], w["score"], w["status"], w["finding_title"], w["account"],
            w["patterns"], w["quote"], w["reasons"], w["law"], w["stated"], w["annual"],
            w["places"], w["times_col"], w["first_seen"], w["last_seen"], w["url"],
            w["text"])  # fmt: skip
    rows: list[Row] = []
    for finding in findings:
        scored = [hit for hit in finding.hits if hit.points > 0]
        scored.sort(key=lambda hit: -hit.points)
        rates = [rate for rate in finding.rates if rate.annual_pct is not None]
        rates.sort(key=lambda rate: -(rate.annual_pct or 0))
        rows.append((
            finding.id, LEVELS[language][finding.level], round(finding.score),
            STATES[language][finding.state.value], finding.title, finding.account,
            "、".join(pattern_name(pattern, language) for pattern in finding.patterns),
            scored[0].quote if scored else "",
            "\n".join(f"{hit.title}（{hit.points:+.0f}）{hit.why}" for hit in scored),
            "；".join(dict.fromkeys(law for hit in scored for law in hit.law)),
            "；".join(rate.quote for rate in rates), rates[0].annual_pct if rates else "",
            max(finding.place_count, len(finding.places)), finding.times,
            _time(finding.first_seen, zone), _time(finding.last_seen, zone),
            finding.places[0].url if finding.places else "", finding.text,
        ))  # fmt: skip
    return head, rows, (7, 7, 7, 10, 40, 18, 30, 36, 60, 44, 20, 10, 9, 9, 18, 18, 50, 60)


def _places(
    findings: Sequence[Finding], language: str, zone: ZoneInfo
) -> tuple[Row, list[Row], tuple[int, ...]]:
    w = WORDS[language]
    head = (w["id"], w["target"], w["finding_title"], w["url"], w["first_seen"], w["last_seen"],
            w["times_col"], w["evidence_col"], w["sha"])  # fmt: skip
    rows: list[Row] = [
        (finding.id, place.target_id, place.title, place.url,
         _time(place.first_seen, zone), _time(place.last_seen, zone), place.times,
         place.evidence_seq or "", place.body_sha256 or "")
        for finding in findings
        for place in finding.places
    ]  # fmt: skip
    return head, rows, (7, 20, 40, 60, 18, 18, 8, 9, 66)


def _write(
    book: xlsxwriter.Workbook, name: str, head: Row, rows: Sequence[Row], widths: Sequence[int]
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#17324d", "font_color": "#ffffff"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (title, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, str(title), bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, column, value, wrapped)
            else:
                sheet.write_string(number, column, cell_text(str(value)), wrapped)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(head) - 1)


def cell_text(text: str) -> str:
    """Text as a cell can hold it: control characters written out, the over-long cut."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    sound = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", sound)
    return sound if len(sound) <= MAX_CELL_CHARS else sound[:MAX_CELL_CHARS] + CUT
