"""The tables. Machine output and human verdict never share a column."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.columns import StorableText, UtcTime

# The newest migration; `open_database` refuses a database that stands at another one.
SCHEMA_REVISION = "0007"

HASH = String(64)
WORD = String(64)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("target_id", WORD, nullable=False),
    Column("slot", Text, nullable=False),
    Column("state", WORD, nullable=False, index=True),
    Column("started_at", UtcTime, nullable=False, index=True),
    Column("beat_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("report", Text, nullable=False),
    UniqueConstraint("target_id", "slot"),
)

# Which run crawls a host at the moment; `place` is the machine and folder that it runs in.
host_hold = Table(
    "host_hold",
    metadata,
    Column("host", Text, primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False, index=True),
    Column("place", Text, nullable=False),
)

# One row, locked by whoever appends; a deleted tail shows because this row still names it.
# `stored_bytes` sums the sizes that the records say.
chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("record_hash", HASH, nullable=False),
    Column("stored_bytes", BigInteger, nullable=False, server_default="0"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("prev_hash", HASH, nullable=False),
    Column("record_hash", HASH, nullable=False),
    Column("record", Text, nullable=False),
    Column("body_sha256", HASH, nullable=False, index=True),
    Column("screenshot_sha256", HASH, index=True),
)

# An address of a target as it was last met. `key` is SHA-256 of target and address, because an
# address may be longer than PostgreSQL can index. `observation_id` names the last content that
# was read here; it outlives states like "deleted", and so do the ETag and the content hash.
page = Table(
    "page",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", HASH, nullable=False, unique=True),
    Column("target_id", WORD, nullable=False, index=True),
    Column("url", StorableText, nullable=False),
    Column("etag", StorableText),
    Column("last_modified", StorableText),
    Column("body_sha256", HASH),
    Column("content_hash", Text),
    Column("observation_id", Integer),
    Column("state", WORD, nullable=False),
    Column("state_since", UtcTime, nullable=False),
    Column("state_message", StorableText, nullable=False),
    Column("state_sha256", HASH),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("last_status", Integer, nullable=False),
)

observation = Table(
    "observation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", HASH, nullable=False, unique=True),
    Column("page_id", ForeignKey("page.id"), nullable=False, index=True),
    Column("run_id", ForeignKey("run.id"), nullable=False, index=True),
    Column("kind", WORD, nullable=False),
    Column("parent_url", StorableText, nullable=False),
    Column("final_url", StorableText, nullable=False),
    Column("title", StorableText, nullable=False),
    Column("account", StorableText, nullable=False),
    Column("published_at", UtcTime),
    Column("content_hash", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("evidence_seq", ForeignKey("evidence.seq"), nullable=False, index=True),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("times", Integer, nullable=False),
)

assessment = Table(
    "assessment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("observation_id", ForeignKey("observation.id"), nullable=False),
    Column("rulebook", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("stance", WORD, nullable=False),
    Column("detail", Text, nullable=False),
    Column("assessed_at", UtcTime, nullable=False),
    UniqueConstraint("observation_id", "rulebook"),
)

# `verdict_id` names the verdict in force and is taken back when the creative changes; the
# verdicts themselves stay. It is no foreign key, because verdicts already point here. A level below
# medium means lifted: a rescan found nothing suspect any more. `turned_at` is when a rescan last
# made it suspect, raised it to high, or lifted it.
finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", HASH, nullable=False),
    Column("page_id", ForeignKey("page.id"), nullable=False),
    Column("level", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("stance", WORD, nullable=False),
    Column("title", StorableText, nullable=False),
    Column("account", StorableText, nullable=False),
    Column("source", WORD, nullable=False),
    Column("text", StorableText, nullable=False),
    Column("detail", Text, nullable=False),
    Column("rulebook", Text, nullable=False),
    Column("first_seen", UtcTime, nullable=False, index=True),
    Column("last_seen", UtcTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("reopened_at", UtcTime, index=True),
    Column("turned_at", UtcTime, index=True),
    Column("verdict_id", Integer),
    Index("ix_finding_level_score", "level", "score"),
    Index("ix_finding_standing", "level", "verdict_id", "reopened_at"),
)

# Every text a finding was met in; the same text always leads to the same finding.
variant = Table(
    "variant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", HASH, nullable=False, unique=True),
    Column("finding_id", ForeignKey("finding.id"), nullable=False, index=True),
    Column("signature", LargeBinary),
)

# LSH bands of the texts that near-duplicates are compared with.
band = Table(
    "band",
    metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("variant_id", ForeignKey("variant.id"), primary_key=True),
    sqlite_with_rowid=False,
)

# `lifted_at` is set where a rescan found the text there no longer suspect.
place = Table(
    "place",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finding_id", ForeignKey("finding.id"), nullable=False),
    Column("page_id", ForeignKey("page.id"), nullable=False, index=True),
    Column("observation_id", ForeignKey("observation.id"), nullable=False, index=True),
    Column("source", WORD, nullable=False),
    Column("fingerprint", HASH, nullable=False),
    Column("gist", HASH, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("lifted_at", UtcTime),
    UniqueConstraint("finding_id", "page_id"),
    Index("ix_place_finding_id_lifted_at", "finding_id", "lifted_at"),
)

verdict = Table(
    "verdict",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finding_id", ForeignKey("finding.id"), nullable=False, index=True),
    Column("verdict", WORD, nullable=False),
    Column("reason", StorableText, nullable=False),
    Column("decided_by", StorableText, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
)

digest = Table(
    "digest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", String(10), nullable=False),
    Column("audience", Text, nullable=False),
    Column("subject", StorableText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("starts_at", UtcTime),
    Column("ends_at", UtcTime),
    UniqueConstraint("day", "audience"),
)

digest_item = Table(
    "digest_item",
    metadata,
    Column("digest_id", ForeignKey("digest.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("finding_id", ForeignKey("finding.id"), nullable=False, index=True),
)

# What is to be said: a row is written with what it tells of, in the same transaction. `key` is
# the message's identity, also outside. `content` is the message as it goes out; a finding's is
# written when it is first sent. A message is routed once it is known who hears it.
message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", WORD, nullable=False),
    Column("audience", Text, nullable=False),
    Column("finding_id", ForeignKey("finding.id"), index=True),
    Column("digest_id", ForeignKey("digest.id"), index=True),
    Column("content", LargeBinary),
    Column("created_at", UtcTime, nullable=False),
    Column("routed_at", UtcTime, index=True),
)

# One message to one recipient through one channel, and how it stands. `parts` counts the pieces
# that the channel has confirmed, `faults` the attempts that ended without any answer to keep.
# `summary_id` names the message that said it instead.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("recipient", StorableText, nullable=False),
    Column("state", WORD, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("lease", String(32)),
    Column("leased_until", UtcTime),
    Column("code", StorableText, nullable=False),
    Column("detail", StorableText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("summary_id", ForeignKey("message.id"), index=True),
    UniqueConstraint("message_id", "channel", "audience", "recipient"),
    Index("ix_delivery_state_channel_due_at", "state", "channel", "due_at"),
)

# One try at one message through one channel: written before it, marked after it.
attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("code", StorableText, nullable=False),
    Column("detail", StorableText, nullable=False),
    Index("ix_attempt_channel_started_at", "channel", "started_at"),
)

# A channel's row is the lock of whoever takes from its queue; `held_until` is how long the other
# side wants to be left alone. `trouble` is the worst state of a delivery that the operator was told
# of and that is not over, `trouble_at` when the channel last took none.
channel_pace = Table(
    "channel_pace",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("held_until", UtcTime),
    Column("why", StorableText, nullable=False),
    Column("trouble", WORD),
    Column("trouble_at", UtcTime),
)

# The requests of the last minutes, shared by all senders: a robot counts them, whoever asks.
channel_post = Table(
    "channel_post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("posted_at", UtcTime, nullable=False),
    Index("ix_channel_post_channel_posted_at", "channel", "posted_at"),
)

# One rescan of the stored observations up to `until_id`. `last_id` is how far it has come: it moves
# in the transaction that keeps what was judged. `scope` is what it was asked to look at, as JSON.
rescan = Table(
    "rescan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rulebook", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("until_id", Integer, nullable=False),
    Column("last_id", Integer, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_rescan_rulebook_scope", "rulebook", "scope"),
)

# What a rescan did to which finding.
rescan_finding = Table(
    "rescan_finding",
    metadata,
    Column("rescan_id", ForeignKey("rescan.id"), primary_key=True),
    Column("finding_id", ForeignKey("finding.id"), primary_key=True),
    Column("turn", WORD, nullable=False),
    Index("ix_rescan_finding_finding_id", "finding_id"),
)

# What a reader of that version read from the bytes of that SHA-256: read once, whatever the page.
picture = Table(
    "picture",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("reader", String(200), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("read_at", UtcTime, nullable=False),
)

# What last lay at a picture's address, with the evidence record of its capture. `key` is SHA-256 of
# target and address.
picture_address = Table(
    "picture_address",
    metadata,
    Column("key", HASH, primary_key=True),
    Column("sha256", HASH, nullable=False, index=True),
    Column("etag", StorableText),
    Column("last_modified", StorableText),
    Column("evidence_seq", ForeignKey("evidence.seq"), nullable=False, index=True),
)

# What has ever happened, counted in the transaction in which it does, so that nobody has to count
# rows and the counts outlive them. `label` and `part` say of what.
tally = Table(
    "tally",
    metadata,
    Column("name", WORD, primary_key=True),
    Column("label", StorableText, primary_key=True),
    Column("part", StorableText, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# How each target's runs stand; `raised` is the state that the operator was told of.
target_mark = Table(
    "target_mark",
    metadata,
    Column("target_id", WORD, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("succeeded_at", UtcTime),
    Column("raised", WORD),
)

# Each running service as it last looked at itself: its disks, and how far its clock is off.
service_mark = Table(
    "service_mark",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("looked_at", UtcTime, nullable=False, index=True),
    Column("ticked_at", UtcTime, nullable=False),
    Column("clock_offset_s", Double),
    Column("evidence_free", BigInteger, nullable=False),
    Column("evidence_size", BigInteger, nullable=False),
    Column("data_free", BigInteger, nullable=False),
    Column("data_size", BigInteger, nullable=False),
)

# Evidence bytes that retention removes: the row first, the file after it, then `removed_at`.
# `evidence_seq` is the record that signs for it: its body lists the hashes. Records behind that one
# which name the same bytes need them again.
removal = Table(
    "removal",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("evidence_seq", ForeignKey("evidence.seq"), nullable=False, index=True),
    Column("rule", WORD, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("removed_at", UtcTime, index=True),
)
