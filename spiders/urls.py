"""Canonical URLs: one spelling an address, and None for whatever a crawl must not ask for."""

import re
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

import tldextract

MAX_URL_LENGTH = 2_000
_PORTS = {"http": 80, "https": 443}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\u200b-\u200f\u202a-\u202e]")
_EDGE = " \t\r\n\f\v\ufeff\u200b\u3000\xa0"
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?\.?")
_IPV6 = re.compile(r"\[[0-9a-f:.]{2,45}\]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%|[^!#$&-;=?-Z_a-z~]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_SESSION = re.compile(
    r"(?:jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|session_?id|sess_?id)",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"(?:utm_\w+|spm|scm|pvid|_t_t_t|hmsr|hmpl|hmcu|hmkw|hmci|bd_vid|bdtk|gclid|fbclid|msclkid|yclid"
    r"|mc_[ce]id|_ga|_gl|share_?(?:token|from|source|medium|plat|platform|tag|time|uid|user|id"
    r"|session_id|app_id)|sharer_\w+|shareuid|isappinstalled|nsukey|weibo_id|vd_source"
    r"|from_source|from_spmid|spm_id_from|tt_from|timestamp_share|wxshare_count|is_from_webapp)",
    re.IGNORECASE,
)
# `from` often says which list an item belongs to; only these values say how it was shared.
_SHARED_FROM = frozenset(
    {"timeline", "singlemessage", "groupmessage", "message", "qrcode", "weixin", "wechat", "share"}
)
# An official account's article is named by these four; the rest says who opened it, and from where.
_WECHAT_NAME = frozenset({"__biz", "mid", "idx", "sn", "itemidx", "appmsgid"})


@lru_cache(maxsize=1_024)  # a page's address is looked at again at each step of its way
def canonical_url(url: str, base: str | None = None) -> str | None:
    """The one spelling of `url` (resolved against `base`), or None where it must not be fetched.

    Dropped: fragment (but `#!…`), default port, tracking and session parameters, dot segments;
    refused: schemes but http and https, credentials, backslashes, control characters, more than
    2,000 characters. The order of parameters is kept, since some sites read them by position.
    """
    text = url.strip(_EDGE)
    if not text or len(text) > MAX_URL_LENGTH or "\\" in text or _CONTROLS.search(text):
        return None
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        authority = _authority(parts)
    except ValueError:
        return None
    if authority is None:
        return None
    path = _without_dots(_escaped(_SESSION_PATH.sub("", parts.path)))
    query = _kept_query(_escaped(parts.query))
    fragment = _escaped(parts.fragment) if parts.fragment.startswith("!") else ""
    canonical = f"{parts.scheme}://{authority}{path}"
    canonical += (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return canonical if len(canonical) <= MAX_URL_LENGTH else None


def host_of(url: str) -> str:
    """The lower-case host of `url` without its port, "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


@lru_cache(maxsize=4_096)
def site_of(host: str) -> str:
    """What one owner registers: `example.com.cn` of `news.example.com.cn`; else the host."""
    found = _suffixes()(host)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else host


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list in the package


def _authority(parts: SplitResult) -> str | None:
    if parts.scheme not in _PORTS or "@" in parts.netloc:
        return None
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")  # UnicodeError is a ValueError
    if ":" in host:
        host = f"[{host}]"
    if not (_HOST.fullmatch(host) or _IPV6.fullmatch(host)) or ".." in host:
        return None
    port = parts.port
    return host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"


def _escaped(text: str) -> str:
    """Percent escapes in upper case, only where needed, and nothing unescaped that needs them."""
    return _ESCAPE.sub(_one_escape, text)


def _one_escape(found: re.Match[str]) -> str:
    code = found[1]
    if code:
        ch = chr(int(code, 16))
        return ch if ch in _UNRESERVED else f"%{code.upper()}"
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))


def _without_dots(path: str) -> str:
    out: list[str] = []
    segments = path.split("/")[1:] if path.startswith("/") else path.split("/")
    for segment in segments:
        if segment == "..":
            if out:
                out.pop()
        elif segment != ".":
            out.append(segment)
    if segments[-1] in (".", ".."):
        out.append("")
    return "/" + "/".join(out)


def _kept_query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair]
    names = {pair.partition("=")[0] for pair in pairs}
    if "__biz" in names and names & {"mid", "appmsgid"}:
        return "&".join(pair for pair in pairs if pair.partition("=")[0] in _WECHAT_NAME)
    return "&".join(pair for pair in pairs if not _says_nothing(pair))


def _says_nothing(pair: str) -> bool:
    name, _, value = pair.partition("=")
    if name == "from":
        return value.lower() in _SHARED_FROM
    return bool(_TRACKING.fullmatch(name) or _SESSION.fullmatch(name))
