"""A site on loopback and real crawls of it, each in a process of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[3]
_CHILD = r"""
import json, sys
from scrapy import signals
from scrapy.crawler import CrawlerProcess
from scrapy.utils.misc import load_object
from core.target import Target

order = json.load(sys.stdin)
target = Target.model_validate_json(json.dumps(order["target"]))
limits = target.limits
settings = {
    "LOG_LEVEL": "INFO", "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "DOWNLOAD_MAXSIZE": limits.page_bytes, "DOWNLOAD_WARNSIZE": 0, "RETRY_ENABLED": False,
    "DOWNLOAD_DELAY": limits.delay_s, "CONCURRENT_REQUESTS": limits.concurrency,
    "DOWNLOAD_TIMEOUT": limits.timeout_s, "ROBOTSTXT_OBEY": False, "DEPTH_LIMIT": 0,
    "WARN_ON_GENERATOR_RETURN_VALUE": False, **order["settings"],
}
process = CrawlerProcess(settings)
crawler = process.create_crawler(load_object(order["spider"]))
items = []

def keep(item, response, spider):
    capture = item.capture
    items.append({
        "url": item.url, "kind": item.kind, "parent": item.parent_url, "target": item.target_id,
        "run": item.run_id, "title": item.hints.title, "author": item.hints.author,
        "published_at": item.hints.published_at and item.hints.published_at.isoformat(),
        "status": capture.status, "asked": capture.url, "final": capture.final_url,
        "redirects": capture.redirects, "server": capture.server_address,
        "headers": capture.headers, "at": capture.captured_at.isoformat(),
        "body": capture.body.decode("utf-8", "replace")[:3000], "size": len(capture.body),
        "rendered": capture.rendered, "method": capture.method,
        "shot": capture.screenshot.hex() if capture.screenshot else None,
    })

crawler.signals.connect(keep, signals.item_scraped)
process.crawl(crawler, target=target, run_id=7)
process.start()
stats = {key: value for key, value in crawler.stats.get_stats().items()
         if isinstance(value, (int, float, str))}
json.dump({"items": items, "stats": stats}, sys.stdout)
"""
_SPIDERS = {
    "article": "spiders.article.ArticleSpider",
    "listing": "spiders.listing.ListingSpider",
    "feed": "spiders.feed.FeedSpider",
    "sitemap": "spiders.sitemap.SitemapSpider",
    "wechat": "spiders.wechat.WechatSpider",
    "api": "spiders.api.ApiSpider",
    "search": "spiders.search.SearchSpider",
}


@dataclass
class Reply:
    """What the site answers under one path."""

    body: bytes | str = b""
    status: int = 200
    content_type: str | None = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


class Site:
    """A server on loopback whose pages a test writes; `asked` lists the paths that were fetched."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(self.path)
                reply = site.pages.get(self.path, Reply("<p>nothing here</p>", 404))
                if reply.act:
                    self.close_connection = True
                    reply.act(self)
                    return
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                if reply.content_type:
                    self.send_header("Content-Type", reply.content_type)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """The test's output stays clean."""

        class QuietServer(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A client that goes away is part of the tests."""

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    def page(self, path: str, body: bytes | str = b"", **reply: Any) -> str:
        """Serve `body` under `path`; its address."""
        self.pages[path] = Reply(body, **reply)
        return self.url + path

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Crawl:
    """What a crawl came to."""

    items: list[dict[str, Any]]
    stats: dict[str, Any]
    log: str

    @property
    def drops(self) -> dict[str, int]:
        """Counted drops by reason."""
        start = "adwatch/drop/"
        return {k[len(start) :]: v for k, v in self.stats.items() if k.startswith(start)}

    @property
    def paths(self) -> list[str]:
        """Paths of the observed pages, sorted."""
        return sorted(item["url"].partition("//")[2].partition("/")[2] for item in self.items)


@pytest.fixture
def site():
    served = Site()
    yield served
    served.close()


@pytest.fixture
def crawl():
    def run(spider: str, *start_urls: str, settings: dict[str, Any] | None = None, **target: Any):
        limits = {"delay_s": 0.0, "timeout_s": 10.0, "concurrency": 4} | target.pop("limits", {})
        order = {
            "spider": _SPIDERS[spider],
            "settings": settings or {},
            "target": {
                "id": "t1",
                "title": "目标",
                "spider": spider,
                "start_urls": list(start_urls),
                "limits": limits,
                **target,
            },
        }
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=120,
            cwd=_ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3_000:]
        result = json.loads(done.stdout)
        assert "Traceback" not in done.stderr, done.stderr[-3_000:]
        return Crawl(result["items"], result["stats"], done.stderr)

    return run
