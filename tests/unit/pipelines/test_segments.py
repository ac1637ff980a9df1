"""Classification reads every visible segment, with its origin, and nothing that is not visible."""

import html

import pytest

from core.records import Level, Origin, Stance
from pipelines.classify import judge

BESIDE = {
    "a side box": ('<div class="side"><p>{}</p></div>', Origin.SIDE),
    "a link": ('<div class="box3"><a href="/x">{}</a></div>', Origin.LINK),
    "a picture's text": ('<div><a href="/y"><img src="1.jpg" alt="{}"></a></div>', Origin.ALT),
    "a link's title": ('<div><a href="/y" title="{}">更多</a></div>', Origin.ALT),
    "a labelled ad": ('<div class="x"><i>广告</i><p>{}</p></div>', Origin.AD),
    "a slot named an ad": ('<div id="ad_7"><p>{}</p></div>', Origin.AD),
    "a button": ("<button>{}</button>", Origin.SIDE),
    "a text field's hint": ('<input type="text" placeholder="{}">', Origin.SIDE),
    "a reply": ('<div class="reply"><p>{}</p></div>', Origin.SIDE),
}


@pytest.mark.parametrize("place", BESIDE)
@pytest.mark.parametrize("text", ["calm", "court"])
def test_an_offer_beside_an_innocent_article_is_told_apart(pages, place, text):
    markup, origin = BESIDE[place]
    beside = markup.format(pages.offer)
    page = pages.read(pages.article("清浦要闻一则", getattr(pages, text), beside=beside))
    offer = [segment for segment in page.segments if pages.offer in segment.text]
    assert [segment.origin for segment in offer] == [origin]
    assert offer[0].block > 0
    assert pages.offer not in page.text
    found = judge(page.segments, "web")
    suspect = [block for block in found.blocks if block.level >= Level.MEDIUM]
    assert [block.block for block in suspect] == [offer[0].block]


def test_the_same_article_without_the_offer_is_not_flagged(pages):
    for text in (pages.calm, pages.court):
        page = pages.read(pages.article("清浦要闻一则", text))
        assert judge(page.segments, "web").level is Level.NONE
    assert judge(page.segments, "web").stance is Stance.COURT


def test_an_offer_in_a_frame_that_the_page_itself_carries_is_read(pages):
    frame = f'<iframe srcdoc="{html.escape(f"<p>{pages.offer}</p>")}"></iframe>'
    page = pages.read(pages.article("清浦要闻一则", pages.calm, beside=frame))
    assert any(segment.text == pages.offer for segment in page.segments)


def test_a_labelled_ad_inside_the_article_is_neither_its_body_nor_its_block(pages):
    inside = f'<div class="gg"><b>广告</b><p>{pages.offer}</p></div>'
    page = pages.read(pages.article("集资案宣判", pages.court, inside=inside))
    assert pages.offer not in page.text
    assert [(s.origin, s.block > 0) for s in page.segments if s.text == pages.offer] == [
        (Origin.AD, True)
    ]


def test_replies_are_blocks_of_their_own_and_still_text_for_the_reviewer(pages):
    posts = "".join(
        f'<div class="post"><div class="by">{name} 发表于 2026-5-9 20:14:33</div><div>{text}</div></div>'
        for name, text in (("甲", pages.calm[0]), ("乙", pages.court[2]), ("丙", pages.offer))
    )
    page = pages.read(f"<title>改造的讨论 - 清浦论坛</title><h1>改造的讨论</h1>{posts}")
    blocks = {segment.text: segment.block for segment in page.segments}
    assert len({blocks[text] for text in (pages.calm[0], pages.court[2], pages.offer)}) == 3
    assert pages.offer in page.text


UNSEEN = (
    '<div style="display: none">{}</div>',
    '<div style="visibility:hidden"><p>{}</p></div>',
    '<p style="position:absolute; left:-9999px">{}</p>',
    '<span style="font-size:0">{}</span>',
    '<div style="height:0;overflow:hidden">{}</div>',
    "<div hidden>{}</div>",
    "<script>var text = '{}';</script>",
    "<style>.x::after {{ content: '{}' }}</style>",
    "<!-- {} -->",
    "<template>{}</template>",
    '<input type="hidden" value="{}">',
)


@pytest.mark.parametrize("markup", UNSEEN)
def test_what_nobody_sees_is_not_read(pages, markup):
    for place in ("inside", "beside"):
        text = {place: markup.format(pages.offer)}
        page = pages.read(pages.article("清浦要闻一则", pages.calm, **text))
        assert not any(pages.offer in segment.text for segment in page.segments)
        assert judge(page.segments, "web").level is Level.NONE


@pytest.mark.parametrize(
    "markup", ['<div class="zz">{}</div>', '<span class="b zz">{}</span>', '<p id="q1">{}</p>']
)
def test_what_a_style_sheet_hides_is_apart_from_the_article_and_called_unseen(pages, markup):
    head = "<style>/* .main{display:none} */ .zz, p#q1 { display : none }</style>"
    html_text = pages.article(
        "合伙人招募", (pages.offer,), inside=markup.format(pages.court[2]), head=head
    )
    page = pages.read(html_text)
    hidden = [segment for segment in page.segments if pages.court[2] in segment.text]
    assert [segment.origin for segment in hidden] == [Origin.META]
    assert hidden[0].block > 0
    assert judge(page.segments, "web").level >= Level.MEDIUM, "hidden words excuse nothing"


@pytest.mark.parametrize(
    "head",
    [
        "<style>.zz{display:none} .open .zz{display:block}</style>",
        "<style>.zz{display:none}</style><script>$('.zz').show()</script>",
        "<style>@media print {.zz{display:none}}</style>",
    ],
)
def test_what_may_be_shown_at_any_moment_counts_as_visible(pages, head):
    page = pages.read(
        pages.article("要闻", pages.calm, beside=f'<div class="zz">{pages.offer}</div>', head=head)
    )
    assert [s.origin for s in page.segments if s.text == pages.offer] == [Origin.SIDE]


def test_a_page_that_its_style_sheet_hides_as_a_whole_is_read(pages):
    head = "<style>.main{display:none}</style>"
    page = pages.read(pages.article("清浦要闻一则", pages.calm, head=head))
    assert page.text == "\n".join(pages.calm)
