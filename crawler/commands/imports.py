"""`adwatch import`: files and folders, once, through the stages of a crawl."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from threading import Event
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

import click

from alerts.wording import reason_words
from core.ledger import RunRecord, RunState
from core.target import IMPORTS_ID, IMPORTS_TITLE, FilesRule, Labels, Limits, Medium, Target
from crawler.cli import EXIT_PARTIAL
from crawler.crawls import CrawlSite, crawl_target, manual_slot
from crawler.opening import is_terminal, open_site, read_settings
from crawler.printable import json_line, printable
from crawler.progress import CrawlProgress
from crawler.workspace import Workspace
from storage.intake import links_on

_MOST_FILES, _MOST_STARTS = 1_000_000, 1_000
_SAID_CHARS = 160


@dataclass(slots=True)
class _Told:
    """What became of each file, as the crawl tells it."""

    files: list[dict[str, Any]] = field(default_factory=list)

    def take(self, event: dict[str, Any]) -> None:
        if event["event"] in {"page", "dropped"}:
            self.files.append(event)


@click.command("import")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)  # fmt: skip
@click.option(
    "--medium", type=click.Choice(get_args(Medium)), default="poster", show_default=True,
    help="Where the texts stood; it decides which law applies.",
)  # fmt: skip
@click.option(
    "--follow", is_flag=True, help="Crawl the web addresses that are written in the documents too."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def import_files(
    folder: str, paths: tuple[Path, ...], *, medium: Medium, follow: bool, as_json: bool
) -> int:
    """Take the files at PATHS, and those in folders among them, as if they had been crawled.

    Photos, PDF, Word and Excel files, lists (CSV), texts, saved pages (HTML, MHTML): they become
    evidence, are read, judged and stored, and what is suspect becomes a finding. Taking a file
    again changes nothing. With --follow the addresses in lists and documents are crawled once, as
    politely as any, and judged as web pages. Exit code 4 if some file could not be taken.
    """
    workspace = read_settings(folder)
    _refuse_namesake(workspace)
    told = _Told()
    with (
        open_site(workspace) as site,
        CrawlProgress(len(paths), terminal=is_terminal()) as progress,
    ):

        def tell(target_id: str, event: dict[str, Any]) -> None:
            told.take(event)
            progress.tell(target_id, event)

        runs = list(_runs(site, [_target(path, medium) for path in paths], tell))
        if follow:
            runs += _runs(site, _named_in(site, [event["url"] for event in told.files]), tell)
    _report(told.files, runs, as_json=as_json)
    taken = all(run.state is RunState.FINISHED and not run.report.failed_starts for run in runs)
    dropped = any(event["event"] == "dropped" for event in told.files)
    return 0 if taken and not dropped else EXIT_PARTIAL


def _refuse_namesake(workspace: Workspace) -> None:
    if any(target.id == IMPORTS_ID for target in workspace.targets):
        raise click.ClickException(
            f"a target is called {IMPORTS_ID}, the name under which imported files are kept;"
            f" rename targets/{IMPORTS_ID}.yml"
        )


def _target(path: Path, medium: Medium) -> Target:
    path = path.absolute()
    one = not path.is_dir()
    return Target(
        id=IMPORTS_ID,
        title=IMPORTS_TITLE,
        spider="files",
        files=FilesRule(
            folder=str(path.parent if one else path),
            glob=escape(path.name) if one else "*",
            recursive=not one,
            settle_s=0,
        ),
        limits=Limits(pages=_MOST_FILES),
        labels=Labels(medium=medium),
    )


def _named_in(site: CrawlSite, files: Sequence[str]) -> list[Target]:
    """Targets for the web addresses that are written in these files, so many to each."""
    urls = dict.fromkeys(
        link.url for file in files for link in links_on(site.database, IMPORTS_ID, file)
    )
    web = [url for url in urls if url.startswith(("http://", "https://"))]
    return [
        Target(
            id=IMPORTS_ID,
            title=IMPORTS_TITLE,
            spider="article",
            start_urls=tuple(web[at : at + _MOST_STARTS]),
            limits=Limits(pages=_MOST_STARTS),
        )
        for at in range(0, len(web), _MOST_STARTS)
    ]


def _runs(site: CrawlSite, targets: Sequence[Target], tell: Any) -> Iterator[RunRecord]:
    """The runs, one after another: each file's folder is a run of its own."""
    for target in targets:
        run = crawl_target(site, target, manual_slot(datetime.now(UTC)), tell, Event())
        if run is not None:
            yield run


def _report(files: list[dict[str, Any]], runs: Sequence[RunRecord], *, as_json: bool) -> None:
    rows = [
        {
            "file": event["url"],
            "outcome": event.get("outcome", "refused"),
            "level": event.get("level", "none"),
            "score": event.get("score", 0),
            "reason": event.get("reason", ""),
            "what": event.get("what", ""),
        }
        for event in files
    ]
    if as_json:
        click.echo(json_line(rows))
        return
    for row in sorted(rows, key=lambda row: -float(row["score"])):
        if row["outcome"] == "refused":
            why = f"{reason_words(str(row['reason']), 'zh')} ({row['reason']})"
            what = printable(str(row["what"]))[:_SAID_CHARS]
            click.echo(f"{'refused':<10} {'':<6} {_shown(str(row['file']))}  {why} {what}")
        else:
            level = row["level"] if row["level"] != "none" else "-"
            click.echo(f"{row['outcome']:<10} {level:<6} {_shown(str(row['file']))}")
    suspect = sum(run.report.suspect for run in runs)
    taken = sum(run.report.pages for run in runs)
    refused = sum(row["outcome"] == "refused" for row in rows)
    click.echo(f"{taken} files taken, {suspect} suspect, {refused} refused", err=True)


def _shown(url: str) -> str:
    """The path of a `file:` address, or another address, safe for a terminal."""
    path = unquote(urlsplit(url).path) if url.startswith("file:") else url
    return printable(path)
