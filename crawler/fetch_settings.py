"""Scrapy's settings for an order, with a guarded way out for its browser."""

from contextlib import ExitStack
from typing import Any

from crawler.fetch_order import FetchOrder
from crawler.guard_proxy import GuardProxy
from crawler.settings import scrapy_settings
from spiders.browser import browser_settings


def settings_of(order: FetchOrder, stack: ExitStack) -> dict[str, Any]:
    """The settings; a browser gets its way out for as long as `stack` lasts."""
    settings = scrapy_settings(
        order.target,
        contact=order.contact,
        network_allow=order.network_allow,
        verify_tls=order.verify_tls,
    )
    if order.target.is_rendered and order.chromium:
        guard = stack.enter_context(GuardProxy(order.network_allow))
        settings |= browser_settings(order.chromium, settings["USER_AGENT"], guard.url)
    return settings
