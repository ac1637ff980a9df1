"""`adwatch findings`."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from alerts.digest import heading
from alerts.sheet import write_findings_sheet
from core.ledger import Finding, FindingState
from core.patterns import pattern_name
from core.records import Level
from crawler.name_list import ListError, Named, find_names, read_names
from crawler.opening import open_workspace_database, read_workspace
from crawler.printable import json_line, printable
from storage.findings import add_verdict, get_finding, iter_findings, list_findings

LEVELS = [level.word for level in reversed(Level) if level >= Level.MEDIUM]
COLUMNS = ("id", "level", "score", "state", "title", "account", "patterns", "quote", "annual_pct",
           "places", "times", "first_seen", "last_seen", "url")  # fmt: skip


@click.group()
def findings() -> None:
    """List, show, decide and export findings."""


@findings.command("list")
@click.option("--level", type=click.Choice(LEVELS), help="Only this level.")
@click.option("--state", type=click.Choice([state.value for state in FindingState]))
@click.option("--target", help="Only findings seen at this target.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_command(
    folder: str,
    *,
    level: str | None,
    state: str | None,
    target: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List findings, worst first."""
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        found = list_findings(
            database,
            level=Level[level.upper()] if level else None,
            state=FindingState(state) if state else None,
            target=target,
            limit=limit,
        )
    for finding in found:
        if as_json:
            click.echo(json.dumps(finding_json(finding), ensure_ascii=False))
        else:
            names = "、".join(pattern_name(pattern) for pattern in finding.patterns[:3])
            places = max(finding.place_count, len(finding.places))
            click.echo(
                f"{finding.id:>6}  {finding.level.word:<6} {finding.score:>3.0f}  "
                f"{finding.state.value:<9} {places:>3} places  "
                f"{heading(finding)[:40]}  [{names}]"
            )


@findings.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def show(folder: str, number: int, *, as_json: bool) -> int:
    """Show one finding with its text, reasons, rates and places."""
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        finding = get_finding(database, number)
    if finding is None:
        raise click.UsageError(f"there is no finding {number}")
    if as_json:
        click.echo(json.dumps(finding_json(finding), ensure_ascii=False))
        return 0
    click.echo(f"{finding.id}  {finding.level.word}  {finding.score:.0f}  {finding.title}")
    click.echo(finding.text)
    for hit in finding.hits:
        off = f"  (silenced: {hit.silenced_by})" if hit.silenced_by else ""
        click.echo(f"  {hit.points:+5.0f}  {hit.title}  「{hit.quote}」{off}")
        if hit.points and hit.law:
            click.echo(f"         {'；'.join(hit.law)}")
    for rate in finding.rates:
        click.echo(f"  rate   「{rate.quote}」 → {rate.annual_pct} % ({rate.assumption or ''})")
    for place in finding.places:
        click.echo(f"  at     {place.url}  seen {place.times}×, evidence {place.evidence_seq}")
    return 0


@findings.command()
@click.argument("number", type=int)
@click.argument("verdict", type=click.Choice(["confirmed", "dismissed"]))
@click.option("--reason", required=True, help="Why; it is kept with the verdict.")
@click.option("--by", required=True, help="Who decided.")
@click.pass_obj
def decide(folder: str, number: int, verdict: str, reason: str, by: str) -> None:
    """Append a verdict to a finding."""
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        if get_finding(database, number) is None:
            raise click.UsageError(f"there is no finding {number}")
        add_verdict(database, number, FindingState(verdict), reason, by, datetime.now(UTC))


@findings.command()
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write (default: stdout; xlsx needs a file).")  # fmt: skip
@click.pass_obj
def export(folder: str, kind: str, out: Path | None) -> None:
    """Export all findings."""
    if kind == "xlsx" and out is None:
        raise click.UsageError("an xlsx needs --out FILE")
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        rows = iter_findings(database)
        if kind == "xlsx":
            assert out is not None  # noqa: S101 (asked for above)
            write_findings_sheet(rows, out)
            return
        lines = _jsonl(rows) if kind == "jsonl" else _csv(rows)
        if out is None:
            sys.stdout.writelines(lines)
        else:
            with out.open("w", encoding="utf-8-sig" if kind == "csv" else "utf-8") as file:
                file.writelines(lines)


@findings.command()
@click.argument("names_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def naming(folder: str, names_file: Path, *, as_json: bool) -> int:
    """Say which names of a list (.txt, .csv, .xlsx) the findings name, and where.

    Exit code 1 if some name is found.
    """
    workspace = read_workspace(folder)
    try:
        names = read_names(names_file)
    except ListError as error:
        raise click.UsageError(str(error)) from None
    with open_workspace_database(workspace) as database:
        found = find_names(names, iter_findings(database))
    met = sorted((one for one in found if one.findings), key=lambda one: -one.level)
    if as_json:
        click.echo(json_line([_named_json(one) for one in found]))
    else:
        for one in met:
            numbers = " ".join(f"#{finding.id}" for finding in one.findings[:8])
            click.echo(
                f"{one.level.word:<6} {len(one.findings):>4}  {printable(one.name)}  {numbers}"
            )
    click.echo(f"{len(met)} of {len(found)} names are found", err=True)
    return 1 if met else 0


def _named_json(one: Named) -> dict[str, Any]:
    return {
        "name": one.name,
        "level": one.level.word,
        "findings": [finding.id for finding in one.findings],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as a JSON document; times in UTC."""
    return {
        "id": finding.id,
        "level": finding.level.word,
        "score": finding.score,
        "stance": finding.stance.value,
        "state": finding.state.value,
        "title": finding.title,
        "account": finding.account,
        "source": finding.source.value,
        "text": finding.text,
        "patterns": list(finding.patterns),
        "hits": [
            {"rule": hit.rule, "pattern": hit.pattern, "title": hit.title, "quote": hit.quote,
             "start": hit.start, "end": hit.end, "source": hit.source.value, "points": hit.points,
             "law": list(hit.law), "why": hit.why, "silenced_by": hit.silenced_by,
             "picture": asdict(hit.picture) if hit.picture else None}
            for hit in finding.hits
        ],
        "rates": [
            {"quote": rate.quote, "annual_pct": rate.annual_pct, "basis": rate.basis,
             "assumption": rate.assumption}
            for rate in finding.rates
        ],
        "entities": [
            {"kind": entity.kind, "value": entity.value, "valid": entity.valid}
            for entity in finding.entities
        ],
        "evasion": list(finding.evasion),
        "first_seen": finding.first_seen.isoformat(),
        "last_seen": finding.last_seen.isoformat(),
        "times": finding.times,
        "places": [
            {"url": place.url, "target": place.target_id, "title": place.title,
             "times": place.times, "first_seen": place.first_seen.isoformat(),
             "last_seen": place.last_seen.isoformat(), "evidence": place.evidence_seq,
             "body_sha256": place.body_sha256, "screenshot_sha256": place.screenshot_sha256}
            for place in finding.places
        ],
        "rulebook": finding.rulebook,
    }  # fmt: skip


def _jsonl(rows: Iterable[Finding]) -> Iterator[str]:
    for finding in rows:
        line = json.dumps(finding_json(finding), ensure_ascii=False)
        yield line.encode(errors="replace").decode() + "\n"


def _csv(rows: Iterable[Finding]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for finding in rows:
        writer.writerow([_cell(value) for value in _row(finding)])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _row(finding: Finding) -> tuple[object, ...]:
    rates = [rate.annual_pct for rate in finding.rates if rate.annual_pct is not None]
    scored = [hit for hit in finding.hits if hit.points > 0]
    return (
        finding.id, finding.level.word, finding.score, finding.state.value, finding.title,
        finding.account, " ".join(finding.patterns), scored[0].quote if scored else "",
        max(rates, default=""), len(finding.places), finding.times,
        finding.first_seen.isoformat(), finding.last_seen.isoformat(),
        finding.places[0].url if finding.places else "",
    )  # fmt: skip


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value).encode(errors="replace").decode()
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
