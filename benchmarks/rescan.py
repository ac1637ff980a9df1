"""`adwatch rescan` against `adwatch assess` on the same texts: texts a second, wall time, in turns.

The texts are labelled ones where they are present, else the rulebook's own examples: 2 % of them by
characters are suspect. They are stored as pages that were crawled long ago and found harmless, so
that each suspect one becomes a finding. Both use as many processes, and both begin from nothing:
loading rules is part of either.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from benchmarks.accuracy import SHARED
from benchmarks.assess_speed import labelled_texts, mixed, own_texts
from core.records import (
    Assessment,
    Capture,
    Change,
    Level,
    Observation,
    Origin,
    Page,
    PageState,
    Segment,
    Stance,
    StoredBytes,
)
from storage.database import open_database, upgrade
from storage.intake import save_observation, saving_jointly
from storage.runs import start_run

ADWATCH = Path(sys.executable).parent / "adwatch"
LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HARMLESS = Assessment(Level.NONE, 0.0, Stance.OTHER, rulebook="long ago")
JOINTLY = 200


def observe(number: int, text: str) -> Observation:
    """A page whose body is the text, as the last stage of a crawl gets it."""
    url = f"http://bench.example/{number}"
    digest = sha256(f"{number} {text}".encode()).hexdigest()
    return Observation(
        target_id="bench",
        run_id=1,
        url=url,
        kind="article",
        capture=Capture(url, url, 200, (), LONG_AGO),
        stored=StoredBytes(digest, len(text)),
        page=Page(PageState.OK, text=text, segments=(Segment(Origin.BODY, text, 1),)),
        content_hash=digest,
        change=Change.NEW,
        assessment=HARMLESS,
    )


def store(folder: Path, texts: list[str]) -> Path:
    """A database with one observation a text."""
    path = folder / "stored.db"
    upgrade(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")
    start_run(database, "bench", "bench", LONG_AGO)
    seen = [observe(number, text) for number, text in enumerate(texts)]
    for at in range(0, len(seen), JOINTLY):
        some = seen[at : at + JOINTLY]
        with saving_jointly(database, some):
            for one in some:
                save_observation(database, one)
    database.close()
    return path


def timed(*command: str | Path) -> tuple[float, str]:
    """The seconds that an adwatch command took, and what it said."""
    begun = time.monotonic()
    done = subprocess.run([ADWATCH, *command], stdout=subprocess.PIPE, text=True, check=True)
    return time.monotonic() - begun, done.stdout


def rescan_seconds(folder: Path, stored: Path, texts: int, jobs: int) -> float:
    """The seconds of a whole rescan of a fresh copy."""
    office = folder / "office"
    shutil.rmtree(office, ignore_errors=True)
    (office / "targets").mkdir(parents=True)
    (office / "adwatch.yml").write_text("contact: mailto:bench@example.cn\n")
    shutil.copyfile(stored, office / "adwatch.db")
    seconds, said = timed("--config", office, "rescan", "--jobs", str(jobs), "--json")
    report = json.loads(said)
    assert (report["observations"], report["failed"]) == (texts, 0), report
    assert report["new"], "nothing was suspect: the figure would mean nothing"
    print(f"  {len(report['new'])} new findings in {seconds:.1f} s")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    texts = mixed(*(labelled_texts() if SHARED.is_dir() else own_texts()), options.bytes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored = store(folder, texts)
        lines = folder / "texts.jsonl"
        rows = (json.dumps({"id": number, "text": text}) for number, text in enumerate(texts))
        lines.write_text("\n".join(rows) + "\n", encoding="utf-8")
        ratios, speeds = [], []
        for _ in range(options.rounds):
            whole, _ = timed("assess", lines, "--jobs", str(options.jobs))
            again = rescan_seconds(folder, stored, len(texts), options.jobs)
            ratios.append(whole / again)
            speeds.append(len(texts) / again)
            print(
                f"{len(texts)} texts: assess {len(texts) / whole:.0f}/s, rescan {speeds[-1]:.0f}/s"
            )
    figures = {
        "rescan_vs_assess": round(statistics.median(ratios), 3),
        "rescan_texts_s": round(statistics.median(speeds), 1),
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
