"""Running the rules' own examples and counterexamples."""

from collections.abc import Iterator

from classifiers.engine import assess_text
from classifiers.rulebook import Rulebook


def failing_examples(rulebook: Rulebook) -> tuple[str, ...]:
    """Each example that its rule misses, and each counterexample that it hits, as one line."""
    return tuple(_failures(rulebook))


def _failures(rulebook: Rulebook) -> Iterator[str]:
    for rule in rulebook.rules:
        if rule.status != "active":
            continue
        for text in rule.examples:
            if not hits_rule(text, rule.id, rulebook):
                yield f"{rule.id}: misses its example {text!r}"
        for text in rule.counterexamples:
            if hits_rule(text, rule.id, rulebook):
                yield f"{rule.id}: hits its counterexample {text!r}"


def hits_rule(text: str, rule_id: str, rulebook: Rulebook) -> bool:
    """Whether the rule has a hit in the text that no context silences."""
    hits = assess_text(text, rulebook, "web").hits
    return any(hit.rule == rule_id and hit.silenced_by is None for hit in hits)
