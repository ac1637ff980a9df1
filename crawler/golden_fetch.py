"""The pages of a target that are worth keeping: a start page, and the first item it names."""

from core.errors import LookError
from core.records import Capture
from core.target import Target
from crawler.list_reading import has_lists, read_list
from crawler.look_faults import fault_sentence
from crawler.looks import Viewpoint, fetch
from spiders.first_address import first_address

_MOST_TRIED = 2


def golden_captures(viewpoint: Viewpoint, target: Target, url: str | None) -> tuple[Capture, ...]:
    """A start page and, where it is a list, the first item that is there; or `url` alone."""
    first = _captured(viewpoint, target, url or first_address(target))
    if url is not None or not has_lists(target):
        return (first,)
    reading = read_list(target, first)
    if reading.is_content:
        return (first,)
    for item in reading.followed[:_MOST_TRIED]:
        look = fetch(viewpoint, target, item)
        capture = look.capture_of(item)
        if capture is not None:
            return first, capture
    return (first,)


def _captured(viewpoint: Viewpoint, target: Target, url: str) -> Capture:
    look = fetch(viewpoint, target, url)
    capture = look.capture_of(url)
    if capture is None:
        reason = "timeout" if look.timed_out else look.drop_of(url)
        raise LookError(f"{fault_sentence(reason, url)}; nothing was saved")
    return capture
