"""A proposal as the text of a target file, with comments that say why."""

import json
import re
import tempfile
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import LookError
from core.target import TARGET_ID
from crawler.printable import printable
from crawler.proposal import Proposal
from crawler.targets import load_target

_WIDTH = 96
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_FILE_NAME = re.compile(r"\.(?:s?html?|php|aspx?|jsp|xml|rss)$", re.IGNORECASE)
_MAX_ID = 48
_LIMITS = "limits: {pages: 200, depth: 2, delay_s: 1.0, concurrency: 2}"


def target_text(proposal: Proposal, target_id: str, places: tuple[str, ...], now: datetime) -> str:
    """The whole file. Whatever comes from the page stands quoted, or in a comment of one line."""
    parts = [
        _comment(f"targets/{target_id}.yml, proposed on {now:%Y-%m-%d} for {proposal.url}"),
        _comment(f"Look it over, then: adwatch targets preview {target_id}"),
        f"title: {_quoted(proposal.title)}",
        f"spider: {proposal.spider}",
        *(_comment(why) for why in proposal.why),
        f"start_urls: [{_quoted(proposal.url)}]",
        *_links(proposal),
        *_next(proposal),
        *_browser(proposal),
        f"every: {proposal.every}",
        _LIMITS,
        _expect(proposal),
        f"labels: {{medium: {proposal.medium}}}",
        *([_comment(f"region: one of {', '.join(places)}")] if places else []),
        *([_comment(f"encoding: {proposal.encoding}")] if proposal.encoding else []),
        _comment(f"robots.txt: {proposal.robots}"),
        *(_comment(f"also found: {one}") for one in proposal.also),
        *(_comment(f"look at this: {doubt}") for doubt in proposal.doubts),
    ]
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def checked_target_text(
    proposal: Proposal, target_id: str, places: tuple[str, ...], now: datetime
) -> str:
    """The text, once it has passed the check of target files; LookError where it does not."""
    text = target_text(proposal, target_id, places, now)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{target_id}.yml"
        path.write_text(text, encoding="utf-8")
        _, faults = load_target(path, path.name, places)
    if faults:
        raise LookError(f"{proposal.url}: no valid target file comes of it: {faults[0]}")
    return text


def suggested_id(url: str) -> str:
    """A file stem out of an address: `life_example_cn_list`."""
    parts = urlsplit(url)
    host = (parts.hostname or "site").removeprefix("www.")
    text = f"{host}/{_FILE_NAME.sub('', parts.path)}"
    stem = _NOT_A_WORD.sub("_", text.lower()).strip("_")[:_MAX_ID].strip("_")
    return stem if TARGET_ID.fullmatch(stem) else "target"


def _links(proposal: Proposal) -> list[str]:
    found = [
        f"{name}: {_quoted(value)}"
        for name, value in (("css", proposal.css), ("allow", proposal.allow))
        if value
    ]
    lines = [f"links: {{{', '.join(found)}}}"] if found else []
    if proposal.api is not None:
        said = proposal.api.model_dump(exclude_defaults=True)
        lines.append(f"api: {json.dumps(said, ensure_ascii=False)}")
    lines += [
        _comment(" ".join(filter(None, ("-", link.text, link.url)))) for link in proposal.samples
    ]
    if proposal.count > len(proposal.samples) > 0:
        lines.append(_comment(f"- and {proposal.count - len(proposal.samples)} more"))
    return lines


def _next(proposal: Proposal) -> list[str]:
    if proposal.next_css:
        line = f"next: {{css: {_quoted(proposal.next_css)}, pages: 5}}"
        return [line, _comment(f"it leads to {proposal.next_url}")]
    if proposal.next_url:
        return [_comment(f"next: left out; found by its shape: {proposal.next_url}")]
    return [_comment("next: no next page was found")] if proposal.spider == "listing" else []


def _browser(proposal: Proposal) -> list[str]:
    if not (proposal.browser or proposal.browser_why):
        return []
    why = [_comment(proposal.browser_why)] if proposal.browser_why else []
    return [f"browser: {str(proposal.browser).lower()}", *why]


def _expect(proposal: Proposal) -> str:
    fill = ", fill: {title: 0.9}" if proposal.spider in {"listing", "feed", "wechat", "api"} else ""
    return f"expect: {{min_pages: {proposal.min_pages}{fill}}}"


def _quoted(text: str) -> str:
    """A double-quoted scalar: JSON's form is YAML's too, once only printable signs are in it."""
    return json.dumps(printable(text), ensure_ascii=False)


def _comment(text: str) -> str:
    """`text` as comment lines, broken between words; no sign in it can end the comment."""
    lines: list[str] = []
    line = ""
    for word in printable(text).split():
        if line and len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    lines.append(line)
    return "".join(f"# {one}\n" if at == 0 else f"#   {one}\n" for at, one in enumerate(lines))
