"""Reads saved real pages through a whole crawl into a database, and scores what stands there.

    python -m benchmarks.real_input [--data DIR] [--table]

The pages are served on loopback and crawled by the article, feed, sitemap, listing and WeChat
spiders. DIR holds pages, gold and `score.py`. Exit 1 when a figure is below its floor in
`real_input_floors.json`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.real_decoding import decoding_figures
from benchmarks.saved_pages import SHARED, judged_on_saved_pages
from benchmarks.saved_site import SavedSite, moved, original
from storage.codec import load_page
from storage.database import Database, open_database
from storage.tables import observation, page

HERE = Path(__file__).resolve().parent
FLOORS = HERE / "real_input_floors.json"
ADWATCH = str(Path(sys.executable).parent / "adwatch")
_LIMITS = (
    "limits: {delay_s: 0, concurrency: 8, timeout_s: 60, pages: 5000}\n"
    "images: {read: false}\n"  # they lie elsewhere
)
_HISTORY_SIGN = b"app_msg_ext_info"


def gold_rows(data: Path, name: str) -> list[dict[str, Any]]:
    path = data / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def crawled(data: Path) -> list[dict[str, Any]]:
    """What the crawl left in the database, as predictions for `score.py`."""
    news = [row["file"] for row in gold_rows(data, "news_gold.jsonl")]
    news += [row["file"] for row in gold_rows(data, "recoded_gold.jsonl")]
    news += [row["file"] for row in gold_rows(data, "forum_gold.jsonl")]
    wechat = [row["file"] for row in gold_rows(data, "wechat_gold.jsonl")]
    lists = [row["file"] for row in gold_rows(data, "list_gold.jsonl")]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        office = Path(name)
        (office / "targets").mkdir()
        (office / "adwatch.yml").write_text(
            "contact: mailto:bench@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
        )
        pages = {f"/{file}": (data / file).read_bytes() for file in (*news, *wechat)}
        site = stack.enter_context(SavedSite(pages))
        sites = {}
        for file in lists:
            place = stack.enter_context(SavedSite({}, items=True))
            place.pages[f"/{file}"] = moved((data / file).read_bytes(), place.base)
            sites[file] = place
        write_targets(office, site, news, wechat, sites)
        print(run_crawl(office))
        database = open_database(f"sqlite:///{office / 'adwatch.db'}")
        try:
            found = [*article_rows(database, site.base), *list_rows(database, sites)]
        finally:
            database.close()
    return found


def write_targets(
    office: Path, site: SavedSite, news: list[str], wechat: list[str], lists: dict[str, SavedSite]
) -> None:
    """A third of the news each by address, by feed and by sitemap; everything else by its kind."""
    addresses = [f"{site.base}/{file}" for file in news]
    site.pages["/feed.xml"] = feed(addresses[1::3])
    site.pages["/sitemap.xml"] = sitemap(addresses[2::3])
    histories = [file for file, place in lists.items() if _HISTORY_SIGN in place.pages[f"/{file}"]]
    starts = {
        "article": addresses[::3],
        "feed": [f"{site.base}/feed.xml"] if addresses[1::3] else [],
        "sitemap": [f"{site.base}/sitemap.xml"] if addresses[2::3] else [],
        "wechat": [f"{site.base}/{file}" for file in wechat]
        + [f"{lists[file].base}/{file}" for file in histories],
        "listing": [f"{p.base}/{file}" for file, p in lists.items() if file not in histories],
    }
    for kind, urls in starts.items():
        if urls:
            more = "next: {pages: 1}\n" if kind == "listing" else ""
            (office / "targets" / f"{kind}.yml").write_text(
                f"title: {kind}\nspider: {kind}\nstart_urls: {json.dumps(urls)}\n{more}{_LIMITS}"
            )


def feed(addresses: Iterable[str]) -> bytes:
    items = "".join(f"<item><link>{address}</link></item>" for address in addresses)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def sitemap(addresses: Iterable[str]) -> bytes:
    urls = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return f"<urlset>{urls}</urlset>".encode()


def run_crawl(office: Path) -> str:
    done = subprocess.run(
        [ADWATCH, "--config", str(office), "crawl", "--all", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    rows = json.loads(done.stdout)
    return "\n".join(
        f"{row['id']:8} {row['pages']:4} pages, health {row['health']}, drops {row['drops']}"
        for row in rows
    )


def article_rows(database: Database, base: str) -> Iterator[dict[str, Any]]:
    with database.reading() as connection:
        states = connection.execute(select(page.c.url, page.c.state)).all()
        stored = connection.execute(
            select(page.c.url, observation.c.content)
            .join(observation, page.c.observation_id == observation.c.id)
        ).all()  # fmt: skip
    contents = {row.url: load_page(row.content) for row in stored}
    for row in states:
        if row.url.startswith(f"{base}/"):
            content = contents.get(row.url)
            published = content.published_at if content else None
            yield {
                "file": row.url.removeprefix(f"{base}/"),
                "title": content.title if content else None,
                "text": content.text if content else None,
                "published_at": published.isoformat() if published else None,
                "account": content.account if content else None,
                "status": row.state,
            }


def list_rows(database: Database, lists: dict[str, SavedSite]) -> Iterator[dict[str, Any]]:
    """The pages that were observed because a list named them."""
    with database.reading() as connection:
        rows = connection.execute(
            select(page.c.url, observation.c.parent_url)
            .join(observation, page.c.observation_id == observation.c.id)
        ).all()  # fmt: skip
    for file, place in lists.items():
        parent = f"{place.base}/{file}"
        links = [original(row.url, place.base) for row in rows if row.parent_url == parent]
        yield {"file": file, "links": links}


def scored(data: Path, predictions: list[dict[str, Any]], *, table: bool) -> dict[str, Any]:
    """The groups of `score.py`."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "predictions.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions))
        command = [sys.executable, str(data / "score.py"), "--gold", str(data), str(path)]
        if table:
            print(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    groups: dict[str, Any] = json.loads(done.stdout)["groups"]
    return groups


def figures(groups: dict[str, Any]) -> dict[str, float]:
    """Flat figures; what a folder has no pages for is left out."""
    found: dict[str, float] = {}
    for group, short in (
        ("news", "news"),
        ("news re-encoded to GB18030", "recoded"),
        ("forum", "forum"),
        ("wechat/body in the DOM", "wechat_dom"),
        ("wechat/body in a script", "wechat_script"),
        ("wechat", "wechat"),
        ("wechat/status pages", "status"),
        ("listing", "listing"),
    ):
        total = groups.get(group)
        if not total:
            continue
        if "body" in total:
            found[f"{short}_body_f1"] = total["body"]["f1"]
            found[f"{short}_called_status"] = float(total["called_status"])
        for measure, key in (
            ("title", "exact"), ("date", "right"), ("account", "right"), ("status", "empty"),
            ("status", "right"),
        ):  # fmt: skip
            if measure in total:
                found[f"{short}_{measure}_{key}"] = total[measure][key] / total[measure]["n"]
        for key in ("precision", "recall"):
            if "links" in total:
                found[f"{short}_link_{key}"] = total["links"][key]
    return found


def measure(data: Path = SHARED, *, table: bool = False) -> dict[str, float]:
    """All figures for the folder."""
    groups = scored(data, crawled(data), table=table)
    return figures(groups) | decoding_figures(data)


def main() -> int:
    return judged_on_saved_pages(__doc__, measure, FLOORS, "real input holds its floors")


if __name__ == "__main__":
    sys.exit(main())
