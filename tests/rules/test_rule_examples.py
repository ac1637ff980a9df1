"""Every example and counterexample of every record of the built-in rulebook, a test of its own."""

import pytest

from classifiers.engine import assess_text
from classifiers.judgement import judge
from classifiers.rule_records import ContextRecord, RuleRecord
from classifiers.rulebook import load_rulebook

BOOK = load_rulebook()
RUNNING = [rule for rule in BOOK.rules if rule.status != "retired"]


def _texts(field: str) -> list[object]:
    return [
        pytest.param(rule, text, id=f"{rule.id}-{number}")
        for rule in RUNNING
        for number, text in enumerate(getattr(rule, field), 1)
    ]


def _unsilenced(rule: RuleRecord, text: str) -> bool:
    hits = judge(text, BOOK).hits
    return any(hit.rule == rule.id and hit.silenced_by is None for hit in hits)


@pytest.mark.parametrize(("rule", "text"), _texts("examples"))
def test_an_example_gives_an_unsilenced_hit(rule, text):
    assert _unsilenced(rule, text)


@pytest.mark.parametrize(("rule", "text"), _texts("counterexamples"))
def test_a_counterexample_gives_no_unsilenced_hit(rule, text):
    assert not _unsilenced(rule, text)


@pytest.mark.parametrize("record", BOOK.context, ids=lambda record: record.id)
def test_an_innocent_example_of_context_is_not_flagged(record: ContextRecord):
    assert all(assess_text(text, BOOK).level.word in {"none", "low"} for text in record.examples)
