"""A target's health over its runs: two in a row raise a state, and a good one ends it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.ledger import Health, RunRecord, RunState, TargetHealth
from core.target import Target
from crawler.run_signs import judge_run
from crawler.signs import Earlier, Sign

RUNS = 64  # as far back as is looked: at four runs a day, two weekends


@dataclass(frozen=True, slots=True)
class Episode:
    """A state that was raised: by which run, and since when; `ended` names the run that ended it.

    `raised_by` is None where that lies further back than is looked.
    """

    health: Health
    detail: str
    raised_by: int | None
    since: datetime
    ended: int | None = None


def judge_target(target: Target, runs: Sequence[RunRecord]) -> TargetHealth:
    """Health by the newest of `runs` (newest first), against `expect:` and the runs before it."""
    judged = judge_runs(target, runs)
    if not judged:
        return TargetHealth(target.id, target.title, Health.NEVER_RUN, "never crawled")
    run, sign = judged[-1]
    streak = _streak(judged)
    return TargetHealth(
        target.id,
        target.title,
        sign.health,
        sign.detail,
        run,
        sign.measure,
        raised=len(streak) > 1,
        since=streak[0].started_at if streak else None,
    )


def judge_runs(target: Target, runs: Sequence[RunRecord]) -> list[tuple[RunRecord, Sign]]:
    """Each run that has ended with what it says, oldest first; only good runs are compared with."""
    well: list[RunRecord] = []
    judged: list[tuple[RunRecord, Sign]] = []
    for run in reversed(runs):
        if run.state is RunState.RUNNING:
            continue
        last = judged[-1][1].health if judged else Health.OK
        sign = judge_run(target, run, Earlier(well, last))
        judged.append((run, sign))
        if sign.health is Health.OK:
            well.append(run)
    return judged


def _streak(judged: Sequence[tuple[RunRecord, Sign]]) -> list[RunRecord]:
    """The newest runs in a row that were not well, oldest first."""
    found: list[RunRecord] = []
    for run, sign in reversed(judged):
        if sign.health is Health.OK:
            break
        found.insert(0, run)
    return found


def episode(target: Target, runs: Sequence[RunRecord]) -> Episode | None:
    """The state that is raised now, or the last one that was; `runs` newest first.

    Within an episode another state takes over when it has stood for two runs itself.
    """
    found: Episode | None = None
    trouble: list[tuple[RunRecord, Sign]] = []
    from_far_back = len(runs) >= RUNS
    for run, sign in judge_runs(target, runs):
        if sign.health is not Health.OK:
            trouble.append((run, sign))
            found = _raised(found, trouble, from_far_back=from_far_back)
            continue
        if found is not None and found.ended is None:
            found = replace(found, ended=run.id)
        trouble = []
        from_far_back = False
    return found


def _raised(
    found: Episode | None, trouble: Sequence[tuple[RunRecord, Sign]], *, from_far_back: bool
) -> Episode | None:
    """The episode after one more run that was not well, the last of those in a row."""
    run, sign = trouble[-1]
    since = trouble[0][0].started_at
    if from_far_back and found is None:
        return Episode(sign.health, sign.detail, None, since)
    if len(trouble) < 2:  # noqa: PLR2004 (two runs in a row)
        return found
    is_open = found is not None and found.ended is None
    stands = sign.health is trouble[-2][1].health
    if is_open and found is not None and (found.health is sign.health or not stands):
        return found
    return Episode(sign.health, sign.detail, run.id, since)
