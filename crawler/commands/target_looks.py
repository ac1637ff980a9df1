"""`adwatch targets preview` and `test`: what a target yields, and what has changed."""

import click

from core.errors import LookError
from core.target import Target
from crawler.cli import EXIT_FAILED_CHECK
from crawler.commands.target_files import json_option, sound_address
from crawler.opening import read_workspace, viewpoint, waiting
from crawler.printable import json_line, printable
from crawler.validation import did_you_mean
from crawler.workspace import TARGETS_FOLDER, Workspace

# What reads pages loads the extractors, which the other commands of this group do without.
# ruff: noqa: PLC0415

_MOST_STARTS = 2


@click.command()
@click.argument("target_id", metavar="ID")
@click.option("-n", "--pages", type=click.IntRange(1, 50), default=5, show_default=True,
              help="How many pages are read.")  # fmt: skip
@json_option
@click.pass_obj
def preview(folder: str, target_id: str, *, pages: int, as_json: bool) -> int:
    """Crawl a little of the target ID and show what would be collected; nothing is stored.

    Shown are the links of its lists, the first pages with their fields, state and risk level, the
    verdict of robots.txt, times, and what is left out and why. Exit code 1 if nothing would be
    collected.
    """
    from crawler.looks import preview as look_at
    from crawler.preview_report import is_sound, preview_document, preview_lines

    workspace = read_workspace(folder)
    target = chosen_target(workspace, target_id)
    view = viewpoint(workspace)
    starts = target.start_urls[: pages if target.spider == "article" else _MOST_STARTS]
    if len(starts) < len(target.start_urls):
        click.echo(f"{len(starts)} of {len(target.start_urls)} start addresses", err=True)
    with waiting(f"looking at {target_id}"):
        look = look_at(view, _a_little_of(target, starts), pages)
    if as_json:
        click.echo(json_line(preview_document(look, target)))
    else:
        for line in preview_lines(look, target, workspace.ready().timezone):
            click.echo(printable(line))
    if not is_sound(look):
        click.echo("nothing would be collected", err=True)
        return EXIT_FAILED_CHECK
    return 0


def _a_little_of(target: Target, starts: tuple[str, ...]) -> Target:
    """The target with `starts`, and of a search its first words."""
    search = target.search
    if search is not None:
        if len(search.words) > _MOST_STARTS:
            click.echo(f"{_MOST_STARTS} of {len(search.words)} words", err=True)
        search = search.model_copy(update={"words": search.words[:_MOST_STARTS]})
    return target.model_copy(update={"start_urls": starts, "search": search})


@click.command()
@click.argument("target_id", metavar="ID")
@click.option("--save", is_flag=True, help="Fetch the pages now and keep them with what is read.")
@click.option("--url", callback=lambda *given: sound_address(*given) if given[2] else None,
              help="With --save: keep this page, not a start page and its first item.")  # fmt: skip
@click.option("--accept", is_flag=True, help="Write the records anew from the saved pages.")
@json_option
@click.pass_obj
def test(
    folder: str, target_id: str, *, save: bool, url: str | None, accept: bool, as_json: bool
) -> int:
    """Read the saved pages of the target ID again, offline, and say which fields differ.

    Pages and golden records stand under targets/golden/ID. Exit code 1 if something differs.
    """
    if save and accept:
        raise click.UsageError("--save and --accept exclude one another")
    if url and not save:
        raise click.UsageError("--url is for --save")
    workspace = read_workspace(folder)
    target = chosen_target(workspace, target_id)
    if save:
        return _save(workspace, target, url, as_json=as_json)
    return _replay(workspace, target, accept=accept, as_json=as_json)


def chosen_target(workspace: Workspace, target_id: str) -> Target:
    """The valid target of that id; a usage error names what is near."""
    known = {target.id: target for target in workspace.targets}
    if target_id not in known:
        raise click.UsageError(f"no valid target {target_id!r}{did_you_mean(target_id, known)}")
    if known[target_id].spider == "files":
        what = f"{target_id}: a folder is not looked at beforehand; adwatch crawl {target_id}"
        raise click.UsageError(what)
    return known[target_id]


def _save(workspace: Workspace, target: Target, url: str | None, *, as_json: bool) -> int:
    from crawler.golden_fetch import golden_captures
    from crawler.golden_records import (
        golden_folder,
        read_record,
        refuse_unfit,
        saved_pages,
        write_saved,
    )

    with waiting(f"fetching pages of {target.id}"):
        captures = golden_captures(viewpoint(workspace), target, url)
    zone = workspace.ready().timezone
    kept = [(one, read_record(target, one, zone)) for one in saved_pages(target, captures)]
    for saved, record in kept:
        refuse_unfit(saved, record)
    folder = golden_folder(workspace.folder / TARGETS_FOLDER, target.id)
    rows = []
    for saved, record in kept:
        path = write_saved(folder, saved, record)
        rows.append({"page": saved.role, "url": saved.capture.url, "file": str(path)})
        if not as_json:
            click.echo(f"{saved.role:<5} {saved.capture.url}  {path}")
            for field, value in record.items():
                shown = f"{len(value)}" if isinstance(value, list) else value
                click.echo(printable(f"      {field}: {'–' if shown in {None, ''} else shown}"))
    if as_json:
        click.echo(json_line({"id": target.id, "saved": rows}))
    if [saved.role for saved, _ in kept] == ["list"]:
        click.echo("only the list: none of its first items is there to be kept", err=True)
    click.echo("saved; are these records right? They are what a test compares with", err=True)
    return 0


def _replay(workspace: Workspace, target: Target, *, accept: bool, as_json: bool) -> int:
    from crawler.golden_records import (
        differences,
        golden_folder,
        load_saved,
        read_record,
        write_saved,
    )

    folder = golden_folder(workspace.folder / TARGETS_FOLDER, target.id)
    pages = load_saved(folder)
    if not pages:
        raise LookError(
            f"{target.id}: no page is saved; keep some by adwatch targets test {target.id} --save"
        )
    found = []
    for name, (saved, was) in pages.items():
        now = read_record(target, saved, workspace.ready().timezone)
        found += list(differences(name, was, now))
        if accept:
            write_saved(folder, saved, now)
    if as_json:
        rows = [{"page": d.page, "field": d.field, "was": d.was, "now": d.now} for d in found]
        document = {"id": target.id, "pages": list(pages), "differences": rows}
        click.echo(json_line(document))
    else:
        for one in found:
            click.echo(f"{one.page}.{one.field}")
            click.echo(printable(f"  was: {one.was}"))
            click.echo(printable(f"  now: {one.now}"))
    said = f"{len(pages)} saved pages, {len(found)} fields differ"
    click.echo(f"{said}; the records now say so" if accept and found else said, err=True)
    return EXIT_FAILED_CHECK if found and not accept else 0
