"""Putting a day's digest together: what storage knows, shaped by alerts, frozen and delivered."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.channels import Channel, build_channel
from alerts.deliver import deliver
from alerts.digest import Digest, Window, build_digest
from alerts.personal import mask_personal
from alerts.render import DigestFiles, digest_message, write_digest
from alerts.results import Delivery
from classifiers.keywords import keywords
from core.ledger import EvidenceFacts, Health, TargetHealth
from crawler.health import judge_target
from crawler.workspace import Workspace
from storage.capture_facts import evidence_facts
from storage.database import Database
from storage.digests import DeliveryState, freeze_digest, record_delivery
from storage.evidence import EvidenceStore
from storage.findings import count_backlog, findings_between
from storage.runs import last_runs, runs_between

AUDIENCE = "all"


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest with its files and, where it was sent, what each channel said."""

    digest: Digest
    files: DigestFiles
    digest_id: int
    deliveries: tuple[Delivery, ...] = ()


def day_window(day: date, zone: str) -> Window:
    """The day from midnight to midnight in `zone`."""
    tz = ZoneInfo(zone)
    start = datetime.combine(day, time.min, tz)
    return Window(day, start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC), zone)


def assemble_digest(workspace: Workspace, database: Database, day: date) -> Digest:
    """The digest of `day`: its findings, the backlog, and the health of every target."""
    settings = workspace.ready()
    window = day_window(day, settings.timezone)
    found = tuple(
        replace(finding, keywords=keywords(mask_personal(finding.text, finding.entities)))
        for finding in findings_between(database, window.start, window.end)
    )
    before = day_window(day - timedelta(days=1), settings.timezone)
    runs = runs_between(database, window.start, window.end)
    return build_digest(
        window,
        found,
        backlog=count_backlog(database),
        previous_new=len(findings_between(database, before.start, before.end)),
        health=target_healths(workspace, database),
        config_faults=tuple(map(str, workspace.faults)),
        review_url=settings.review_url,
        run_ids=tuple(run.id for run in runs),
        language=settings.schedule.digest.language,
    )


def target_healths(workspace: Workspace, database: Database) -> tuple[TargetHealth, ...]:
    """Every enabled target's health, and every target whose file is faulty."""
    healths = [
        judge_target(target, last_runs(database, target.id, 8))
        for target in workspace.targets
        if target.enabled
    ]
    faulty: dict[str, str] = {}
    for fault in workspace.faults:
        faulty.setdefault(fault.where.split(".", 1)[0], str(fault))
    known = {target.id for target in workspace.targets}
    healths += [
        TargetHealth(name, name, Health.BAD_CONFIG, what)
        for name, what in sorted(faulty.items())
        if name not in known
    ]
    return tuple(healths)


def write_day(
    workspace: Workspace, database: Database, evidence: EvidenceStore, day: date, out: Path
) -> WrittenDigest:
    """Build, freeze and write the digest of `day` into `out`."""
    digest = assemble_digest(workspace, database, day)
    frozen = freeze_digest(
        database, day, AUDIENCE, digest.finding_ids, digest.subject, datetime.now(UTC)
    )
    facts = {
        place.evidence_seq: None
        for item in digest.items
        for place in item.finding.places
        if place.evidence_seq is not None
    }
    found: dict[int, EvidenceFacts] = evidence_facts(database, tuple(facts))
    files = write_digest(digest, out, evidence=found, screenshot=evidence.path)
    return WrittenDigest(digest, files, frozen.id)


def send(workspace: Workspace, database: Database, written: WrittenDigest) -> WrittenDigest:
    """Deliver a written digest to the channels of the digest route, recording each attempt."""
    settings = workspace.ready()
    channels: list[Channel] = [
        build_channel(name, settings.alerts.channels[name], workspace.folder)
        for name in settings.alerts.routes.digest
    ]

    def record(delivery: Delivery) -> None:
        record_delivery(
            database,
            written.digest_id,
            delivery.channel,
            delivery.recipient,
            DeliveryState(delivery.state),
            delivery.code,
            delivery.detail,
            datetime.now(UTC),
        )

    deliveries = deliver(digest_message(written.digest, written.files), channels, record)
    return replace(written, deliveries=deliveries)
