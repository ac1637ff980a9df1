"""What the class and id of a box say about it: something around the article, or the article."""

import re
from functools import lru_cache

_AROUND = re.compile(
    r"comment|pinglun|(?:^|[\s_-])(?:reply|replies)|foot(?:er)?(?=$|[\s_-])|copyright|(?:^|[\s_-])side"
    r"|sidebar|aside|relat|recommend|xiangguan|tuijian|guess|(?:^|[\s_-])hot|rank|(?:^|[\s_-])top(?:bar|nav|menu)"
    r"|share|shar-|(?:^|[\s_-])(?:hd|ft|nav|menu|toolbar|topbar|crumbs?|breadcrumbs?|path|location|position)(?=$|[\s_-])"
    r"|breadcrumb|navbar|pagination|(?:^|[\s_-])(?:pages?|pager)(?=$|[\s_-])|page-?nav|login|subscri|qrcode"
    r"|erweima|ewm|(?:^|[\s_-])tags?(?=$|[\s_-])|disclaim|statement|mianze|declare|friendlink|(?:^|[\s_-])links?(?=$|[\s_-])"
    r"|(?:^|[\s_-])(?:prev|next)|prenext|shangyipian|popup|modal|dialog|download|feedback|ep-source|editor-?name"
    r"|(?:^|[\s_-])(?:zan|like|digg|vote|report)(?=$|[\s_-])|author-?(?:info|card|box)|about-?author|widget"
)
_ARTICLE = re.compile(
    r"article|content|(?:^|[\s_-])(?:text|txt|detail|entry|post|zoom|main|story|artibody|endtext|con)"
    r"(?=$|[\s_-])|trs_editor|body|news|zhengwen|neirong|vsb_content|ucap|rich_media|detail|editor"
)


@lru_cache(maxsize=8_192)
def names_surroundings(names: str) -> bool:
    """Whether class and id call the box something that stands around an article."""
    return bool(_AROUND.search(names))


@lru_cache(maxsize=8_192)
def names_an_article(names: str) -> bool:
    """Whether class and id call the box the article or its text."""
    return bool(_ARTICLE.search(names))
