"""The service's figures as Prometheus metrics, from the database: the same from every service."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.target import Target, parse_duration
from crawler.config import Settings
from crawler.due import opened_at
from crawler.self_look import overdue
from crawler.slots import next_begin
from crawler.workspace import Workspace
from storage.database import Database
from storage.figures import Figures, Queue, read_figures
from storage.marks import ServiceMark, TargetMark
from storage.tallies import Tally


class FiguresCollector(Collector):
    """Asks the database at each scrape. Labels are bounded: by target files, channels and hosts."""

    def __init__(self, database: Database, workspace: Callable[[], Workspace]) -> None:
        self._database = database
        self._workspace = workspace

    def collect(self) -> Iterator[Metric]:
        """Every metric; StorageError where the database cannot be asked."""
        figures = read_figures(self._database)
        workspace, now = self._workspace(), datetime.now(UTC)
        targets = [target for target in workspace.targets if target.enabled]
        give_up_after = parse_duration(workspace.ready().alerts.give_up_after)
        yield from _work(figures)
        yield from _targets(figures.targets, targets, workspace.ready(), now)
        yield from _queues(figures, give_up_after, now)
        yield from _services(figures.services)
        yield from _pings(figures)


def _work(figures: Figures) -> Iterator[Metric]:
    tallies = figures.tallies
    runs = CounterMetricFamily("adwatch_runs", "Runs that have ended.", labels=["state"])
    for (state, _), number in tallies[Tally.RUNS].items():
        runs.add_metric([state], number)
    yield runs
    yield GaugeMetricFamily("adwatch_runs_running", "Runs under way.", value=figures.running)
    pages = CounterMetricFamily(
        "adwatch_pages", "Pages of runs that ended, by what became of them.", labels=["outcome"]
    )
    for (outcome, _), number in tallies[Tally.PAGES].items():
        pages.add_metric([outcome], number)
    yield pages
    findings = GaugeMetricFamily(
        "adwatch_findings", "Findings by level and by what people decided.",
        labels=["level", "state"],
    )  # fmt: skip
    for pair, number in figures.findings.items():
        findings.add_metric(pair, number)
    yield findings
    yield GaugeMetricFamily(
        "adwatch_evidence_bytes", "Bytes that evidence records name.",
        value=figures.evidence_bytes,
    )  # fmt: skip


def _targets(
    marks: Mapping[str, TargetMark], targets: list[Target], settings: Settings, now: datetime
) -> Iterator[Metric]:
    success = GaugeMetricFamily(
        "adwatch_target_last_success_timestamp_seconds", "When a run of the target last finished.",
        labels=["target"],
    )  # fmt: skip
    lag = GaugeMetricFamily(
        "adwatch_schedule_lag_seconds",
        "How long the target's first missed slot has been due, since its hours began.",
        labels=["target"],
    )  # fmt: skip
    raised = GaugeMetricFamily(
        "adwatch_target_raised", "1 for a target whose state was raised by two runs in a row.",
        labels=["target", "health"],
    )  # fmt: skip
    for target in targets:
        mark = marks.get(target.id)
        if mark is None:
            continue
        has_hours = bool(
            target.windows or target.blackout
            or settings.schedule.windows or settings.schedule.blackout
        )  # fmt: skip
        began = next_begin(target, mark.started_at, settings.schedule.every, settings.timezone)
        opened = opened_at(target, now, settings.schedule, settings.timezone)
        since = now if opened is None else max(began, opened) if has_hours else began
        lag.add_metric([target.id], max((now - since).total_seconds(), 0.0))
        if mark.succeeded_at is not None:
            success.add_metric([target.id], mark.succeeded_at.timestamp())
        if mark.raised is not None:
            raised.add_metric([target.id, mark.raised], 1)
    yield from (success, lag, raised)
    never = sum(target.id not in marks for target in targets)
    yield GaugeMetricFamily("adwatch_targets", "Enabled targets.", value=len(targets))
    yield GaugeMetricFamily("adwatch_targets_never_run", "Those that never ran.", value=never)


def _queues(figures: Figures, give_up_after: timedelta, now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("adwatch_queue_depth", "Deliveries that wait.", labels=["channel"])
    oldest = GaugeMetricFamily(
        "adwatch_queue_oldest_seconds", "How long the oldest of them has been due.",
        labels=["channel"],
    )  # fmt: skip
    for channel, queue in _with_idle(figures).items():
        depth.add_metric([channel], queue.depth if queue else 0)
        late = overdue(queue, give_up_after, now) if queue else timedelta()
        oldest.add_metric([channel], late.total_seconds())
    failed = GaugeMetricFamily(
        "adwatch_deliveries_failed", "Deliveries refused or given up, not tried again yet.",
        labels=["channel", "state"],
    )  # fmt: skip
    for pair, number in figures.failed.items():
        failed.add_metric(pair, number)
    sent = CounterMetricFamily(
        "adwatch_deliveries", "Answers of channels by what followed and the channel's own code.",
        labels=["channel", "state", "code"],
    )  # fmt: skip
    for (channel, part), number in figures.tallies[Tally.DELIVERIES].items():
        state, _, code = part.rpartition(":")
        sent.add_metric([channel, state, code], number)
    unrouted = "Findings' messages of which nobody decided yet who hears them."
    yield from (depth, oldest, failed, sent)
    yield GaugeMetricFamily("adwatch_messages_unrouted", unrouted, value=figures.unrouted)


def _with_idle(figures: Figures) -> dict[str, Queue | None]:
    """Also channels of which nothing waits, so that their curves fall to zero."""
    idle = {channel for channel, _ in figures.tallies[Tally.DELIVERIES]}
    return {name: figures.queues.get(name) for name in sorted(idle | figures.queues.keys())}


def _services(marks: tuple[ServiceMark, ...]) -> Iterator[Metric]:
    ticked = GaugeMetricFamily(
        "adwatch_service_last_tick_timestamp_seconds", "When the service's last tick ended.",
        labels=["service"],
    )  # fmt: skip
    offset = GaugeMetricFamily(
        "adwatch_clock_offset_seconds", "How far the service's clock is ahead of others.",
        labels=["service"],
    )  # fmt: skip
    free, size = (
        GaugeMetricFamily(f"adwatch_disk_{what}_bytes", said, labels=["service", "disk"])
        for what, said in (("free", "Free space."), ("size", "The disk's size."))
    )
    for mark in marks:
        ticked.add_metric([mark.name], mark.ticked_at.timestamp())
        if mark.clock_offset_s is not None:
            offset.add_metric([mark.name], mark.clock_offset_s)
        free.add_metric([mark.name, "evidence"], mark.evidence_free)
        free.add_metric([mark.name, "data"], mark.data_free)
        size.add_metric([mark.name, "evidence"], mark.evidence_size)
        size.add_metric([mark.name, "data"], mark.data_size)
    yield from (ticked, offset, free, size)


def _pings(figures: Figures) -> Iterator[Metric]:
    pings = CounterMetricFamily("adwatch_pings", "Pings by whether taken.", labels=["result"])
    for (result, _), number in figures.tallies[Tally.PINGS].items():
        pings.add_metric([result], number)
    yield pings
