"""RSS 2.0, RSS 1.0 and Atom → entries, read without entities, DTDs or network."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from spiders.decode import decode
from spiders.urls import canonical_url

MAX_ENTRIES = 5_000
_MAX_TEXT = 500
_PROLOG = re.compile(r"(?:\s+|<\?.{0,2000}?\?>|<!--.*?-->)*", re.DOTALL)
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOSE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_NAMED_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_OWN_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SPACE = re.compile(r"\s+")
_ROOTS = frozenset({"rss", "rdf", "feed"})
_CHINA = timezone(timedelta(hours=8))


class FeedFault(ValueError):  # noqa: N818 (a reason, said in one word by `reason`)
    """Why bytes are no feed; `reason` is the word that is counted."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `content` is the HTML that the feed itself carries, if any."""

    url: str | None
    title: str = ""
    published_at: datetime | None = None
    author: str = ""
    content: str = ""
    guid: str = ""


def read_feed(body: bytes, content_type: str | None, base_url: str) -> tuple[Entry, ...]:
    """The entries in the feed's order; FeedFault where the bytes are no feed.

    Mild breakage is mended: wrong encoding, loose ampersands, HTML entities, control characters,
    a cut end. A document type is refused, since only attacks have one in a feed.
    """
    root = parse_xml(decode(body, content_type).text)
    if _local(root) not in _ROOTS:
        raise FeedFault("feed_not_feed", f"the root element is <{_local(root)}>")
    entries = (node for node in root.iter() if _local(node) in ("item", "entry"))
    found: list[Entry] = []
    for node in entries:
        if len(found) >= MAX_ENTRIES:
            break
        found.append(_entry(node, base_url))
    return tuple(found)


def parse_xml(text: str) -> etree._Element:
    """`text` as XML, mended where that is harmless; FeedFault(`feed_not_xml` or `feed_dtd`)."""
    text = _ILLEGAL.sub("", text).lstrip("\ufeff \t\r\n")
    if not text.startswith("<") or re.match(r"<(?:!doctype\s+html|html)\b", text, re.IGNORECASE):
        raise FeedFault("feed_not_xml", "not XML")
    if _has_document_type(text):
        raise FeedFault("feed_dtd", "a document type is refused")
    source = _DECLARATION.sub("", text)
    try:
        return etree.fromstring(source.encode(), _parser(recover=False))
    except (etree.XMLSyntaxError, ValueError):
        return _parse_mended(source)


def _has_document_type(text: str) -> bool:
    """Whether a DTD stands where alone it can: before the root element."""
    prolog = _PROLOG.match(text)
    return text.startswith("<!", prolog.end() if prolog else 0)


def _parse_mended(source: str) -> etree._Element:
    parts = _CDATA.split(source)
    parts[::2] = [
        _LOOSE_AMPERSAND.sub("&amp;", _NAMED_ENTITY.sub(_as_character, part)) for part in parts[::2]
    ]
    try:
        root: etree._Element | None = etree.fromstring(
            "".join(parts).encode(), _parser(recover=True)
        )
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedFault("feed_not_xml", f"not XML: {error}") from None
    if root is None:
        raise FeedFault("feed_not_xml", "not XML")
    return root


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )


def _as_character(found: re.Match[str]) -> str:
    return found[0] if found[1] in _OWN_ENTITIES else html.unescape(found[0])


def _local(node: etree._Element) -> str:
    """The element's name without its namespace, in lower case; "" for what is no element."""
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def _entry(node: etree._Element, base_url: str) -> Entry:
    fields: dict[str, str] = {}
    links: dict[str, str] = {}
    for child in node:
        name = _local(child)
        text = _text(child)
        if name == "link":
            links.setdefault(child.get("rel") or "alternate", child.get("href") or text)
        elif name:
            fields.setdefault(name, text)
            if name == "guid" and child.get("isPermaLink", "true") == "true":
                links.setdefault("guid", text)
    base = node.get("{http://www.w3.org/XML/1998/namespace}base") or ""
    here = canonical_url(base, base_url) or base_url if base else base_url
    addresses = (links.get("alternate"), fields.get("origlink"), links.get("guid"))
    url = next((found for text in addresses if (found := _address(text, here))), None)
    dates = (fields.get(name) for name in ("pubdate", "published", "date", "updated", "issued"))
    return Entry(
        url=url,
        title=plain_text(fields.get("title", "")),
        published_at=next((at for text in dates if (at := parse_date(text or ""))), None),
        author=plain_text(fields.get("creator") or fields.get("author") or "")[:100],
        content=fields.get("encoded") or fields.get("content") or fields.get("description") or "",
        guid=fields.get("guid") or fields.get("id") or "",
    )


def _address(text: str | None, base_url: str) -> str | None:
    text = (text or "").strip()
    if not text or (":" in text and not text.lower().startswith(("http:", "https:", "/", "?"))):
        return None
    return canonical_url(text, base_url)


def _text(node: etree._Element) -> str:
    return "".join(str(part) for part in node.itertext()).strip()


def plain_text(markup: str) -> str:
    """Text of a title that may be HTML, on one line."""
    if "<" in markup:
        markup = LexborHTMLParser(markup[: 20 * _MAX_TEXT]).text(deep=True, separator=" ")
    return _SPACE.sub(" ", html.unescape(markup)).strip()[:_MAX_TEXT]


def parse_date(text: str) -> datetime | None:
    """An RFC 822 or ISO 8601 date as aware UTC; without a zone it is taken to be in China."""
    text = text.strip()[:60]
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return in_utc(moment)


def in_utc(moment: datetime) -> datetime | None:
    """`moment` as aware UTC, None where it lies outside the calendar."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_CHINA)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def feed_title(body: bytes, content_type: str | None) -> str:
    """What the feed calls itself; FeedFault where the bytes are no feed."""
    root = parse_xml(decode(body, content_type).text)
    if _local(root) not in _ROOTS:
        raise FeedFault("feed_not_feed", f"the root element is <{_local(root)}>")
    channel = root.find("{*}channel")
    return plain_text((root if channel is None else channel).findtext("{*}title") or "")
