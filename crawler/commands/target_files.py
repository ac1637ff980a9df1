"""`adwatch targets suggest` and `add`: a page → a target file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import TypeAdapter, ValidationError

from core.config_record import HttpUrl
from core.errors import LookError
from core.target import TARGET_ID
from crawler.opening import read_settings, viewpoint, waiting
from crawler.printable import json_line
from crawler.workspace import TARGETS_FOLDER, Workspace

if TYPE_CHECKING:
    from crawler.proposal import Proposal

# What suggests loads the extractors, which the other commands of this group do without.
# ruff: noqa: PLC0415


def sound_address(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """The canonical spelling of an address on the command line; a usage error for anything else."""
    try:
        TypeAdapter(HttpUrl).validate_python(value)
    except ValidationError:
        hint = ""
        if "://" not in value and not value.startswith("/"):
            hint = f"; did you mean https://{value}?"
        raise click.BadParameter(f"{value!r} is not an http:// or https:// address{hint}") from None
    from spiders.urls import canonical_url

    url = canonical_url(value)
    if url is None:
        raise click.BadParameter(f"{value!r} cannot be fetched: it has a user name or odd signs")
    return url


address = click.argument("url", callback=sound_address)
timeout = click.option(
    "--timeout", "timeout_s", type=click.FloatRange(1, 600), default=20.0, show_default=True,
    help="Seconds one request may take.",
)  # fmt: skip
render_option = click.option(
    "--render/--no-render", default=None,
    help="Compare with the page in Chromium, or never; by default where the page is nearly empty.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.command()
@address
@timeout
@render_option
@json_option
@click.pass_obj
def suggest(folder: str, url: str, *, timeout_s: float, render: bool | None, as_json: bool) -> None:
    """Look at the page URL and propose a target file, with reasons; nothing is written.

    The page is asked for as a crawl would: robots.txt is obeyed, the user agent bears the contact.
    Feeds and sitemaps that it names are tried too.
    """
    workspace = read_settings(folder)
    proposal, text = propose(workspace, url, None, timeout_s=timeout_s, render=render)
    if as_json:
        click.echo(json_line(proposal_document(proposal, text)))
    else:
        click.echo(text, nl=False)


@click.command()
@address
@click.option("--id", "target_id", help="The file's name without .yml (default: of the address).")
@timeout
@render_option
@json_option
@click.pass_obj
def add(
    folder: str, url: str, *, target_id: str | None, timeout_s: float, render: bool | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Write the proposal for the page URL into targets/<id>.yml; never over a file."""
    from crawler.target_text import suggested_id

    workspace = read_settings(folder)
    if target_id is not None and not TARGET_ID.fullmatch(target_id):
        what = "lower-case letters, digits, - and _, 64 at most, and not - or _ first"
        raise click.BadParameter(f"{target_id!r} is not of this form: {what}", param_hint="--id")
    stem = target_id or suggested_id(url)
    path = workspace.folder / TARGETS_FOLDER / f"{stem}.yml"
    _refuse_taken(path)
    proposal, text = propose(workspace, url, stem, timeout_s=timeout_s, render=render)
    _write_new(path, text)
    if as_json:
        document = proposal_document(proposal, text) | {"id": stem, "file": str(path)}
        click.echo(json_line(document))
    else:
        click.echo(str(path))
    for doubt in proposal.doubts:
        click.echo(f"look at this: {doubt}", err=True)
    click.echo(
        f"Next: read {TARGETS_FOLDER}/{stem}.yml, then\n"
        f"  adwatch targets preview {stem}      what would be collected\n"
        f"  adwatch targets test {stem} --save  keep its pages and what is read of them\n"
        f"  adwatch crawl {stem}",
        err=True,
    )


def propose(
    workspace: Workspace, url: str, stem: str | None, *, timeout_s: float, render: bool | None
) -> tuple["Proposal", str]:
    """The proposal and the file's text, which passes the check of target files."""
    from crawler.suggestion import suggest as suggestion
    from crawler.target_text import checked_target_text, suggested_id

    with waiting(f"looking at {url}"):
        proposal = suggestion(viewpoint(workspace), url, timeout_s=timeout_s, render=render)
        places = workspace.ready().jurisdiction.places
        stem = stem or suggested_id(proposal.url)
        return proposal, checked_target_text(proposal, stem, places, datetime.now(UTC))


def proposal_document(proposal: "Proposal", text: str) -> dict[str, Any]:
    """For a program."""
    return {
        "url": proposal.url,
        "spider": proposal.spider,
        "title": proposal.title,
        "why": list(proposal.why),
        "links": {"css": proposal.css, "allow": proposal.allow, "count": proposal.count},
        "samples": [{"url": link.url, "title": link.text} for link in proposal.samples],
        "next": {"css": proposal.next_css, "url": proposal.next_url},
        "browser": proposal.browser,
        "browser_why": proposal.browser_why,
        "encoding": proposal.encoding,
        "robots": proposal.robots,
        "feeds": list(proposal.feeds),
        "sitemaps": list(proposal.sitemaps),
        "doubts": list(proposal.doubts),
        "yaml": text,
    }


def _refuse_taken(path: Path) -> None:
    """LookError where a target of that id exists, in whatever spelling."""
    taken = [
        one for one in path.parent.glob("*")
        if one.suffix in {".yml", ".yaml"} and one.stem.lower() == path.stem
    ]  # fmt: skip
    if taken:
        raise LookError(f"{taken[0]} exists and is left as it is; name another by --id")


def _write_new(path: Path, text: str) -> None:
    """Write the file; one that has come into being meanwhile is left alone."""
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise LookError(f"{path} exists and is left as it is; name another by --id") from None
