"""Stage 1: names what came in by its SHA-256, before anything touches it."""

from dataclasses import replace
from hashlib import sha256

from core.records import Observation, StoredBytes


def seal(observation: Observation) -> Observation:
    """The observation with the hashes of its bytes as they came off the network.

    The bytes are written by the last stage, beside the record that names them: an unchanged page
    whose bytes differ in a nonce would otherwise leave a file behind at every visit.
    """
    capture = observation.capture
    shot = sha256(capture.screenshot).hexdigest() if capture.screenshot else None
    stored = StoredBytes(sha256(capture.body).hexdigest(), len(capture.body), shot)
    return replace(observation, stored=stored)


class EvidenceStage:
    """Applies `seal`."""

    def process_item(self, item: Observation) -> Observation:
        """The sealed observation."""
        return seal(item)
