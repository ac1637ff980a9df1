"""Why a look at an address came to nothing, as a sentence with the way out."""

from urllib.parse import urlsplit

_SENTENCES = {
    "private_address": (
        "{host} leads to an address that is not public; if it must be crawled, allow its network"
        " in adwatch.yml, like network: {{allow: [10.1.0.0/16]}}"
    ),
    "robots": (
        "the robots.txt of {host} does not allow this address to programs like ours; ask the site,"
        ' and write what was agreed into a target: robots: {{obey: false, reason: "…"}}'
    ),
    "timeout": "{host} did not answer in time; try again, or give it longer",
    "dns": "no server is known by the name of {host}; is it spelt correctly?",
    "refused": "{host} refuses connections on that port",
    "reset": "{host} broke the connection off",
    "truncated": "the answer ended before it was complete",
    "tls": (
        "the certificate of {host} does not verify; where that is known and accepted, set"
        " network: {{verify_tls: false}} in adwatch.yml"
    ),
    "too_large": "the answer is larger than limits.page_bytes",
    "header_flood": "its headers never end, or are larger than 256 KiB",
    "redirects": "it leads in circles, or through too many redirects",
    "empty": "the answer has no content",
    "not_html": "it is an image, a document, an archive or a program, not a page",
    "bad_encoding": "the answer is packed in a way that cannot be unpacked",
    "http_401": "the server asks for a password (HTTP 401); only public pages are watched",
    "http_403": "the server refuses it (HTTP 403), perhaps to programs alone",
    "http_404": "there is no such page (HTTP 404)",
    "http_410": "the page is gone (HTTP 410)",
    "http_429": "the server says it was asked too often (HTTP 429); try again later",
}


def fault_sentence(reason: str, url: str) -> str:
    """`url`, and what is wrong with it."""
    host = urlsplit(url).hostname or url
    known = _SENTENCES.get(reason)
    if known is None and reason.startswith("http_"):
        known = f"the server answers HTTP {reason.removeprefix('http_')}"
    return f"{url}: {(known or reason.replace('_', ' ')).format(host=host)}"
