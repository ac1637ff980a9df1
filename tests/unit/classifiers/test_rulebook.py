import json
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from classifiers import rule_yaml
from classifiers.rule_yaml import load_yaml
from classifiers.rulebook import RULES_FOLDER, load_rulebook
from core.errors import RulebookError

RULE = """
- id: probe-001
  title: 试探规则
  pattern: guaranteed_return
  why: 用来试探读取。
  law: [AD-25]
  category: content
  status: active
  points: 30
  match: {any: [紫电青霜]}
  examples: [紫电青霜一柄, 另有紫电青霜]
  counterexamples: [寻常刀剑, 别无他物]
"""
PATTERNS = Path(__file__).parents[3].parent / "shared" / "domain" / "patterns.json"


@pytest.fixture
def folder(tmp_path):
    for path in RULES_FOLDER.glob("*.yml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def _faults(folder: Path) -> str:
    with pytest.raises(RulebookError) as caught:
        load_rulebook(folder)
    return str(caught.value)


def test_the_built_in_rulebook_loads_and_is_read_once():
    assert load_rulebook() is load_rulebook()
    assert load_rulebook().rules


def test_no_file_of_the_rulebook_needs_the_slow_reader(monkeypatch):
    slow = []
    monkeypatch.setattr(rule_yaml, "_load_slowly", lambda text: slow.append(text[:60]))
    files = list(RULES_FOLDER.glob("*.yml"))
    assert files
    for path in files:
        load_yaml(path.read_text(encoding="utf-8"))
    assert slow == []


def test_a_new_file_of_rules_is_read_and_changes_the_digest(folder):
    before = load_rulebook(folder).digest
    (folder / "probe.yml").write_text(RULE, encoding="utf-8")
    book = load_rulebook(folder)
    assert any(rule.id == "probe-001" for rule in book.rules)
    assert book.digest != before


def test_an_unknown_field_is_named_with_file_and_rule(folder):
    (folder / "probe.yml").write_text(RULE + "  ponits: 3\n", encoding="utf-8")
    assert "probe.yml probe-001.ponits" in _faults(folder)


def test_all_faults_are_told_at_once(folder):
    text = RULE.replace("points: 30", "points: 300").replace("status: active", "status: on")
    (folder / "probe.yml").write_text(text, encoding="utf-8")
    faults = _faults(folder)
    assert "probe-001.points" in faults
    assert "probe-001.status" in faults


def test_a_rule_needs_two_examples(folder):
    text = RULE.replace("examples: [紫电青霜一柄, 另有紫电青霜]", "examples: [紫电青霜一柄]", 1)
    (folder / "probe.yml").write_text(text, encoding="utf-8")
    assert "probe-001.examples" in _faults(folder)


def test_an_unknown_concept_is_a_fault(folder):
    (folder / "probe.yml").write_text(RULE.replace("紫电青霜]}", "'@no_such']}"), encoding="utf-8")
    assert "no concept named @no_such" in _faults(folder)


def test_an_unknown_law_is_a_fault(folder):
    (folder / "probe.yml").write_text(RULE.replace("AD-25", "AD-999"), encoding="utf-8")
    assert "no law 'AD-999'" in _faults(folder)


def test_an_id_stands_once_only(folder):
    (folder / "probe.yml").write_text(RULE + RULE, encoding="utf-8")
    assert "probe-001: this id stands twice" in _faults(folder)


def test_an_id_begins_with_the_name_of_its_file(folder):
    (folder / "other.yml").write_text(RULE, encoding="utf-8")
    assert "other.yml probe-001.id" in _faults(folder)


def test_an_expression_that_matches_nothing_is_refused(folder):
    (folder / "probe.yml").write_text(RULE.replace("紫电青霜]}", "'re:x*']}"), encoding="utf-8")
    book = load_rulebook(folder)
    with pytest.raises(RulebookError, match="matches the empty string"):
        _ = book.lexicon


def test_concepts_that_include_one_another_are_refused(folder):
    with (folder / "concepts.yml").open("a", encoding="utf-8") as stream:
        stream.write("one: {title: 甲, any: ['@two']}\ntwo: {title: 乙, any: ['@one']}\n")
    (folder / "probe.yml").write_text(RULE.replace("紫电青霜]}", "'@one']}"), encoding="utf-8")
    book = load_rulebook(folder)
    with pytest.raises(RulebookError, match="circle"):
        _ = book.lexicon


def test_broken_yaml_is_told_with_its_file(folder):
    (folder / "probe.yml").write_text("- id: [", encoding="utf-8")
    assert "probe.yml: not valid YAML" in _faults(folder)


def test_a_retired_rule_needs_a_reason(folder):
    text = RULE.replace("status: active", "status: retired")
    (folder / "probe.yml").write_text(text, encoding="utf-8")
    assert "a retired rule needs a `reason`" in _faults(folder)


@pytest.mark.shared
@pytest.mark.skipif(not PATTERNS.exists(), reason="the folder `shared` is not beside the project")
def test_every_pattern_of_the_domain_has_an_active_rule():
    known = {pattern["id"] for pattern in json.loads(PATTERNS.read_text(encoding="utf-8"))}
    covered = load_rulebook().patterns | {"missing_risk_notice"}
    assert known <= covered, known - covered
    assert load_rulebook().patterns <= known


def test_a_key_that_stands_twice_is_told_with_its_file(folder):
    (folder / "probe.yml").write_text(RULE + "  status: trial\n", encoding="utf-8")
    assert "probe.yml: not valid YAML" in _faults(folder)


@pytest.mark.parametrize("path", sorted(RULES_FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_the_fast_reader_reads_a_rule_file_as_the_slow_one_does(path):
    text = path.read_text(encoding="utf-8")
    assert load_yaml(text) == YAML(typ="safe", pure=True).load(text)
