"""The demo as a visitor runs it: a first day without a browser, a second one with it, the digest served."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from crawler.demo_town.content import load_town
from spiders.browser import chromium_executable

ADWATCH = str(Path(sys.executable).parent / "adwatch")
PLAIN = {**os.environ, "NO_COLOR": "1"}
LEVELS = {"medium", "high"}
# A page is flagged for its own words; the text of a link on it speaks of the page it leads to.
POINTERS = {"link", "meta"}

# One worker runs all that looks at the same two crawls.
pytestmark = [
    pytest.mark.own_readers,
    pytest.mark.slow,
    pytest.mark.timeout(1_200),
    pytest.mark.xdist_group("demo"),
]


def adwatch(*command, **environment):
    return subprocess.run(
        [ADWATCH, *command], capture_output=True, check=False, timeout=600, text=True,
        env={**PLAIN, **environment},
    )  # fmt: skip


def findings_of(folder):
    said = adwatch("--config", str(folder), "findings", "export").stdout
    return [json.loads(line) for line in said.splitlines()]


def flagged_pages(found):
    """The findings by the path of each page whose own words they quote."""
    pages = defaultdict(list)
    for finding in found:
        sources = {hit["source"] for hit in finding["hits"] if hit["points"] > 0}
        if finding["level"] in LEVELS and not sources <= POINTERS:
            for place in finding["places"]:
                pages[urlsplit(place["url"]).path].append(finding)
    return pages


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "town"


@pytest.fixture(scope="module")
def first(folder):
    done = adwatch("demo", "--dir", str(folder), ADWATCH_CHROMIUM="/nonexistent/chromium")
    assert done.returncode == 0, done.stdout + done.stderr
    return done, findings_of(folder)


@pytest.fixture(scope="module")
def second(folder, first):
    done = adwatch("demo", "--dir", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return done, findings_of(folder)


def counts(stdout):
    """pages, new, changed, unchanged, suspect by target."""
    rows = re.findall(r"^(demo_\w+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) ", stdout, re.MULTILINE)
    return {name: tuple(map(int, numbers)) for name, *numbers in rows}


def test_the_first_run_tells_what_was_found_and_why_and_where_the_digest_is(first, folder):
    done, found = first
    assert "What was found, and why" in done.stdout
    assert "【监测日报】" in done.stdout
    assert len(found) > 20
    assert "0 faults in hashes and chain" in done.stdout
    digest = Path(re.search(r"Digest: (\S+\.html)", done.stdout)[1])
    assert digest.is_relative_to(folder)
    assert len(digest.read_bytes()) < 100_000
    assert "demo_news" in done.stderr, "progress goes to stderr"


def test_without_chromium_it_says_what_was_skipped_and_goes_on(first):
    done, _ = first
    assert re.search(r"skipped: demo_app .*apt-get install chromium", done.stdout)
    assert counts(done.stdout)["demo_app"][0] == 0
    assert counts(done.stdout)["demo_news"][0] > 5


def test_the_second_run_fetches_conditionally_and_flags_nothing_twice(first, second):
    done, found = second
    before = {finding["id"]: finding for finding in first[1]}
    assert set(before) <= {finding["id"] for finding in found}
    news, market = (counts(done.stdout)[name] for name in ("demo_news", "demo_market"))
    assert news[1:3] == (1, 0), "one page is new"
    assert market[1:3] == (0, 1), "one page has changed"
    assert market[3] == market[0] - 1
    reopened = [finding for finding in found if finding["state"] == "reopened"]
    assert [urlsplit(f["places"][0]["url"]).path for f in reopened] == ["/info/2003.html"]
    texts = [finding["text"] for finding in found]
    assert len(texts) == len(set(texts))
    app = {path for path in flagged_pages(found) if path.startswith("/app/")}
    for finding in found:
        if finding["id"] not in before:
            paths = {urlsplit(place["url"]).path for place in finding["places"]}
            assert paths & (app | {"/news/1014.html"}), finding["text"]


def pages(*expected):
    return [
        pytest.param(page, id=page.path)
        for page in load_town().pages
        if page.expected in expected and (page.expected == "suspect" or not page.deleted_on_day_2)
    ]


@pytest.mark.parametrize("page", pages("suspect"))
def test_every_suspect_page_is_found(second, page):
    if page.site == "app" and chromium_executable(os.environ) is None:
        pytest.skip("needs Chromium")
    assert flagged_pages(second[1]).get(page.path), f"{page.title}: {page.note}"


@pytest.mark.parametrize("page", pages("innocent", "status"))
def test_no_innocent_page_is_flagged(second, page):
    found = flagged_pages(second[1]).get(page.path, [])
    assert [finding["text"] for finding in found] == [], f"{page.title}: {page.note}"


def test_served_the_digest_stays_open_until_it_is_interrupted(second, folder):
    served = subprocess.Popen(
        [ADWATCH, "demo", "--dir", str(folder), "--serve"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**PLAIN, "ADWATCH_CHROMIUM": "/nonexistent/chromium"},
    )  # fmt: skip
    try:
        said = b""
        until = time.monotonic() + 400
        while b"Ctrl-C" not in said and time.monotonic() < until:
            if select.select([served.stdout], [], [], 5)[0]:
                said += os.read(served.stdout.fileno(), 65_536)
        url = re.search(rb"Open (http://127\.0\.0\.1:\S+)", said)[1].decode()
        with urlopen(url, timeout=10) as answer:  # noqa: S310 (loopback, see the pattern)
            page = answer.read().decode()
        assert "监测日报" in page
        link = re.search(r'href="([^"]+evidence/F\d+\.html)"', page)[1]
        with urlopen(f"{url.rpartition('/')[0]}/{link}", timeout=10) as answer:  # noqa: S310
            assert "SHA-256" in answer.read().decode()
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=60) == 0
    finally:
        served.kill()
        served.wait()
        served.stdout.close()
