"""Ads on drawn pages: a site with slots, an ad server on another address, and real crawls of both."""

import json
import os
import sqlite3
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from spiders.browser import chromium_executable

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ads")]
needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium_executable(os.environ) is None, reason="no Chromium here"),
]
LURE = "面向社会公开招募合伙人，一万元起投，月息两分，到期还本付息，保本保息，本金绝对安全。"
CALM = "<p>清浦县城今年完成了三条街道的改造，路面平整，路灯也换成了新的，招牌统一做了清洗。</p>"
# What the page's own scripts say of prototypes must not reach who looks at it.
LIES = (
    "<script>Element.prototype.getAttribute = () => { throw 1 };"
    "Element.prototype.getBoundingClientRect = () => ({left: 0, top: 0, right: 0, bottom: 0});"
    "Object.defineProperty(Node.prototype, 'parentNode', {get() { throw 2 }});"
    "window.getComputedStyle = () => { throw 3 }; Array.prototype.push = () => 0;</script>"
)


def other(site, path):
    """The same server under another address, which is another site."""
    return site.base.replace("127.0.0.1", "localhost") + path


def slots(site):
    return f"""<!DOCTYPE html><meta charset="utf-8"><title>清浦网</title><body>{LIES}
<form><input name="parentNode"><input name="children"></form>
<h1>三条街道改造完成</h1>{CALM}
<div id="labelled"><div class="inner"><a href="{other(site, "/go")}">{LURE}</a><span>广告</span></div></div>
<style>#pseudo::after {{content: "推广"}}</style>
<div id="pseudo"><a href="{other(site, "/shoes")}">柒号鞋柜换季清仓</a></div>
<iframe id="framed" src="{other(site, "/frame")}" width="300" height="250"></iframe>
<p><img id="ruled" src="{other(site, "/adserver/tea.png")}" width="210" height="70"></p>
<div id="teaser"><a href="/weather"><img src="/w.png" width="300" height="250"></a>明日天气</div>
<div class="ad-box" id="nested"><div class="ad-inner"><div class="adimg">
  <a href="{other(site, "/rice")}">新米上市，第二袋半价</a></div></div></div>
<div style="display:none" class="ad-box"><a href="{other(site, "/hidden")}">看不见的</a>广告</div>
<div style="width:0;height:0;overflow:hidden" class="ad-box"><a href="/zero">零大小</a></div>
<div id="stuck" style="position:fixed;right:0;bottom:0;width:200px;height:150px;background:#fa0">
  <a href="{other(site, "/pop")}"><img src="/p.png" width="180" height="100"></a></div>
</body>"""


@pytest.fixture
def town(site, desk):
    site.put("/", slots(site))
    site.put(
        "/frame", f'<meta charset="utf-8"><a href="/framed-land">{LURE}年化12%，稳赚不赔。</a>'
    )
    site.put("/go", "", status=302, headers={"Location": "/land"})
    site.put("/land", f'<meta charset="utf-8"><title>茶园</title><h1>茶园参观</h1>{CALM}')
    (desk.folder / "adwatch.yml").write_text(
        "contact: mailto:a@example.cn\nnetwork: {allow: [127.0.0.0/8, '::1/128']}\n"
    )
    return site


def rows(desk):
    """kind, parent, evidence record and stored content of each page as it stands, by address."""
    with sqlite3.connect(desk.folder / "adwatch.db") as base:
        found = base.execute(
            "select p.url, o.kind, o.parent_url, e.record, o.content from page p"
            " join observation o on o.id = p.observation_id join evidence e on e.seq = o.evidence_seq"
        ).fetchall()
    return {
        url: (kind, parent, json.loads(record), json.loads(zlib.decompress(content)))
        for url, kind, parent, record, content in found
    }


def ads_of(desk):
    found = [row for row in rows(desk).values() if row[0] == "ad"]
    return sorted(found, key=lambda row: row[2]["facts"]["ad_top"])


class TestWithBrowser:
    pytestmark = needs_browser

    def test_each_ad_is_found_once_and_nothing_else_is(self, town, desk):
        desk.target("ads", f"spider: ads\nstart_urls: ['{town.base}/']", "timeout_s: 25")
        done = desk.crawl("ads")["ads"]
        assert (done["health"], done["drops"]) == ("ok", {})
        facts = {row[2]["facts"]["ad_destination"].rpartition("/")[2]: row for row in ads_of(desk)}
        assert set(facts) == {"go", "shoes", "framed-land", "", "rice", "pop"}
        signs = {name: set(row[2]["facts"]["ad_signs"].split()) for name, row in facts.items()}
        assert signs["go"] == {"label"}
        assert signs["shoes"] == {"label"}
        assert signs["framed-land"] == {"frame_size"}
        assert signs[""] == {"network_rule"}
        assert signs["rice"] == {"name"}
        assert signs["pop"] == {"pop_up"}
        assert [facts[name][2]["facts"]["ad_label"] for name in ("go", "shoes", "rice")] == [
            "广告", "推广", "",
        ]  # fmt: skip
        assert LURE in facts["framed-land"][3]["text"]
        assert all(row[1] == f"{town.base}/" for row in facts.values())
        for row in facts.values():
            name = row[2]["screenshot_sha256"]
            shot = (desk.folder / "evidence" / name[:2] / name[2:4] / name).read_bytes()
            assert shot[:3] == b"\xff\xd8\xff"
        assert " 0 faults" in desk.adwatch("evidence", "verify").stderr

    def test_ads_in_shadows_and_without_links_are_found_with_their_destinations(self, town, desk):
        inner = f"<span>{LURE}</span><i style='display:none'>暗文</i>"
        shadow = (
            f"<style>.in {{width: 300px}}</style><div class=in><a href='{other(town, '/go')}'>"
            "<deep-slot></deep-slot></a><b>广告</b></div>"
        )
        town.put(
            "/",
            f"""<!DOCTYPE html><meta charset="utf-8"><h1>三条街道改造完成</h1>{CALM}
<ad-slot id="light"></ad-slot>
<div class="ad-box" onclick="window.open('{other(town, "/shoes")}')" style="width: 300px">柒号鞋柜清仓</div>
<div class="ad-box" data-href="{other(town, "/rice")}" style="width: 300px">新米上市，第二袋半价</div>
<div class="ad-box" onclick="launch()" style="width: 300px">不知去处的推广<span>广告</span></div>
<script>
const outer = document.querySelector("ad-slot").attachShadow({{mode: "open"}});
outer.innerHTML = `{shadow}`;
outer.querySelector("deep-slot").attachShadow({{mode: "open"}}).innerHTML = `{inner}`;
</script>""",
        )
        desk.target("ads", f"spider: ads\nstart_urls: ['{town.base}/']", "timeout_s: 25")
        done = desk.crawl("ads")["ads"]
        assert (done["health"], done["drops"]) == ("ok", {})
        facts = {row[2]["facts"]["ad_destination"].rpartition("/")[2]: row for row in ads_of(desk)}
        assert set(facts) == {"go", "shoes", "rice", ""}
        assert LURE in facts["go"][3]["text"]
        assert "暗文" not in facts["go"][3]["text"]
        assert facts["go"][2]["facts"]["ad_label"] == "广告"

    def test_only_a_suspect_ad_without_its_label_breaks_the_duty(self, town, desk):
        desk.target("ads", f"spider: ads\nstart_urls: ['{town.base}/']", "timeout_s: 25")
        desk.crawl("ads")
        with sqlite3.connect(desk.folder / "adwatch.db") as base:
            judged = base.execute(
                "select o.title, a.detail from assessment a join observation o"
                " on o.id = a.observation_id where o.kind = 'ad' and a.level >= 2"
            ).fetchall()
        assert len(judged) == 2
        breach = {title for title, detail in judged if "computed-label" in detail}
        assert breach == {next(t for t, _ in judged if "稳赚不赔" in t)}

    def test_what_only_the_picture_of_an_ad_says_is_judged_as_the_ads(self, town, desk, posters):
        town.put("/lure.png", posters.png(posters.scheme), content_type="image/png")
        lure = f'<a href="{other(town, "/go")}"><img src="/lure.png"></a><span>广告</span>'
        head = '<meta charset="utf-8"><title>清浦网</title><h1>三条街道改造完成</h1>'
        town.put("/", f'{head}{CALM}<div class="ad-box" style="width: 780px">{lure}</div>')
        desk.target("ads", f"spider: ads\nstart_urls: ['{town.base}/']", "timeout_s: 25")
        desk.crawl("ads")
        with sqlite3.connect(desk.folder / "adwatch.db") as base:
            ((level, detail),) = base.execute(
                "select a.level, a.detail from assessment a join observation o"
                " on o.id = a.observation_id where o.kind = 'ad'"
            ).fetchall()
        assert level >= 2
        assert any(hit.get("picture") for hit in json.loads(detail)["hits"] if hit["points"] > 0)

    def test_a_landing_page_is_followed_and_a_later_swap_is_a_change(self, town, desk):
        target = f"spider: ads\nstart_urls: ['{town.base}/']\nads: {{landing: true, revisit: 3d}}"
        desk.target("ads", target, "timeout_s: 25")
        desk.crawl("ads", expect=None)
        kind, parent, record, _ = rows(desk)[other(town, "/go")]
        assert (kind, record["redirects"]) == ("landing", [other(town, "/go")])
        assert record["final_url"] == other(town, "/land")
        assert rows(desk)[parent][0] == "ad"

        town.put("/", f'<meta charset="utf-8"><h1>没有广告了</h1>{CALM}')
        town.put(
            "/land", f'<meta charset="utf-8"><title>茶园</title><h1>茶园认养</h1><p>{LURE}</p>'
        )
        four_days = (datetime.now(UTC) - timedelta(days=4)).strftime("%Y-%m-%d %H:%M:%S.%f")
        with sqlite3.connect(desk.folder / "adwatch.db") as base:
            base.execute("update page set last_seen = ?, first_seen = ?", (four_days, four_days))
        done = desk.crawl("ads", expect=None)["ads"]
        assert done["changed"] >= 2
        assert LURE in rows(desk)[other(town, "/go")][3]["text"]

    def test_pages_of_countless_elements_and_frames_end_in_time_and_the_next_one_is_read(
        self, town, desk
    ):
        script = "const d = document.createElement('div'); document.body.append(d);"
        grow = "for (let i = 0; i < 300000; i++) d.append(document.createElement('b'))"
        frames = "for (let i = 0; i < 1500; i++) d.append(document.createElement('iframe'))"
        town.put("/nodes", f"<meta charset=utf-8><body>{CALM}<script>{script}{grow}</script>")
        town.put("/frames", f"<meta charset=utf-8><body>{CALM}<script>{script}{frames}</script>")
        urls = [f"{town.base}{path}" for path in ("/nodes", "/frames", "/")]
        desk.target("ads", f"spider: ads\nstart_urls: {urls}", "timeout_s: 20")
        begun = datetime.now(UTC)
        done = desk.crawl("ads", expect=None)["ads"]
        assert datetime.now(UTC) - begun < timedelta(seconds=120)
        assert done["drops"]
        assert len(ads_of(desk)) == 6


def test_without_chromium_the_target_says_so(town, desk, monkeypatch):
    monkeypatch.setenv("ADWATCH_CHROMIUM", "/no/such/browser")
    desk.target("ads", f"spider: ads\nstart_urls: ['{town.base}/']")
    done = desk.crawl("ads", expect=4)["ads"]
    assert (done["health"], done["drops"]) == ("failed", {"no_chromium": 1})


def test_faults_of_an_ad_target_are_told_with_their_place(desk):
    desk.target("late", "spider: ads\nstart_urls: ['https://a.example.cn/']\nads: {revisit: 3d}")
    desk.target(
        "list", "spider: ads\nstart_urls: ['https://a.example.cn/']\nads: {lists: [no.txt]}"
    )
    desk.target(
        "plain", "spider: listing\nstart_urls: ['https://a.example.cn/']\nads: {landing: true}"
    )
    checked = desk.adwatch("check", expect=3)
    said = checked.stdout + checked.stderr
    assert "revisit needs landing: true" in said
    assert "late.yml:4:" in said
    assert "'no.txt' cannot be read" in said
    assert "ads: belongs to spider: ads" in said
