"""ZIP archives of office programs, with bounds on what they unpack to."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from pipelines.documents.passages import unreadable

MAX_MEMBERS = 10_000
MAX_UNPACKED = 128 * 1024 * 1024
MAX_MEMBER = 64 * 1024 * 1024


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The archive; ReadingError where it is broken or would unpack to too much."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise unreadable("file_broken", str(error)) from None
    if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_UNPACKED:
        raise unreadable("file_bomb", "the archive unpacks to too much")
    if any(one.flag_bits & 1 for one in members):
        raise unreadable("file_locked", "the archive wants a password")
    return archive


def member(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The bytes of a member, None where there is none; its head only claims how many."""
    try:
        with archive.open(name) as file:
            data = file.read(MAX_MEMBER + 1)
    except KeyError:
        return None
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise unreadable("file_broken", f"{name}: {error}") from None
    except Exception as error:  # noqa: BLE001 (zlib.error, lzma.LZMAError, …: by the method)
        raise unreadable("file_broken", f"{name}: {error}") from None
    if len(data) > MAX_MEMBER:
        raise unreadable("file_bomb", f"{name} unpacks to too much")
    return data


def elements(xml: bytes) -> Iterator[tuple[str, Any]]:
    """The `start` and `end` of each element; no document type, no entity, nothing fetched.

    An element is let go when whoever asks for the next has seen its end.
    """
    parser = etree.iterparse(
        BytesIO(xml), events=("start", "end"), resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for number, (event, element) in enumerate(parser):
            if not number and element.getroottree().docinfo.doctype:
                raise unreadable("file_dtd", "an office document declares no document type")
            yield event, element
    except etree.XMLSyntaxError as error:
        raise unreadable("file_broken", str(error)) from None
