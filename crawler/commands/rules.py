"""`adwatch rules`."""

import json

import click

from classifiers.rulebook import load_rulebook
from classifiers.selftest import failing_examples
from core.patterns import pattern_name
from crawler.cli import EXIT_FAILED_CHECK
from crawler.validation import did_you_mean


@click.group()
def rules() -> None:
    """List, show and test the rules."""


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def list_rules(*, as_json: bool) -> None:
    """List the rules with pattern, status and points."""
    records = load_rulebook().rules
    if as_json:
        document = [
            {"id": rule.id, "pattern": rule.pattern, "title": rule.title, "status": rule.status,
             "points": rule.points, "law": list(rule.law)}
            for rule in records
        ]  # fmt: skip
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for rule in records:
        name = pattern_name(rule.pattern)
        click.echo(f"{rule.id:<26} {rule.status:<8} {rule.points:>4}  {rule.title}  [{name}]")


@rules.command()
@click.argument("rule_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def show(rule_id: str, *, as_json: bool) -> None:
    """Show one rule: what it means, the law, what it matches, its examples."""
    known = {rule.id: rule for rule in load_rulebook().rules}
    if rule_id not in known:
        raise click.UsageError(f"no rule {rule_id!r}{did_you_mean(rule_id, known)}")
    rule = known[rule_id]
    if as_json:
        click.echo(rule.model_dump_json())
        return
    click.echo(f"{rule.id}  {rule.title}  [{pattern_name(rule.pattern)}]  {rule.points} points")
    click.echo(rule.why)
    click.echo("、".join(rule.law))
    click.echo(rule.match.model_dump_json(exclude_defaults=True))
    for text in rule.examples:
        click.echo(f"  + {text}")
    for text in rule.counterexamples:
        click.echo(f"  - {text}")


@rules.command("test")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def test_rules(*, as_json: bool) -> int:
    """Run every rule's own examples and counterexamples; exit 1 if one fails."""
    rulebook = load_rulebook()
    faults = failing_examples(rulebook)
    if as_json:
        click.echo(json.dumps({"rules": len(rulebook.rules), "faults": list(faults)},
                              ensure_ascii=False))  # fmt: skip
    else:
        for fault in faults:
            click.echo(fault)
        click.echo(f"{len(rulebook.rules)} rules, {len(faults)} failing examples", err=True)
    return EXIT_FAILED_CHECK if faults else 0
