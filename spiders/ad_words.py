"""The words by which ads are told: labels that stand on them, names of their containers."""

import re
from functools import lru_cache

AD_LABELS = frozenset(
    {
        "广告",
        "推广",
        "赞助",
        "商业推广",
        "广告推广",
        "推广信息",
        "赞助商",
        "廣告",
        "[广告]",
        "【广告】",
        "ad",
    }
)
# More characters or links than an ad has.
AD_CHARS = 900
AD_LINKS = 25
SMALL_PRINT_CHARS = 30
_FURTHER_LABELS = frozenset(
    {"ads", "advertisement", "sponsored", "推广链接", "赞助内容", "廣告推廣"}
)
_EDGE = " \t\r\n\u3000\xa0[]【】()（）「」<>《》·•|｜/-—–_:：×✕✖xX关闭"
# 广告 · 某某公司, 某某公司 | 广告: the word apart from what stands beside it.
_SMALL_PRINT = re.compile(
    r"^[\[【(（]?(广告|廣告|推广|赞助)[\]】)）]?\s*[·•|｜/:：—-]|[·•|｜/—-]\s*[\[【(（]?(广告|廣告|推广|赞助)[\]】)）]?$"
)
_AD = re.compile(
    r"(?:^|[\s_-])(?:ads?|adv|advs|adbox|adwrap|adarea|adslot|adzone|adsense|adsbygoogle|adunit|adinfo|adimg|adpic"
    r"|ad(?:vert|ver)(?:s|ise|isement|ising|tisement|ts)?|adver\w*|guanggao|sponsor(?:ed|s)?|tuiguang|wangmeng"
    r"|promoted|promotion|wwads|mediago|googlead|dfp)(?=$|[\s_\d-])"
    r"|(?:^|[\s_-])(?:ad|ads|gg)[_-]?\d+|guanggao|tuiguang|wwads|gpt-ad|adsbygoogle|mediago-ad"
    r"|(?:^|[\s_-])js_(?:top|bottom|sponsor)_ad"
)


@lru_cache(maxsize=8_192)
def names_an_ad(names: str) -> bool:
    """Whether class and id (lower case) call the box an ad."""
    return bool(_AD.search(names))


def label_in(text: str) -> str:
    """The word in `text` that calls what it stands on an ad; "" where the text says more."""
    said = " ".join(text.split())
    if not said or len(said) > SMALL_PRINT_CHARS:
        return ""
    bare = said.strip(_EDGE)
    if bare.lower() in AD_LABELS or bare.lower() in _FURTHER_LABELS:
        return bare
    found = _SMALL_PRINT.search(said)
    return (found[1] or found[2]) if found else ""
