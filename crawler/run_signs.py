"""What one run says of its target: against `expect:`, and against the runs that were well before.

Thresholds, and why they are where they are:

- Usual is the median of the last seven runs that were well, and only where there are five: one odd
  run moves no median, and what is wrong never becomes what is usual.
- Shrunken: fewer than 30 % of the usual pages, and fewer than half of the least that the last seven
  runs on the same kind of day had. Boards halve over a weekend; a broken selector loses nearly all.
  Before a weekend was seen, no weekend is judged by its number; nor does one end what a weekday
  began.
- Drifted: a field filled on 20 points less than usual and one page more, since on five pages one
  page is 20 points; nine of ten pages new where at most three were, since then addresses have
  changed; 30 points more of the answers failing than usual. Each on at least five or ten pages.
- Walls (captcha, log-in, refusals): half of the pages or of the lists, since a crawl that gets half
  is already being turned away; or 20 points and three pages more than usual.
- Frozen and stale: nothing moved for four days and for twice the longest pause there was, after
  three pauses. Four days outlast any weekend; holidays are learned as pauses.
"""

from collections.abc import Callable
from datetime import timedelta, timezone

from core.ledger import Health, Measure, RunRecord, RunReport, RunState
from core.target import Target
from crawler.disk_budget import DISK_FULL
from crawler.quiet_signs import frozen, stale
from crawler.signs import HISTORY, Earlier, Sign, drops, joined, usual_value
from crawler.wall_signs import walled

SHRUNKEN_SHARE = 0.3
PEER_SHARE = 0.5
DRIFT = 0.2
FAILING_DRIFT = 0.3
NEW_NOW, NEW_USUALLY = 0.9, 0.3
MIN_FILLED, MIN_PAGES = 5, 10
SATURDAY = 5
FIELDS = ("title", "text", "published_at", "account")
CHINA = timezone(timedelta(hours=8))
CUT_REASONS = frozenset(
    {
        "run_timeout",
        "interrupted",
        "shutdown",
        "closespider_timeout",
        "memusage_exceeded",
        "memory_exceeded",
        DISK_FULL,
    }
)
# What a crawl leaves out by its own rules; every other drop is a page that failed.
CHOSEN_DROPS = frozenset({
    "offsite", "depth", "page_limit", "bad_url", "entry_without_link", "api_field_type",
    "api_field_missing", "api_entry_limit", "search_same_results", "ads_over_limit",
    "file_by_program", "file_growing", "file_link", "file_special",
})  # fmt: skip
_SHOWN_WORDS = 5

Check = Callable[[Target, RunRecord, Earlier], Sign | None]


def judge_run(target: Target, run: RunRecord, earlier: Earlier) -> Sign:
    """The worst that `run` says of its target."""
    for check in _CHECKS:
        sign = check(target, run, earlier)
        if sign is not None:
            return sign
    return Sign(
        Health.OK, joined(f"{run.report.pages} pages", _words(run.report), drops(run.report))
    )


def _unfinished(_target: Target, run: RunRecord, _earlier: Earlier) -> Sign | None:
    report = run.report
    why = report.reason or run.state.value
    if run.state is RunState.LOST or (
        run.state is RunState.FAILED and report.reason in CUT_REASONS
    ):
        return Sign(
            Health.CUT_SHORT, joined(why, f"{report.pages} pages until then", drops(report))
        )
    if run.state is RunState.FAILED:
        return Sign(Health.FAILED, joined(why, drops(report)))
    if report.errors:
        what = f"{report.errors} pages were lost by a fault of this program or its machine"
        return Sign(Health.FAILED, joined(what, drops(report)))
    return None


def _empty(target: Target, run: RunRecord, _earlier: Earlier) -> Sign | None:
    report = run.report
    if report.yields and not any(report.yields.values()):
        what = f"none of {len(report.yields)} words yields anything"
        return Sign(Health.EMPTY, joined(what, drops(report)))
    if report.pages == 0 and target.expect.min_pages > 0:
        return Sign(Health.EMPTY, joined("no page was collected", drops(report)))
    return None


def _failing(target: Target, run: RunRecord, _earlier: Earlier) -> Sign | None:
    report = run.report
    failed = sum(count for why, count in report.drops.items() if why not in CHOSEN_DROPS)
    if report.failed_starts:
        starts = (
            f"{report.failed_starts} of {max(1, len(target.start_urls))} start addresses failed"
        )
        return Sign(Health.FAILED, joined(starts, drops(report)))
    if failed > report.pages:
        what = f"{failed} pages failed, {report.pages} were read"
        return Sign(Health.FAILED, joined(what, drops(report)))
    return None


def _fewer_than_asked(target: Target, run: RunRecord, _earlier: Earlier) -> Sign | None:
    pages, wanted = run.report.pages, target.expect.min_pages
    if pages >= wanted:
        return None
    what = f"{pages} pages, at least {wanted} are expected"
    return Sign(Health.SHRUNKEN, what, Measure("min_pages", pages, wanted))


def _fewer_than_usual(_target: Target, run: RunRecord, earlier: Earlier) -> Sign | None:
    pages = run.report.pages
    usual = usual_value(earlier, lambda report: float(report.pages))
    if usual is None or pages >= SHRUNKEN_SHARE * usual:
        return None
    if earlier.last is not Health.SHRUNKEN and not _is_few_for_the_day(run, earlier):
        return None
    return Sign(
        Health.SHRUNKEN, f"{pages} pages, usually {usual:.0f}", Measure("pages", pages, usual)
    )


def _is_few_for_the_day(run: RunRecord, earlier: Earlier) -> bool:
    peers = [one.report.pages for one in earlier.well if _is_weekend(one) == _is_weekend(run)]
    return bool(peers) and run.report.pages < PEER_SHARE * min(peers[-HISTORY:])


def _is_weekend(run: RunRecord) -> bool:
    return run.started_at.astimezone(CHINA).weekday() >= SATURDAY


def _thin(target: Target, run: RunRecord, earlier: Earlier) -> Sign | None:
    """A field that is filled less often than asked for, or than usual."""
    read = run.report.states.get("ok", 0)
    asked: dict[str, float] = {str(name): share for name, share in target.expect.fill.items()}
    for field in FIELDS if read else ():
        filled = run.report.states.get(f"fill_{field}", 0)
        wanted = asked.get(field)
        if wanted is not None and filled / read < wanted:
            what = f"{field} filled on {filled} of {read} pages, {wanted:.0%} is expected"
            return Sign(Health.DRIFTED, what, Measure(f"fill_{field}", filled / read, wanted))
        floor = filled / read + DRIFT + 1 / read
        if read < MIN_FILLED or floor >= 1:
            continue
        usual = usual_value(earlier, lambda report, name=field: _filled(report, name))  # type: ignore[misc]
        if usual is None or floor >= usual:
            continue
        what = f"{field} filled on {filled} of {read} pages, usually on {usual:.0%}"
        return Sign(Health.DRIFTED, what, Measure(f"fill_{field}", filled / read, usual))
    return None


def _filled(report: RunReport, field: str) -> float | None:
    read = report.states.get("ok", 0)
    return report.states.get(f"fill_{field}", 0) / read if read >= MIN_FILLED else None


def _all_new(_target: Target, run: RunRecord, earlier: Earlier) -> Sign | None:
    now = _new_share(run.report)
    if now is None or now < NEW_NOW:
        return None
    usual = usual_value(earlier, _new_share)
    if usual is None or usual > NEW_USUALLY:
        return None
    what = f"{now:.0%} of the pages are new, usually {usual:.0%}: have the addresses changed?"
    return Sign(Health.DRIFTED, what, Measure("new_share", now, usual))


def _new_share(report: RunReport) -> float | None:
    return report.new / report.pages if report.pages >= MIN_PAGES else None


def _more_refusals(_target: Target, run: RunRecord, earlier: Earlier) -> Sign | None:
    now = _failing_share(run.report)
    if now is None or now < FAILING_DRIFT:
        return None
    usual = usual_value(earlier, _failing_share)
    if usual is None or now < usual + FAILING_DRIFT:
        return None
    what = f"{now:.0%} of the answers are errors, usually {usual:.0%}"
    measure = Measure("failing_share", now, usual)
    return Sign(Health.DRIFTED, joined(what, drops(run.report)), measure)


def _failing_share(report: RunReport) -> float | None:
    answers = sum(report.statuses.values())
    failing = sum(count for status, count in report.statuses.items() if status >= "400")
    return failing / answers if answers >= MIN_PAGES else None


def _words(report: RunReport) -> str:
    barren = [word for word, count in report.yields.items() if not count]
    if not barren:
        return ""
    named = ", ".join(barren[:_SHOWN_WORDS]) + (" …" if len(barren) > _SHOWN_WORDS else "")
    return f"{len(barren)} of {len(report.yields)} words yield nothing: {named}"


_CHECKS: tuple[Check, ...] = (
    _unfinished, walled, _empty, _failing, _fewer_than_asked, _fewer_than_usual, _thin,
    _more_refusals, _all_new, frozen, stale,
)  # fmt: skip
