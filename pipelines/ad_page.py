"""What was seen of an advertisement → the page that is stored of it: one block of its own."""

from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from core.records import Ad, Capture, Origin, Page, PageState, Segment
from pipelines.layout import ALT, META, lay_out
from pipelines.links_out import absolute_links
from spiders.ad_words import label_in
from spiders.decode import decode
from spiders.markup import bounded_html

_TITLE_CHARS = 80


def read_ad(capture: Capture, ad: Ad) -> Page:
    """The ad's text as one block; its title is its first line, or the host that it leads to."""
    layout = lay_out(
        LexborHTMLParser(bounded_html(decode(capture.body, "text/html; charset=utf-8").text))
    )
    lines = [line for line in layout.lines if line.kind is not META]
    said = [line.text for line in lines if not label_in(line.text)]
    return Page(
        PageState.OK,
        title=(said[0] if said else urlsplit(ad.destination).netloc)[:_TITLE_CHARS],
        text="\n".join(said),
        links=absolute_links(layout.links, capture.final_url),
        segments=tuple(
            Segment(Origin.ALT if line.kind is ALT else Origin.AD, line.text) for line in lines
        ),
        encoding="utf-8",
        state_message=layout.truncated,
        ad=ad,
    )
