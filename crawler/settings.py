"""Scrapy's settings for one crawl: the stages' order, politeness, limits and safety."""

from typing import Any
from urllib.parse import urlsplit

from core.target import Target

VERSION = "0.1.0"

STAGES: dict[str, int] = {
    "pipelines.evidence.EvidenceStage": 100,  # names the bytes by their hash
    "pipelines.read_stage.ReadStage": 200,  # extract, dedupe and classify, in a reader process
    "pipelines.picture_stage.PictureStage": 300,  # the page's pictures, then compare and classify
    "pipelines.store.StoreStage": 600,  # evidence files, then one transaction
}


# Scrapy's own that would look at each page for nothing: our spiders keep to their site, count
# depth and bound addresses themselves, and a crawl has neither passwords nor a proxy of the
# environment.
_IDLE_DOWNLOADER_MIDDLEWARES = (
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware",
)
_IDLE_SPIDER_MIDDLEWARES = (
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
    "scrapy.spidermiddlewares.depth.DepthMiddleware",
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware",
)


def user_agent(contact: str | None) -> str:
    """Who we are and how to reach us."""
    return f"Mozilla/5.0 (compatible; adwatch/{VERSION}; +{contact or 'contact not configured'})"


def is_loopback(url: str) -> bool:
    """Whether `url` leads to our own machine, which needs no delays."""
    host = urlsplit(url).hostname or ""
    return host.startswith("127.") or host == "localhost"


def scrapy_settings(
    target: Target,
    *,
    contact: str | None,
    network_allow: tuple[str, ...],
    verify_tls: bool,
) -> dict[str, Any]:
    """All settings of a crawl of `target`, but the browser's."""
    return {
        **_safety(target, network_allow, verify_tls=verify_tls),
        **_politeness(target, contact),
        "ITEM_PIPELINES": STAGES,
        # Nearer to the spider than Scrapy's statistics (850), which so count each 304, and nearer
        # to the network than decompression (590): what is kept of a list is as it came.
        # The refusal of an address is told before it is taken for a name that has none (550).
        "DOWNLOADER_MIDDLEWARES": {
            **dict.fromkeys(_IDLE_DOWNLOADER_MIDDLEWARES),
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawler.robots_rule.RobotsRule": 100,
            "crawler.middlewares.RevalidationMiddleware": 840,
            "crawler.picture_answers.PictureAnswers": 849,
            "crawler.refusals.RefusalMiddleware": 845,
        },
        "SPIDER_MIDDLEWARES": dict.fromkeys(_IDLE_SPIDER_MIDDLEWARES),
        "ADWATCH_MEDIUM": target.labels.medium,
        "ADWATCH_IMAGES": target.images.model_dump(),
        # Measured: each response starts CONCURRENT_ITEMS tasks, and the return-value warning
        # parses the callback's source again and again; together they halve the throughput. A
        # response yields one item, and those of different responses do not wait for one another.
        "CONCURRENT_ITEMS": 1,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        "LOG_LEVEL": "INFO",
        "LOGSTATS_INTERVAL": 0,
        "REQUEST_FINGERPRINTER_CLASS": "scrapy.utils.request.RequestFingerprinter",
    }


def _safety(target: Target, allow: tuple[str, ...], *, verify_tls: bool) -> dict[str, Any]:
    limits = target.limits
    return {
        "DNS_RESOLVER": "crawler.net_guard.GuardedResolver",
        "ADWATCH_NETWORK_ALLOW": list(allow),
        "DOWNLOAD_HANDLERS": {
            **dict.fromkeys(("file", "ftp", "s3", "data")),
            **dict.fromkeys(("http", "https"), "spiders.bounded_head.BoundedHandler"),
        },
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": verify_tls,
        "DOWNLOAD_MAXSIZE": limits.page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": limits.timeout_s,
        "REDIRECT_MAX_TIMES": 5,
        "CLOSESPIDER_TIMEOUT": limits.run_minutes * 60,
        "COOKIES_ENABLED": False,
        "MEMUSAGE_LIMIT_MB": 2_048,
    }


def _politeness(target: Target, contact: str | None) -> dict[str, Any]:
    limits = target.limits
    loopback = all(is_loopback(url) for url in target.start_urls)
    return {
        "USER_AGENT": user_agent(contact),
        "ROBOTSTXT_OBEY": target.robots.obey,
        "DOWNLOAD_DELAY": limits.delay_s,
        "CONCURRENT_REQUESTS": limits.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": limits.concurrency,
        # A site that slows down is asked less often; our own machine needs no such care.
        "AUTOTHROTTLE_ENABLED": not loopback and limits.delay_s > 0,
        "AUTOTHROTTLE_START_DELAY": limits.delay_s,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(limits.concurrency),
        "RETRY_TIMES": 1,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # the spider counts it under its reason
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
        },
    }
