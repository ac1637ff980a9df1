"""Which group of links is a page's main list: counted, measured and compared."""

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from spiders.link_candidates import Candidate
from spiders.urls import host_of, site_of

_MIN_ITEMS = 3
_LONG_TEXT = 32.0
_SAMPLE = 24
_FINALISTS = 12
_MAX_SLOTS = 4
_ITEM_CHARS = 500
_DATE = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|(?<!\d)\d{1,2}[-/月]\d{1,2}(?!\d)|(?<!\d)\d{1,2}:\d\d(?!\d)"
    r"|\d{1,2}\s?(?:秒|分钟|小时|天|周|个月)前|昨天|前天|刚刚|今天"
)
_URL_DATE = re.compile(r"(?:19|20)\d\d[-/_]?(?:0[1-9]|1[0-2]|[1-9](?=/))")
_URL_NUMBER = re.compile(r"\d{3,}|[0-9a-fA-F]{12,}")
_DIGITS = re.compile(r"\d+")
_CHROME = re.compile(
    r"nav|menu|foot|header|breadcrumb|crumb|toolbar|topbar|login|share|tags?\b|keyword|copyright"
    r"|friend|flink|youlian|sitemap|lang|pager|page|paging|comment|reply|author|user",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"side|right|aside|hot|rank|recommend|relat|tuijian|widget|xiangguan|phb|top\d*list",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Group:
    """Links that stand in the same kind of place; `score` says how much it looks like a list."""

    members: list[Candidate]
    score: float = 0.0

    @property
    def typical_length(self) -> float:
        """Median reading length of the texts."""
        return median(reading_length(member.text) for member in self.members)


def reading_length(text: str) -> float:
    """Length in full-width characters."""
    return sum(1.0 if ch > "\u2e7f" else 0.5 for ch in text)


def scored_groups(candidates: list[Candidate], base: str) -> list[Group]:
    """The groups that could be a list, best first."""
    by_path: dict[tuple[str, ...], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_path[candidate.path].append(candidate)
    sets = [members for members in by_path.values() if len(members) >= _MIN_ITEMS]
    sets += [slot for members in sets for slot in _slots(members)]
    groups = [Group(members) for members in sets]
    for group in groups:
        group.score = _quick_score(group, base)
    groups.sort(key=lambda group: -group.score)
    finalists = [group for group in groups[:_FINALISTS] if group.score > 0]
    wide: set[int] = set()
    for group in finalists:
        group.score *= 1.0 + _dated_share(group.members, wide)
    return sorted(finalists, key=lambda group: -group.score)


def _slots(members: list[Candidate]) -> list[list[Candidate]]:
    """The first, second, … links of each item, where items have several that look alike.

    So the category before each title does not go for a title: `[家政] <a>…</a>`.
    """
    by_parent: dict[int, list[Candidate]] = defaultdict(list)
    for member in members:
        by_parent[member.chain[0] if member.chain else 0].append(member)
    sizes = [len(links) for links in by_parent.values()]
    if len(sizes) < _MIN_ITEMS or not 2 <= max(sizes) <= _MAX_SLOTS:  # noqa: PLR2004
        return []
    slots: list[list[Candidate]] = [[] for _ in range(max(sizes))]
    for links in by_parent.values():
        for slot, link in zip(slots, links, strict=False):
            slot.append(link)
        if len(links) == 1:  # an item without the extra link has its title alone
            slots[-1].append(links[0])
    return [slot for slot in slots if len(slot) >= _MIN_ITEMS]


def _quick_score(group: Group, base: str) -> float:
    members = group.members
    urls = {member.url for member in members}
    texts = {member.text for member in members if member.text}
    if len(urls) < _MIN_ITEMS or len(texts) < _MIN_ITEMS:
        return 0.0
    length = min(group.typical_length, _LONG_TEXT)
    if length < 2.5:  # noqa: PLR2004 (page numbers, single words)
        return 0.0
    sample = members[:: max(1, len(members) // _SAMPLE)]
    distinct = len(texts) / len(members)
    own = sum(site_of(host_of(m.url)) == site_of(host_of(base)) for m in sample) / len(sample)
    article = sum(_names_an_item(m.url) for m in sample) / len(sample)
    heading = sum(m.in_heading for m in sample) / len(sample)
    score = math.sqrt(len(urls)) * length * distinct
    score *= (0.5 + 0.5 * own) * (0.5 + article) * (1.0 + 0.5 * heading)
    score /= 1.0 + 0.15 * (len({url_shape(m.url) for m in sample}) - 1)
    return score * _place_factor(members[0].path)


def _place_factor(path: tuple[str, ...]) -> float:
    steps = " ".join(step for step in path if "." in step or step in ("nav", "footer", "aside"))
    if _CHROME.search(steps):
        return 0.4
    return 0.7 if _BESIDE.search(steps) else 1.0


def url_shape(url: str) -> str:
    """Host and path with each number as one sign: items of a list mostly share it."""
    parts = urlsplit(url)
    return f"{parts.netloc}{_DIGITS.sub('0', parts.path.rpartition('/')[0])}"


def _names_an_item(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_URL_NUMBER.search(f"{parts.path}?{parts.query}") or _URL_DATE.search(parts.path))


def _dated_share(members: list[Candidate], wide: set[int]) -> float:
    sample = members[:: max(1, len(members) // 8)]
    return sum(_stands_beside_a_date(member, wide) for member in sample) / len(sample)


def _stands_beside_a_date(member: Candidate, wide: set[int]) -> bool:
    """Whether the item around the link has a date; `wide` remembers what is more than an item."""
    node = member.node.parent if member.node else None
    for _ in range(3):
        if node is None or node.tag in ("body", "html") or node.mem_id in wide:
            return False
        text = node.text(deep=True, separator=" ")
        if len(text) > _ITEM_CHARS:
            wide.add(node.mem_id)
            return False
        if _DATE.search(text.replace(member.text, " ")):
            return True
        node = node.parent
    return False


def list_members(best: Group, candidates: list[Candidate]) -> list[Candidate]:
    """The best group with the items that are marked up a little differently, in page order.

    The list's container is the innermost element that holds nearly all of the group. A child of
    it without a link of the group is an item too where its longest link could be one.
    """
    container = _container(best.members)
    if container is None:
        return best.members
    shape = tuple(step.partition(".")[0] for step in best.members[0].path[:2])
    floor = 0.4 * best.typical_length
    chosen = {id(member) for member in best.members}
    taken = {_item_of(member, container) for member in best.members}
    extra: dict[int, Candidate] = {}
    for candidate in candidates:
        item = _item_of(candidate, container)
        if item is None or item in taken or id(candidate) in chosen:
            continue
        if reading_length(candidate.text) < floor or not _alike(candidate, best, shape):
            continue
        known = extra.get(item)
        if known is None or len(candidate.text) > len(known.text):
            extra[item] = candidate
    chosen |= {id(candidate) for candidate in extra.values()}
    return [candidate for candidate in candidates if id(candidate) in chosen]


def _alike(candidate: Candidate, best: Group, shape: tuple[str, ...]) -> bool:
    bare = tuple(step.partition(".")[0] for step in candidate.path[:2])
    heading = best.members[0].in_heading
    return candidate.in_heading == heading and (heading or bare == shape)


def _container(members: list[Candidate]) -> int | None:
    holds: Counter[int] = Counter()
    depth: dict[int, int] = {}
    for member in members:
        for level, mem_id in enumerate(member.chain):
            holds[mem_id] += 1
            depth[mem_id] = len(member.chain) - level
    enough = 0.8 * len(members)
    full = [mem_id for mem_id, count in holds.items() if count >= enough]
    return max(full, key=lambda mem_id: (depth[mem_id], holds[mem_id]), default=None)


def _item_of(candidate: Candidate, container: int) -> int | None:
    """The child of `container` that holds the link, None where the link stands elsewhere."""
    try:
        level = candidate.chain.index(container)
    except ValueError:
        return None
    return candidate.chain[level - 1] if level else -id(candidate)
