"""The demo: a real crawl of the built-in town, told as it happens, and its digest."""

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from typing import Any

import click
import yaml
from rich.console import Console
from rich.table import Table

from alerts.digest import heading
from core.ledger import Finding, Health, RunReport, TargetHealth
from core.patterns import pattern_name
from core.records import Level
from crawler.crawls import crawl_targets, manual_slot
from crawler.demo_town.server import LAST_DAY, DemoTown
from crawler.digests import WrittenDigest, target_healths, write_day
from crawler.opening import evidence_store, is_terminal, open_site
from crawler.progress import CrawlProgress
from crawler.workspace import Workspace, load_workspace
from storage.audit import verify_evidence
from storage.findings import list_findings

STATE_FILE = "town.json"
SETTINGS = """\
# Written by `adwatch demo`; the town lives on loopback, which a crawl may reach only here.
contact: mailto:demo@adwatch.invalid
network: {allow: [127.0.0.0/8], max_crawls: 3}
jurisdiction: {office: 云汀县处置非法集资办公室（演示）, places: [云汀县]}
alerts:
  channels: {outbox: {kind: file, folder: outbox}}
  routes: {digest: [outbox], operator: [outbox]}
"""
SHOWN_FINDINGS = 40
LOG_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class DemoState:
    """What a second run needs to meet the same town: its addresses, its first day, the run."""

    today: str
    runs: int
    ports: dict[str, int]


def run_demo(folder: Path, *, fresh: bool, serve: bool) -> int:
    """Start the town, crawl it, print what was found and why, write the digest."""
    if fresh and (folder / STATE_FILE).exists():
        shutil.rmtree(folder)
    state = _load_state(folder)
    console = Console(
        highlight=False,
        no_color=bool(os.environ.get("NO_COLOR")),
        soft_wrap=True,
        width=None if sys.stdout.isatty() else LOG_COLUMNS,
    )
    begun = time.monotonic()
    day = min(state.runs + 1, LAST_DAY)
    with DemoTown(today=date.fromisoformat(state.today), day=day, ports=state.ports) as town:
        workspace = _write_workspace(folder, town)
        _greet(console, town, state, workspace)
        healths, found, written = _crawl_and_digest(workspace, console)
        _save_state(folder, replace(state, runs=state.runs + 1, ports=town.ports))
        _tell_findings(console, found)
        _tell_health(console, healths)
        _tell_end(console, written, time.monotonic() - begun, state.runs == 0)
        if serve:
            _serve(console, written.files.html)
    return 0


def _load_state(folder: Path) -> DemoState:
    try:
        data: dict[str, Any] = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
        return DemoState(str(data["today"]), int(data["runs"]), dict(data["ports"]))
    except (OSError, ValueError, KeyError, TypeError):
        return DemoState(f"{datetime.now().astimezone():%Y-%m-%d}", 0, {})


def _save_state(folder: Path, state: DemoState) -> None:
    document = {"today": state.today, "runs": state.runs, "ports": state.ports}
    (folder / STATE_FILE).write_text(json.dumps(document, indent=2), encoding="utf-8")


def _write_workspace(folder: Path, town: DemoTown) -> Workspace:
    (folder / "targets").mkdir(parents=True, exist_ok=True)
    (folder / "adwatch.yml").write_text(SETTINGS, encoding="utf-8")
    for target in town.targets():
        fields = {name: value for name, value in target.items() if name != "id"}
        text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)
        (folder / "targets" / f"{target['id']}.yml").write_text(text, encoding="utf-8")
    workspace = load_workspace(folder, os.environ)
    workspace.ready()
    return workspace


def _greet(console: Console, town: DemoTown, state: DemoState, workspace: Workspace) -> None:
    pages, sites = len(town.addresses()), len(town.bases)
    console.print(f"[bold]adwatch demo[/]: a town of {pages} pages on {sites} loopback sites")
    if state.runs:
        console.print(
            f"Run {state.runs + 1}: unchanged pages are asked for conditionally and stored once; "
            "since the last run some pages have changed."
        )
    console.print(f"Crawling {len(workspace.targets)} targets …")


def _crawl_and_digest(
    workspace: Workspace, console: Console
) -> tuple[tuple[TargetHealth, ...], tuple[Finding, ...], WrittenDigest]:
    with open_site(workspace) as site:
        if site.chromium is None:
            rendered = [target.id for target in workspace.targets if target.is_rendered]
            console.print(
                f"[yellow]skipped[/]: {', '.join(rendered)} (needs Chromium, and none was found: "
                "apt-get install chromium, or set ADWATCH_CHROMIUM)"
            )
        with CrawlProgress(len(workspace.targets), terminal=is_terminal()) as progress:
            slot = manual_slot(datetime.now(UTC))
            crawl_targets(site, workspace.targets, slot, progress.tell, Event()).complain()
        healths = target_healths(workspace, site.database)
        found = list_findings(site.database, limit=SHOWN_FINDINGS)
        store = evidence_store(workspace)
        day = datetime.now().astimezone(_zone(workspace)).date()
        written = write_day(
            workspace, site.database, store, day, workspace.folder / "digests", draft=True
        )
        report = verify_evidence(site.database, store)
    console.print(
        f"Evidence: {report.records} records, {report.files} files, "
        f"{len(report.faults)} faults in hashes and chain"
    )
    return healths, found, written


def _zone(workspace: Workspace) -> Any:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (only here)

    return ZoneInfo(workspace.ready().timezone)


def _tell_findings(console: Console, found: Sequence[Finding]) -> None:
    table = Table(title="What was found, and why", title_justify="left", expand=True)
    table.add_column("level")
    table.add_column("score", justify="right")
    table.add_column("title", ratio=3)
    table.add_column("why", ratio=4)
    table.add_column("rate", justify="right")
    table.add_column("places", justify="right")
    for finding in found:
        colour = "red" if finding.level is Level.HIGH else "yellow"
        mark = {"new": "", "reopened": " ↻"}.get(finding.state.value, "")
        table.add_row(
            f"[{colour}]{finding.level.word}[/]{mark}",
            f"{finding.score:.0f}",
            _plain(heading(finding)[:40]),
            _plain(_why(finding)),
            _rate(finding),
            str(max(finding.place_count, len(finding.places))),
        )
    console.print(table)


def _why(finding: Finding) -> str:
    names = [pattern_name(pattern) for pattern in finding.patterns[:2]]
    scored = sorted((hit for hit in finding.hits if hit.points > 0), key=lambda hit: -hit.points)
    quote = f"「{scored[0].quote[:24]}」" if scored else ""
    return f"{'；'.join(names)} {quote}"


def _rate(finding: Finding) -> str:
    known = [rate.annual_pct for rate in finding.rates if rate.annual_pct is not None]
    return f"{max(known):g}%" if known else ""


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def _tell_health(console: Console, healths: Sequence[TargetHealth]) -> None:
    console.print("\n[italic]Targets[/]      pages   new  changed  unchanged  suspect  health")
    for health in healths:
        report = health.run.report if health.run else RunReport()
        colour = "green" if health.health is Health.OK else "yellow"
        console.print(
            f"{health.target_id:<13} {report.pages:>4} {report.new:>5} {report.changed:>8} "
            f"{report.unchanged:>10} {report.suspect:>8}  [{colour}]{health.health.value}[/]  "
            f"{_plain(health.detail)}"
        )
    console.print()


def _tell_end(console: Console, written: WrittenDigest, seconds: float, first: bool) -> None:
    console.print(f"[bold]{_plain(written.digest.subject)}[/]")
    console.print(f"Digest: {written.files.html.resolve()}")
    console.print(f"        {written.files.text.resolve()}")
    console.print(f"        {written.files.xlsx.resolve()}")
    console.print(f"Done in {seconds:.0f} s.")
    if first:
        console.print("Run it again to see what an incremental crawl does.")


def _serve(console: Console, html: Path) -> None:
    """Keep the digest and the town open until interrupted."""
    handler = partial(_QuietFiles, directory=str(html.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        console.print(f"Open http://127.0.0.1:{port}/{html.name}  (Ctrl-C ends)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


class _QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Keep the terminal for the demo."""
        if os.environ.get("ADWATCH_DEBUG"):
            sys.stderr.write(f"{format % args}\n")
