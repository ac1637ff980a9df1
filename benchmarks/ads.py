"""Crawls saved real pages with the ad spider and compares what it finds with labelled ads.

    python -m benchmarks.ads [--data DIR] [--table]

The gold is every label on a page; a found element is false when no label stands in it. A label
counts as found when it stands in a found element. Labels that the drawn page does not show cannot
be found and are told apart. Exit 1 when a figure is beyond its floor in `ads_floors.json`.
"""

import json
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from lxml import html
from sqlalchemy import select

from benchmarks.real_input import gold_rows, run_crawl
from benchmarks.saved_pages import SHARED, judged_on_saved_pages
from benchmarks.saved_site import SavedSite
from spiders.browser import chromium_executable
from spiders.decode import decode
from storage.codec import load_page
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.tables import evidence, observation, page

FLOORS = Path(__file__).resolve().parent / "ads_floors.json"
_LIMITS = "limits: {delay_s: 0, concurrency: 1, timeout_s: 60}\n"


def marked_page(data: Path, file: str, rows: list[dict[str, Any]]) -> bytes:
    """The saved page with a number on each gold label, so that it is known again once drawn.

    Without its scripts: they lead away from a copy, and what they drew was mostly not saved.
    """
    tree = html.document_fromstring(decode((data / file).read_bytes(), None).text)
    for number, row in enumerate(rows):
        for label in tree.getroottree().xpath(row["label_xpath"]):
            label.set("data-gold", str(number))
    for declared in tree.xpath("//meta[@charset] | //meta[@http-equiv] | //script"):
        declared.drop_tree()
    body: bytes = html.tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>")
    return b"\xef\xbb\xbf" + body


def crawled(pages: dict[str, bytes]) -> dict[str, list[tuple[bytes, str]]]:
    """The ads' HTML and a word on each, by path."""
    found: dict[str, list[tuple[bytes, str]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, SavedSite(pages) as site:
        office = Path(name)
        (office / "targets").mkdir()
        (office / "adwatch.yml").write_text(
            "contact: mailto:bench@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
        )
        starts = json.dumps([site.base + path for path in pages])
        (office / "targets" / "ads.yml").write_text(
            f"title: ads\nspider: ads\nstart_urls: {starts}\nads: {{per_page: 200}}\n{_LIMITS}"
        )
        print(run_crawl(office))
        database, store = (
            open_database(f"sqlite:///{office / 'adwatch.db'}"),
            EvidenceStore(office / "evidence"),
        )
        try:
            with database.reading() as connection:
                rows = connection.execute(
                    select(observation.c.parent_url, observation.c.content, evidence.c.body_sha256)
                    .join(page, page.c.observation_id == observation.c.id)
                    .join(evidence, evidence.c.seq == observation.c.evidence_seq)
                    .where(observation.c.kind == "ad")
                ).all()  # fmt: skip
            for row in rows:
                content = load_page(row.content)
                said = f"{content.ad.signs if content.ad else ()} {content.ad.place if content.ad else ''} {content.title[:40]}"
                found[row.parent_url.removeprefix(site.base)].append(
                    (store.read(row.body_sha256), said)
                )
        finally:
            database.close()
    return found


def measure(data: Path = SHARED, *, table: bool = False) -> dict[str, float]:
    """Recall of labels and false elements a page."""
    gold: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in gold_rows(data, "ads_gold.jsonl"):
        gold[f"/{row['file']}"].append(row)
    found = crawled({path: marked_page(data, path[1:], rows) for path, rows in gold.items()})
    labels = hit = false = 0
    for path, rows in gold.items():
        wanted = {n for n, row in enumerate(rows) if not row["looks_like_nav_not_ad"]}
        bodies = [body for body, _ in found[path]]
        held = {n for n in wanted if any(b'data-gold="%d"' % n in body for body in bodies)}
        wrong = [said for body, said in found[path] if b"data-gold=" not in body]
        labels, hit, false = labels + len(wanted), hit + len(held), false + len(wrong)
        if table:
            print(f"{path}: {len(held)} of {len(wanted)}, missed {sorted(wanted - held)}")
            print("\n".join(f"    false: {said}" for said in wrong))
    return {"ads_label_recall": hit / labels, "ads_false_per_page": false / len(gold)}


def main() -> int:
    if chromium_executable(os.environ) is None:
        print("no Chromium on this machine: nothing is measured")
        return 0
    return judged_on_saved_pages(__doc__, measure, FLOORS, "ads hold their floors")


if __name__ == "__main__":
    sys.exit(main())
