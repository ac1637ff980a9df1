"""The address that a run of a target asks first."""

from core.target import Target
from spiders.api import api_starts
from spiders.search import word_address


def first_address(target: Target) -> str:
    """The first start address with what the target's kind adds to it."""
    if target.api is not None:
        return next(api_starts(target.start_urls, target.api))
    if target.search is not None:
        return word_address(target.start_urls[0], target.search.words[0], target.search)
    return target.start_urls[0]
