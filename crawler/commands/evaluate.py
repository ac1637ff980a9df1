"""`adwatch eval`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from classifiers.rulebook import load_rulebook
from crawler.cli import EXIT_USAGE
from crawler.evaluation import (
    Judged,
    LabelFaultError,
    figures,
    grouped,
    interval,
    judge_rows,
    read_rows,
    worst_errors,
)

HEADER = (
    f"{'':32} {'pos/neg/border':>15} {'recall':>20} {'prec':>6} {'false alarms':>20} "
    f"{'border':>6} {'named':>6}"
)
QUOTED = 120
FEWEST_ROWS = 5  # a share of fewer rows is an anecdote
Groups = dict[str, dict[str, list[Judged]]]


@click.command("eval")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--errors", type=click.IntRange(0), default=10, show_default=True,
              help="How many of the worst errors of each sort to show.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(0, 256), default=1, show_default=True,
              help="Processes that judge; 0 for one a core.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def evaluate(files: tuple[Path, ...], *, errors: int, jobs: int, as_json: bool) -> int:
    """Measure the classifier on labelled FILES: JSONL with "text" and "label".

    "label" is positive, negative or borderline; "kind", "cluster" and "patterns" are used where
    rows have them. A text counts as flagged from level medium on.
    """
    try:
        rows = [row for path in files for row in read_rows(path)]
    except LabelFaultError as error:
        click.echo(f"adwatch: {error}", err=True)
        return EXIT_USAGE
    judging = judge_rows(rows, jobs or os.cpu_count() or 1)
    judged = list(
        track(judging, "judging", len(rows), console=Console(stderr=True),
              transient=True, disable=not sys.stderr.isatty())
    )  # fmt: skip
    groups = {
        "source": grouped(judged, lambda one: one.source),
        "kind": grouped(judged, lambda one: f"{one.label} {one.kind or '(no kind)'}"),
    }
    worst = worst_errors(judged, errors)
    if as_json:
        click.echo(json.dumps(_report(judged, groups, worst), ensure_ascii=False))
    else:
        _show(judged, groups, worst)
    return 0


def _report(judged: list[Judged], groups: Groups, worst: list[Judged]) -> dict[str, Any]:
    parts = {
        name: {key: _document(some) for key, some in group.items()}
        for name, group in groups.items()
    }
    return {
        "rulebook": load_rulebook().digest,
        "all": _document(judged),
        **parts,
        "errors": [_error(one) for one in worst],
    }


def _show(judged: list[Judged], groups: Groups, worst: list[Judged]) -> None:
    click.echo(f"rulebook {load_rulebook().digest}; flagged from level medium on; 95 % intervals")
    click.echo(HEADER)
    for name, some in groups["source"].items():
        click.echo(_row(name, some))
    click.echo("")
    for name, some in _legible(groups["kind"]).items():
        click.echo(_row(name, some))
    click.echo("")
    click.echo(_row("all", judged))
    for one in worst:
        click.echo(_told(one))


def _legible(kinds: dict[str, list[Judged]]) -> dict[str, list[Judged]]:
    """The kinds in alphabetical order; those of a few rows are counted together by label."""
    shown: dict[str, list[Judged]] = {}
    rest: dict[str, list[Judged]] = {}
    for name, some in sorted(kinds.items()):
        if len(some) >= FEWEST_ROWS:
            shown[name] = some
        else:
            rest.setdefault(f"{some[0].label} (smaller kinds)", []).extend(some)
    return shown | rest


def _document(judged: list[Judged]) -> dict[str, Any]:
    found = figures(judged)
    return {
        "rows": found.rows,
        "flagged": found.flagged,
        "recall": found.share("positive"),
        "recall_interval": interval(judged, "positive"),
        "precision": found.precision,
        "false_alarm_rate": found.share("negative"),
        "false_alarm_interval": interval(judged, "negative"),
        "borderline_flagged": found.share("borderline"),
        "pattern_named": found.naming,
    }


def _error(one: Judged) -> dict[str, Any]:
    return {
        "id": one.id,
        "label": one.label,
        "score": one.score,
        "stance": one.stance,
        "rules": list(one.rules),
        "text": one.text,
    }


def _row(name: str, judged: list[Judged]) -> str:
    found = figures(judged)
    counts = "/".join(str(number) for number in found.rows.values())
    return (
        f"{name:32} {counts:>15} {_with_interval(judged, 'positive'):>20} "
        f"{_share(found.precision):>6} {_with_interval(judged, 'negative'):>20} "
        f"{_share(found.share('borderline')):>6} {_share(found.naming):>6}"
    )


def _with_interval(judged: list[Judged], label: str) -> str:
    share, bounds = figures(judged).share(label), interval(judged, label)
    if share is None or bounds is None:
        return "-"
    return f"{share:.3f} [{bounds[0]:.3f},{bounds[1]:.3f}]"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _told(one: Judged) -> str:
    sort = "false alarm" if one.is_flagged else "missed"
    text = " ".join(one.text.split())[:QUOTED]
    return f"  {sort} {one.id} {one.score:g} {one.stance} [{','.join(one.rules)}] {text}"
