"""Proposes a target for each saved real page and compares with what people say of the page.

    python -m benchmarks.suggest [--data DIR] [--table]

A selector works when the links it finds on a list page have precision and recall of 0.8 or more
against the gold links. Exit 1 when a figure is below its floor in `suggest_floors.json`.
"""

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.real_input import gold_rows
from benchmarks.saved_pages import SHARED, judged_on_saved_pages
from core.errors import LookError
from core.records import Capture
from core.target import LinkRule
from crawler.page_proposal import page_proposal, wechat_proposal
from crawler.page_shape import measure_page
from crawler.proposal import Proposal
from spiders.decode import decode
from spiders.listing import list_links
from spiders.wechat_lists import account_articles

FLOORS = Path(__file__).resolve().parent / "suggest_floors.json"
ZONE = ZoneInfo("Asia/Shanghai")
GOOD = 0.8
# What the manifest calls a page → the kind of spider that reads it.
CAPTCHA = "wechatsogou/search-gaokao-gzh-error.html"
KINDS = {"article": "article", "listing": "listing", "wx_article": "wechat",
         "wx_image_share": "wechat", "wx_text_share": "wechat"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tried:
    """A list page: what the selector finds, what the whole proposal finds, against the gold."""

    file: str
    css: str | None
    by_selector: tuple[float, float]
    by_proposal: tuple[float, float]

    @property
    def selector_works(self) -> bool:
        return self.css is not None and min(self.by_selector) >= GOOD

    @property
    def proposal_works(self) -> bool:
        return min(self.by_proposal) >= GOOD


def proposed(data: Path, file: str) -> tuple[Proposal | None, str, str]:
    """What is proposed for a saved page (None where it is refused), its text and its address."""
    body = (data / file).read_bytes()
    url = f"http://www.example.cn/saved/{file.rpartition('/')[2]}"
    text = decode(body, None).text
    headers = (("Content-Type", "text/html"),)
    capture = Capture(url, url, 200, headers, datetime.now(UTC), body)
    try:
        proposal = wechat_proposal(capture, ZONE) or page_proposal(
            capture, measure_page(text, url), ZONE
        )
    except LookError:
        return None, text, url
    return proposal, text, url


def tried_lists(data: Path) -> Iterator[Tried]:
    score = score_module(data)
    for row in gold_rows(data, "list_gold.jsonl"):
        proposal, text, url = proposed(data, row["file"])
        gold = [item["href"] for item in row["items"]]
        css = proposal.css if proposal else None
        selected = [link.url for link in list_links(text, url, LinkRule(css=css))] if css else []
        if proposal is None:
            found = []
        elif proposal.spider == "wechat":
            found = [article.url for article in account_articles(text, url)]
        else:
            found = [link.url for link in list_links(text, url, LinkRule(css=css))]
        yield Tried(row["file"], css, rates(score, selected, gold), rates(score, found, gold))


def rates(score: Any, found: list[str], gold: list[str]) -> tuple[float, float]:
    """Precision and recall, as `score.py` counts links."""
    counts = score.link_scores(found, gold)
    return counts["right"] / max(1, counts["predicted"]), counts["found"] / counts["gold"]


def score_module(data: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", data / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kinds_right(data: Path) -> tuple[int, list[str]]:
    """How many pages there are of a known kind, and those that another kind is proposed for."""
    lists = {row["file"] for row in gold_rows(data, "list_gold.jsonl")}
    wrong, count = [], 0
    for row in gold_rows(data, "manifest.jsonl"):
        kind = "listing" if row["file"] in lists else KINDS.get(row["kind"])
        if kind is None or not row["file"].endswith(".html") or row["file"] == CAPTCHA:
            continue
        count += 1
        proposal, text, url = proposed(data, row["file"])
        if row["file"] in lists and account_articles(text, url):
            kind = "wechat"
        if proposal is None or proposal.spider != kind:
            said = proposal.spider if proposal else "nothing"
            wrong.append(f"{row['file']}: {said} instead of {kind}")
    return count, wrong


def measure(data: Path = SHARED, *, table: bool = False) -> dict[str, float]:
    """All figures for the folder."""
    lists = list(tried_lists(data))
    count, wrong = kinds_right(data)
    if table:
        for one in lists:
            found = " ".join(f"{rate:.2f}" for rate in (*one.by_selector, *one.by_proposal))
            print(f"{found}  {one.css or '(none)'}  {one.file}")
        print("\n".join(wrong))
    return {
        "suggest_selector_works": sum(one.selector_works for one in lists) / len(lists),
        "suggest_links_work": sum(one.proposal_works for one in lists) / len(lists),
        "suggest_kind_right": (count - len(wrong)) / count,
    }


def main() -> int:
    return judged_on_saved_pages(__doc__, measure, FLOORS, "suggestions hold their floors")


if __name__ == "__main__":
    sys.exit(main())
