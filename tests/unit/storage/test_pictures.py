"""Pictures in the database: read once by their bytes, and one record for each new capture."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from core.pictures import PictureCode, PictureLine, PictureText
from core.records import StoredBytes
from storage.audit import verify_evidence
from storage.pictures import (
    KnownAddress,
    keep_capture,
    keep_text,
    known_address,
    known_text,
    picture_records,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
URL = "https://img.example.cn/1.png"
TEXT = PictureText(
    300, 200, (PictureLine("月息两分", (1, 2, 30, 40)),), (PictureCode("x", (5, 6, 7, 8)),), "v1"
)


def picture(samples, data, *, url=URL, etag='"1"'):
    """A sealed picture as a crawl hands it on."""
    seen = samples.observe("https://a.example.cn/1", "正文")
    capture = replace(seen.capture, url=url, body=data, headers=(("ETag", etag),))
    stored = StoredBytes(sha256(data).hexdigest(), len(data))
    return replace(seen, url=url, parent_url=seen.url, capture=capture, stored=stored)


def test_what_one_reader_read_another_reads_again(db):
    assert known_text(db, "a" * 64, "v1") is None
    assert keep_text(db, "a" * 64, TEXT, NOW) == TEXT
    assert keep_text(db, "a" * 64, TEXT, NOW) == TEXT
    assert known_text(db, "a" * 64, "v1") == TEXT
    assert known_text(db, "a" * 64, "v2") is None
    assert known_text(db, "b" * 64, "v1") is None


def test_a_text_that_no_database_can_hold_is_kept_as_it_can_be(db):
    odd = replace(TEXT, lines=(PictureLine("月\x00息\ud800", (1, 2, 3, 4)),))
    kept = keep_text(db, "a" * 64, odd, NOW)
    assert kept.lines[0].text == "月\ufffd息\ufffd"
    assert known_text(db, "a" * 64, "v1") == kept


def test_the_same_bytes_at_an_address_are_recorded_once(db, store, samples):
    assert known_address(db, "town", URL) is None
    keep_capture(db, store, picture(samples, b"one"))
    keep_capture(db, store, picture(samples, b"one", etag='"2"'))
    digest = sha256(b"one").hexdigest()
    assert known_address(db, "town", URL) == KnownAddress(digest, '"2"', None)
    assert known_address(db, "village", URL) is None
    assert verify_evidence(db, store).records == 1


def test_other_bytes_and_other_addresses_have_records_of_their_own(db, store, samples):
    keep_capture(db, store, picture(samples, b"one"))
    keep_capture(db, store, picture(samples, b"two"))
    keep_capture(db, store, picture(samples, b"two", url=f"{URL}?2"))
    report = verify_evidence(db, store)
    assert (report.records, report.files, report.holds) == (3, 2, True)
    digest = sha256(b"two").hexdigest()
    facts = picture_records(db, [digest, "f" * 64])
    assert list(facts) == [digest]
    assert (facts[digest].seq, facts[digest].url) == (3, f"{URL}?2")
