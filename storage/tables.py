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
SCHEMA_REVISION = "0001"

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

# One row, locked by whoever appends; a deleted tail shows because this row still names it.
chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("record_hash", HASH, nullable=False),
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
# verdicts themselves stay. It is no foreign key, because verdicts already point here.
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
    Column("verdict_id", Integer),
    Index("ix_finding_level_score", "level", "score"),
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
    UniqueConstraint("finding_id", "page_id"),
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
    UniqueConstraint("day", "audience"),
)

digest_item = Table(
    "digest_item",
    metadata,
    Column("digest_id", ForeignKey("digest.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("finding_id", ForeignKey("finding.id"), nullable=False, index=True),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest_id", ForeignKey("digest.id"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("recipient", StorableText, nullable=False),
    Column("state", WORD, nullable=False),
    Column("code", StorableText, nullable=False),
    Column("detail", StorableText, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)
