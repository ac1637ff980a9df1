"""What a target's last run says of the target."""

from collections.abc import Sequence

from core.ledger import Health, RunRecord, RunReport, RunState, TargetHealth
from core.target import Target

BLOCKING_STATES = frozenset({"captcha", "login"})
BLOCKING_STATUSES = frozenset({"401", "403", "407", "429", "451"})
# What a crawl leaves out by its own rules; every other drop is a page that failed.
CHOSEN_DROPS = frozenset({"offsite", "depth", "page_limit", "bad_url", "entry_without_link"})
SHRUNKEN_SHARE = 0.3
MIN_HISTORY = 5


def judge_target(target: Target, runs: Sequence[RunRecord]) -> TargetHealth:
    """Health by the newest of `runs` (newest first), against `expect:` and the runs before it."""
    if not runs:
        return TargetHealth(target.id, target.title, Health.NEVER_RUN, "never crawled")
    run = runs[0]
    health, detail = _judge(target, run, runs[1:])
    return TargetHealth(target.id, target.title, health, detail, run)


def _judge(target: Target, run: RunRecord, earlier: Sequence[RunRecord]) -> tuple[Health, str]:
    report = run.report
    blocked = sum(report.states.get(state, 0) for state in BLOCKING_STATES) + sum(
        report.statuses.get(status, 0) for status in BLOCKING_STATUSES
    )
    drops = _drops(report)
    if run.state in {RunState.FAILED, RunState.LOST}:
        return Health.FAILED, "; ".join(filter(None, (report.reason or run.state.value, drops)))
    if report.errors:
        what = f"{report.errors} pages were lost by a fault of this program or its machine"
        return Health.FAILED, "; ".join(filter(None, (what, drops)))
    good = report.states.get("ok", 0) + report.unchanged
    if blocked and blocked >= good:
        return Health.BLOCKED, f"{blocked} of {blocked + good} pages refused or behind a captcha"
    if report.pages == 0 and target.expect.min_pages > 0:
        return Health.EMPTY, "; ".join(filter(None, ("no page was collected", drops)))
    failed = sum(count for why, count in report.drops.items() if why not in CHOSEN_DROPS)
    if report.failed_starts:
        starts = f"{report.failed_starts} of {len(target.start_urls)} start addresses failed"
        return Health.FAILED, f"{starts}; {drops}"
    if failed > report.pages:
        return Health.FAILED, f"{failed} pages failed, {report.pages} were read; {drops}"
    if report.pages < target.expect.min_pages:
        wanted = target.expect.min_pages
        return Health.SHRUNKEN, f"{report.pages} pages, at least {wanted} are expected"
    usual = _usual_pages(earlier)
    if usual is not None and report.pages < SHRUNKEN_SHARE * usual:
        return Health.SHRUNKEN, f"{report.pages} pages, usually {usual}"
    thin = _thin_fields(target, run)
    if thin:
        return Health.SHRUNKEN, thin
    return Health.OK, f"{report.pages} pages" + (f"; {drops}" if drops else "")


def _drops(report: RunReport) -> str:
    """`http_404 2, timeout 1`, the most frequent first."""
    counted = sorted(report.drops.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count}" for reason, count in counted)


def _usual_pages(earlier: Sequence[RunRecord]) -> int | None:
    """The median of the last finished runs, where there are enough of them."""
    counts = sorted(run.report.pages for run in earlier[:7] if run.state is RunState.FINISHED)
    return counts[len(counts) // 2] if len(counts) >= MIN_HISTORY else None


def _thin_fields(target: Target, run: RunRecord) -> str:
    """Which fields are filled on fewer pages than `expect.fill` asks, of the pages read anew."""
    read = run.report.states.get("ok", 0)
    short = [
        f"{field} filled on {run.report.states.get(f'fill_{field}', 0)} of {read} pages"
        for field, share in sorted(target.expect.fill.items())
        if read and run.report.states.get(f"fill_{field}", 0) / read < share
    ]
    return "; ".join(short)
