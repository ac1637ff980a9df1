"""Putting a day's digest together: what storage knows, shaped by alerts, frozen and delivered."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from alerts.channels import build_channel
from alerts.digest import Digest, Window, build_digest
from alerts.packing import pack_message
from alerts.personal import mask_personal
from alerts.policy import chosen, covers
from alerts.render import DigestFiles, digest_key, digest_message, pictures_of, write_digest
from alerts.results import Delivery
from alerts.route_config import ALL, DigestChoice
from alerts.sender import Sender
from classifiers.keywords import keywords
from core.ledger import EvidenceFacts, Finding, Health, TargetHealth
from core.target import parse_duration
from crawler.config import Settings
from crawler.digest_turn import ONE_DAY, digest_window
from crawler.outlets import regions_of
from crawler.standing import health_of
from crawler.workspace import Workspace
from storage.capture_facts import evidence_facts
from storage.database import Database
from storage.digests import find_digest, freeze_digest
from storage.evidence_place import Evidence
from storage.findings import count_backlog, findings_between, get_findings
from storage.outbox import Address, DeliveryState, MessageKind, Outgoing, enlist
from storage.pictures import picture_records
from storage.queue_status import deliveries_of, try_again
from storage.runs import runs_between

OTHERS_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest with its files, its message's key, and where it was sent, how that stands."""

    digest: Digest
    files: DigestFiles
    key: str
    deliveries: tuple[Delivery, ...] = ()


def audiences(settings: Settings) -> tuple[str, ...]:
    """Everybody first, then each audience that a digest route names."""
    named = (choice.audience for choice in settings.alerts.routes.digest)
    return tuple(dict.fromkeys((ALL, *named)))


def choices_for(settings: Settings, audience: str) -> tuple[DigestChoice, ...]:
    """The digest routes of one audience."""
    return tuple(one for one in settings.alerts.routes.digest if one.audience == audience)


def assemble_digest(
    workspace: Workspace, database: Database, day: date, audience: str, now: datetime
) -> Digest:
    """The digest of `day`: its findings, the backlog, and the health of every target.

    For an audience of its own, the findings and targets that its routes choose. One that was
    frozen has the same findings again, as they stand now.
    """
    settings = workspace.ready()
    choices = choices_for(settings, audience) if audience != ALL else ()
    regions = regions_of(workspace)
    frozen = find_digest(database, day, audience)
    window = digest_window(database, settings, day, audience, now)
    if frozen is not None and frozen.starts_at and frozen.ends_at:
        window = replace(window, start=frozen.starts_at, end=frozen.ends_at)
    if frozen is not None:
        listed: Sequence[Finding] = get_findings(database, frozen.finding_ids)
    else:
        listed = chosen(findings_between(database, window.start, window.end), choices, regions)
    healths = tuple(
        row
        for row in target_healths(workspace, database)
        if not choices or any(covers(choice, row.target_id, regions) for choice in choices)
    )
    return build_digest(
        window,
        [_with_keywords(finding) for finding in listed],
        backlog=count_backlog(database),
        previous_new=_found_before(database, window, choices, regions),
        health=healths,
        config_faults=tuple(map(str, workspace.faults)),
        review_url=settings.review_url,
        run_ids=tuple(run.id for run in runs_between(database, window.start, window.end)),
        language=settings.schedule.digest.language,
    )


def _with_keywords(finding: Finding) -> Finding:
    return replace(finding, keywords=keywords(mask_personal(finding.text, finding.entities)))


def _found_before(
    database: Database,
    window: Window,
    choices: Sequence[DigestChoice],
    regions: Mapping[str, str | None],
) -> int | None:
    """How many the day before had, to compare a day with; None for a longer window."""
    if window.end - window.start > ONE_DAY:
        return None
    found = findings_between(database, window.start - ONE_DAY, window.start)
    return len(chosen(found, choices, regions))


def target_healths(workspace: Workspace, database: Database) -> tuple[TargetHealth, ...]:
    """Every enabled target's health, and every target whose file is faulty."""
    healths = [health_of(database, target) for target in workspace.targets if target.enabled]
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


def write_day(  # noqa: PLR0917 (the parts of a digest)
    workspace: Workspace,
    database: Database,
    evidence: Evidence,
    day: date,
    out: Path,
    audience: str = ALL,
    *,
    sending: bool = False,
    again: bool = False,
    draft: bool = False,
) -> WrittenDigest:
    """Build, write and freeze the digest of `day`; `sending` puts it into the outbox with that.

    A digest that lies in the outbox stays as it is; `again` puts in a new message beside it. A
    `draft` is only written: the findings that come after it belong to the same digest.
    """
    now = datetime.now(UTC)
    digest = assemble_digest(workspace, database, day, audience, now)
    facts = {
        place.evidence_seq: None
        for item in digest.items
        for place in item.finding.places
        if place.evidence_seq is not None
    }
    found: dict[int, EvidenceFacts] = evidence_facts(database, tuple(facts))
    folder = out if audience == ALL else out / audience
    shown = [sha256 for item in digest.items for sha256 in pictures_of(item.finding)]
    files = write_digest(
        digest,
        folder,
        evidence=found,
        screenshot=evidence.find,
        pictures=picture_records(database, shown),
    )
    key = digest_key(day, audience) + (f"-again-{now:%Y%m%dT%H%M%S%f}" if again else "")
    if draft:
        return WrittenDigest(digest, files, key)
    with database.writing_jointly():
        window = (digest.window.start, digest.window.end)
        frozen = freeze_digest(
            database, day, audience, digest.finding_ids, digest.subject, now, window
        )
        if sending:
            content = pack_message(digest_message(digest, files, key))
            outgoing = Outgoing(key, MessageKind.DIGEST, audience, content, frozen.id)
            addresses = _addresses(workspace, audience)
            give_up_after = parse_duration(workspace.ready().alerts.give_up_after)
            enlist(database, outgoing, addresses, now, give_up_after)
    return WrittenDigest(digest, files, key)


def _addresses(workspace: Workspace, audience: str) -> tuple[Address, ...]:
    settings = workspace.ready()
    names = (name for one in choices_for(settings, audience) for name in one.channels)
    return tuple(
        Address(name, recipient, audience)
        for name in dict.fromkeys(names)
        for recipient in build_channel(
            name, settings.alerts.channels[name], workspace.folder
        ).recipients
    )


def send_now(database: Database, sender: Sender, written: WrittenDigest) -> WrittenDigest:
    """Try what of the digest no channel has confirmed yet; how every delivery stands then.

    What another process is sending at the moment is waited for.
    """
    before = {
        row.id for row in deliveries_of(database, written.key) if row.state is DeliveryState.SENT
    }
    try_again(database, datetime.now(UTC), key=written.key)
    sender.send_now(written.key)
    give_up = time.monotonic() + OTHERS_PATIENCE_S
    while _is_under_way(database, written.key) and time.monotonic() < give_up:
        time.sleep(0.2)
    return replace(
        written,
        deliveries=tuple(
            Delivery(row.channel, row.recipient, "already" if row.id in before else row.state.value,
                     row.code, row.detail)
            for row in deliveries_of(database, written.key)
        ),
    )  # fmt: skip


def _is_under_way(database: Database, key: str) -> bool:
    return any(row.state is DeliveryState.SENDING for row in deliveries_of(database, key))
