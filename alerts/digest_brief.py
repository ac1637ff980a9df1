"""The digest for a chat: the figures, the worst few, and where the rest stands."""

from alerts.chat_text import chat_safe
from alerts.digest import Digest
from alerts.health_wording import health_name

BRIEF_ITEMS = 8
BRIEF_TROUBLES = 5


def digest_brief(digest: Digest) -> str:
    """Markdown that every robot knows; what is not shown is counted."""
    words = digest.words
    lines = [f"**{chat_safe(digest.subject)}**"]
    for health in digest.troubles[:BRIEF_TROUBLES]:
        title = chat_safe(health.title, 40)
        lines.append(f"{words['faults']}：{title} {health_name(health.health, digest.language)}")
    if not digest.items:
        lines.append(words["nothing"].format(ok=digest.ok_targets, all=len(digest.health)))
    for number, item in enumerate(digest.items[:BRIEF_ITEMS], 1):
        patterns = chat_safe("、".join(item.patterns[:2]), 60)
        heading = chat_safe(item.heading, 40)
        lines.append(f"{number}. [{item.level} {item.finding.score:.0f}] {heading}")
        lines.append(f"> {patterns} · {chat_safe('、'.join(item.target_titles[:2]) or '-', 40)}")
    rest = len(digest.findings) - min(len(digest.items), BRIEF_ITEMS)
    if rest > 0:
        lines.append(words["brief_rest"].format(count=rest))
    if digest.review_url:
        lines.append(f"{words['review']}：{digest.review_url}")
    lines.append(words["notice"])
    return "\n".join(lines)
