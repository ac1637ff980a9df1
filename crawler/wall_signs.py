"""Whether a site turned a run away: captchas, log-ins and refusals in place of pages."""

from core.ledger import Health, Measure, RunRecord, RunReport
from core.records import PageState
from core.target import Target
from crawler.signs import Earlier, Sign, drops, joined, usual_value

BLOCKING_STATUSES = frozenset({"401", "403", "407", "429", "451"})
MIN_WALLED = 3
RISEN = 0.2


def walled(target: Target, run: RunRecord, earlier: Earlier) -> Sign | None:
    """That the site turned the run away, or much more of it than usual."""
    report = run.report
    walls = _walls(report)
    count = sum(walls.values())
    if not count:
        return None
    lists = report.drops.get("captcha", 0) + report.drops.get("login", 0)
    words = len(target.search.words) if target.search else 1
    all_of_it = count + _good(report)
    usual = usual_value(earlier, _wall_share)
    risen = usual is not None and count >= MIN_WALLED and count / all_of_it >= usual + RISEN
    if 2 * count < all_of_it and 2 * lists < len(target.start_urls) * words and not risen:
        return None
    state = max(walls, key=lambda one: walls[one])
    what = {
        Health.CAPTCHA: "a captcha stands in place of",
        Health.LOGIN: "a log-in is asked for at",
        Health.BLOCKED: "the site refuses",
    }[state]
    detail = joined(f"{what} {walls[state]} of {all_of_it} pages", drops(report))
    return Sign(state, detail, Measure("walled", walls[state], all_of_it))


def _walls(report: RunReport) -> dict[Health, int]:
    """Pages and lists in whose place something else stood, by what it was."""
    counted = {
        Health.CAPTCHA: report.states.get(PageState.CAPTCHA, 0) + report.drops.get("captcha", 0),
        Health.LOGIN: report.states.get(PageState.LOGIN, 0) + report.drops.get("login", 0),
        Health.BLOCKED: sum(report.statuses.get(status, 0) for status in BLOCKING_STATUSES),
    }
    return {state: count for state, count in counted.items() if count}


def _good(report: RunReport) -> int:
    others = (state for state in PageState if state is not PageState.OK)
    return max(0, report.pages - sum(report.states.get(state, 0) for state in others))


def _wall_share(report: RunReport) -> float | None:
    walled = sum(_walls(report).values())
    return walled / (walled + _good(report)) if walled + _good(report) else None
