"""Where evidence lies: a folder of this machine or of the network, or an S3-compatible store."""

from pathlib import Path

from core.errors import EvidenceError
from storage.evidence import EvidenceStore
from storage.evidence_objects import SCHEME, ObjectEvidence, S3Access

Evidence = EvidenceStore | ObjectEvidence


def open_evidence(where: str, access: S3Access | None) -> Evidence:
    """The evidence at a path or an s3:// address."""
    if not where.startswith(SCHEME):
        return EvidenceStore(Path(where))
    if access is None:
        raise EvidenceError(f"{where} cannot be reached without s3: in adwatch.yml")
    return ObjectEvidence(where, access)
