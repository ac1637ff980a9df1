"""The browser for rendered pages: which one, how it is started, what a rendered request carries.

The handler that drives it is `spiders.browser_handler`, which is loaded only where a page is
rendered.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.target import Limits

CONTEXT_SETTING = "ADWATCH_BROWSER_CONTEXT"
TIMEOUT_META = "adwatch_browser_timeout_s"
BYTES_META = "adwatch_browser_bytes"
# An order for the page's ads, and what came of it.
ADS_META = "adwatch_ads"
ADS_FOUND_META = "adwatch_ads_found"
_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
    "chromium-headless-shell", "microsoft-edge",
)  # fmt: skip
_OWN = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)
VIEWPORT = {"width": 1_280, "height": 900}


def chromium_executable(env: Mapping[str, str]) -> str | None:
    """The browser to use: ADWATCH_CHROMIUM, Playwright's own, or one on PATH; None without one.

    An ADWATCH_CHROMIUM that names nothing executable is not replaced by another browser.
    """
    path = env.get("PATH", os.defpath)
    named = env.get("ADWATCH_CHROMIUM", "").strip()
    if named:
        return shutil.which(named, path=path)
    home = env.get("HOME") or str(Path.home())
    own = Path(env.get("PLAYWRIGHT_BROWSERS_PATH") or f"{home}/.cache/ms-playwright")
    if own.is_dir():
        for pattern in _OWN:
            for file in sorted(own.glob(pattern), reverse=True):
                if os.access(file, os.X_OK):
                    return str(file)
    return next((found for name in _NAMES if (found := shutil.which(name, path=path))), None)


def browser_settings(executable: str, contact: str, proxy: str | None = None) -> dict[str, Any]:
    """Scrapy settings for rendered pages; `contact` is the User-Agent, `proxy` an egress proxy."""
    handler = "spiders.browser_handler.BoundedBrowserHandler"
    launch: dict[str, Any] = {
        "executable_path": executable,
        "headless": True,
        "args": launch_arguments(),
        "timeout": 60_000,
    }
    if proxy:
        launch["proxy"] = {"server": proxy, "bypass": "<-loopback>"}
    return {
        "DOWNLOAD_HANDLERS": {
            **dict.fromkeys(("file", "ftp", "s3", "data")),
            **dict.fromkeys(("http", "https"), handler),
        },
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch,
        CONTEXT_SETTING: _context(contact),
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,  # Chromium's own, which fit what it is
        "PLAYWRIGHT_ABORT_REQUEST": "spiders.browser_handler.is_refused",
    }


def launch_arguments() -> list[str]:
    """Chromium's switches; root alone goes without the sandbox, since Chromium insists on it."""
    arguments = [
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--mute-audio",
        "--no-first-run",
        "--no-pings",
    ]
    return ["--no-sandbox", *arguments] if os.geteuid() == 0 else arguments


def _context(user_agent: str) -> dict[str, Any]:
    return {
        "user_agent": user_agent,
        "accept_downloads": False,
        "service_workers": "block",
        "permissions": [],
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": VIEWPORT,
        "reduced_motion": "reduce",
    }


def browser_meta(limits: Limits) -> dict[str, Any]:
    """Request meta that has a page rendered within `limits`."""
    return {
        "playwright": True,
        "playwright_page_goto_kwargs": {
            "wait_until": "domcontentloaded",
            "timeout": limits.timeout_s * 700,  # milliseconds; the rest is for the screenshot
        },
        "playwright_page_init_callback": "spiders.browser_handler.prepare_page",
        TIMEOUT_META: limits.timeout_s,
        BYTES_META: limits.page_bytes,
    }
