"""Evidence in an S3-compatible store: the same names, each object written once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from core.errors import EvidenceError
from storage.evidence import changed, evidence_name

SCHEME = "s3://"
RETRIES = 4


@dataclass(frozen=True, slots=True)
class S3Access:
    """How the store is reached; `endpoint` is None for Amazon's own."""

    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    endpoint: str | None = None


class ObjectEvidence:
    """A folder of a bucket.

    An object appears under its name complete or not at all, and what the store has confirmed it
    keeps: that is its promise in place of our fsync. Names are hashes of the bytes, so that writers
    of the same name write the same.
    """

    def __init__(self, url: str, access: S3Access) -> None:
        self._root = url.removeprefix(SCHEME).rstrip("/")
        self._files = _open_store(access)

    def write(self, data: bytes, digest: str | None = None) -> str:
        """Keep `data`; its SHA-256 in hex, which whoever knows it already may give as `digest`."""
        digest = digest or sha256(data).hexdigest()
        place = self._place(digest)
        with _store_errors():
            size = self._size(place)
            if size is None:
                self._files.pipe_file(place, data)
            elif size != len(data):
                raise EvidenceError(changed(f"{SCHEME}{place}", size, len(data)))
        return digest

    def write_all(self, pieces: Sequence[tuple[bytes, str | None]]) -> list[str]:
        """Keep the data of each as `write` does."""
        return [self.write(data, digest) for data, digest in pieces]

    def read(self, digest: str) -> bytes:
        """The bytes of that SHA-256; EvidenceError where they are missing or changed."""
        data = self.find(digest)
        if data is None:
            raise EvidenceError(f"evidence {digest} cannot be read: there is no such object")
        if sha256(data).hexdigest() != digest:
            place = f"{SCHEME}{self._place(digest)}"
            raise EvidenceError(f"evidence {digest} has been changed: {place}")
        return data

    def has(self, digest: str) -> bool:
        """Whether something lies under that name."""
        with _store_errors():
            return self._size(self._place(digest)) is not None

    def find(self, digest: str) -> bytes | None:
        """The bytes as they lie there, unchecked; None where there are none."""
        return self._bytes(self._place(digest))

    def fault(self, digest: str) -> str | None:
        """What is wrong with the object of that SHA-256."""
        data = self.find(digest)
        if data is None:
            return "the file is missing"
        found = sha256(data).hexdigest()
        if found != digest:
            return f"the file has been changed ({len(data)} bytes, SHA-256 {found})"
        return None

    def names(self, prefix: str) -> set[str]:
        """The names that lie under the first two characters of a SHA-256."""
        return {place.rpartition("/")[2] for place in self._list(prefix)}

    def add_line(self, name: str, line: str) -> None:
        """Append a line to a list beside the evidence; each is an object that is never changed."""
        place = f"{self._root}/{name}/{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex}"
        with _store_errors():
            self._files.pipe_file(place, line.encode())

    def lines(self, name: str) -> Iterator[str]:
        """The lines of such a list, oldest first."""
        for place in sorted(self._list(name)):
            yield (self._bytes(place) or b"").decode("utf-8", "replace")

    def last_line(self, name: str) -> str | None:
        """The newest of them."""
        places = self._list(name)
        return (self._bytes(max(places)) or b"").decode("utf-8", "replace") if places else None

    def _place(self, digest: str) -> str:
        return f"{self._root}/{evidence_name(digest)}"

    def _list(self, folder: str) -> list[str]:
        with _store_errors():
            return list(self._files.find(f"{self._root}/{folder}"))

    def _size(self, place: str) -> int | None:
        try:
            return int(self._files.info(place)["size"])
        except FileNotFoundError:
            return None

    def _bytes(self, place: str) -> bytes | None:
        with _store_errors():
            try:
                return bytes(self._files.cat_file(place))
            except FileNotFoundError:
                return None


def _open_store(access: S3Access) -> Any:
    from obstore.fsspec import FsspecStore  # noqa: PLC0415 (optional: adwatch[s3])

    options: dict[str, Any] = {
        "region": access.region,
        "access_key_id": access.key,
        "secret_access_key": access.secret,
        "client_options": {"allow_http": True, "timeout": "30s"},
        "retry_config": {"max_retries": RETRIES},
        "skip_instance_cache": True,
    }
    if access.endpoint:
        options["endpoint"] = access.endpoint
    return FsspecStore("s3", **options)


@contextmanager
def _store_errors() -> Iterator[None]:
    from obstore.exceptions import BaseError  # noqa: PLC0415 (optional)

    try:
        yield
    except (BaseError, OSError) as error:
        what = str(error).strip().splitlines()[0][:300]
        raise EvidenceError(f"the evidence store does not do it: {what}") from error
