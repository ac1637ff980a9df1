"""The plain form of texts: disguises undone, the way back kept, honest marks left alone."""

import pytest

from classifiers.normalize import evasion_kinds, normalize, sentence_spans
from classifiers.rulebook import load_rulebook


def _plain(text: str) -> str:
    return normalize(text, load_rulebook().lexicon.folder).text


def _kinds(text: str) -> tuple[str, ...]:
    return evasion_kinds(normalize(text, load_rulebook().lexicon.folder))


@pytest.mark.parametrize(
    ("hidden", "plain", "kind"),
    [
        ("返莉高达两成", "返利高达两成", "homophone"),
        ("本西无忧", "本息无忧", "homophone"),
        ("年华收益18%", "年化收益18%", "homophone"),
        ("理cai产品", "理财产品", "pinyin"),
        ("年HUA收益", "年化收益", "pinyin"),
        ("高shouyi项目", "高收益项目", "pinyin"),
        ("稳Z不赔", "稳赚不赔", "pinyin"),
        ("一份An心", "一份安心", "pinyin"),
        ("lǐ财产品", "理财产品", "pinyin"),
        ("夲金安全", "本金安全", "look_alike"),
        ("単笔収益", "单笔收益", "look_alike"),
        ("微❤加我", "微信加我", "look_alike"),
        ("亻言任我们", "信任我们", "split_glyph"),
        ("扌殳资项目", "投资项目", "split_glyph"),
        ("保·本·保·息", "保本保息", "inserted_symbol"),
        ("保、本、保、息", "保本保息", "inserted_symbol"),
        ("保🔥本🔥保🔥息", "保本保息", "inserted_symbol"),
        ("收🔥益稳定", "收益稳定", "inserted_symbol"),
        ("返ˇ利", "返利", "inserted_symbol"),
        ("保 本 保 息", "保本保息", "spaced"),
        ("保\n本\n保\n息", "保本保息", "spaced"),
        ("我们的理\n财产品", "我们的理财产品", "spaced"),
        ("每 月 返 3 0 0 元", "每月返300元", "spaced"),
        ("年 xi 高", "年息高", "spaced"),
        ("年化\u200b收\u200d益", "年化收益", "zero_width"),
        ("年化①⑧%", "年化18%", "digits"),
        ("年化𝟏𝟖%", "年化18%", "digits"),
        ("年化1️⃣8️⃣%", "年化18%", "digits"),
        ("每月2OO元", "每月200元", "digits"),
        ("年化収益很高", "年化收益很高", "look_alike"),
        ("这个理財项目", "这个理财项目", "traditional"),
    ],
)
def test_a_disguise_is_undone_and_named(hidden: str, plain: str, kind: str) -> None:
    assert _plain(hidden) == plain
    assert kind in _kinds(hidden)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("投資理財", "投资理财"),
        ("ＡＰＰ下载，年化１８％", "app下载，年化18%"),
        ("\u3000\u3000第一段", "  第一段"),
        ("⾦融⽉息", "金融月息"),
    ],
)
def test_script_and_width_are_made_one(text: str, plain: str) -> None:
    assert normalize(text).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "受益人和个位数",
        "家住北京-上海之间",
        "我们的管理\n财务制度",
        "用 wifi 上网",
        "张三·李四的故事",
        "请打开 app 看 report",
        "他是经济学家，本姓王",
        "第二天，本来要走",
    ],
)
def test_ordinary_words_stay_themselves(text: str) -> None:
    plain = _plain(text)
    assert plain.replace("·", "") == text.lower().replace("·", "")


def test_lines_of_one_width_are_one_text() -> None:
    text = "各位街坊我们这个项\n目保本保息，年化百\n分之十八，谁来谁得\n利"
    assert "\n" not in _plain(text)
    assert "项目保本" in _plain(text)


def test_lines_that_end_where_they_should_stay_lines() -> None:
    text = "第一章 总则\n为了规范管理，制定本办法。\n第二章 附则\n本办法自公布之日起施行。"
    assert normalize(text).text.count("\n") == 3


def test_every_place_leads_back_to_the_original() -> None:
    text = "先看：保·本·保 息，年hua①⑧%，返莉，亻言任，𝟏🔥二"
    normal = normalize(text, load_rulebook().lexicon.folder)
    at = normal.text.index("保本保息")
    low, high = normal.span(at, at + 4)
    assert text[low:high] == "保·本·保 息"
    at = normal.text.index("年化18%")
    low, high = normal.span(at, at + 5)
    assert text[low:high] == "年hua①⑧%"


def test_a_clean_text_hides_nothing() -> None:
    assert _kinds("三年期定期存款年利率1.25%，详情请咨询柜台。") == ()


def test_marks_outside_the_words_that_matter_are_no_evasion() -> None:
    normal = normalize("①号楼 ②单元：今日停水")
    assert evasion_kinds(normal, []) == ()


def test_a_text_traditional_throughout_is_no_evasion() -> None:
    assert "traditional" not in _kinds("這間銀行的貸款業務與網絡服務說明書請聯繫櫃檯辦理")


def test_sentences_cover_the_text() -> None:
    normal = normalize("第一句。第二句！\n第三句")
    assert "".join(normal.text[a:b] for a, b in sentence_spans(normal)) == normal.text


def test_lone_surrogates_are_read() -> None:
    assert normalize("保\ud800本").original == "保\ud800本"
