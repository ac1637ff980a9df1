"""Names that somebody wants looked for: read from a list, and found in what is stored."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ahocorasick_rs

from core.errors import AdwatchError, ReadingError
from core.ledger import Finding
from core.records import Level

MAX_BYTES = 16 * 1024 * 1024
MAX_NAMES = 50_000
_LEAST, _MOST = 3, 60  # characters of a name
_HEADING = re.compile("名称|公司|企业|单位|主体|商户|机构|账号|姓名|name|company", re.IGNORECASE)
_NO_NAME = re.compile(r"[\d\s.,:/\-年月日号%元]+|https?://.*", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:股份)?有限(?:责任)?公司$|\(有限合伙\)$|集团$")
_SHORT_LEAST = 4


class ListError(AdwatchError):
    """A list of names that cannot be read; the text says what is wrong with which file."""


@dataclass(slots=True)
class Named:
    """A name of the list, and the findings that say it, worst first."""

    name: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def level(self) -> Level:
        """The worst level among them; none where there is none."""
        return max((one.level for one in self.findings), default=Level.NONE)


def read_names(path: Path) -> list[str]:
    """The names of a .txt, .csv or .xlsx file, each once, in their order.

    Of a table it is the column that is headed as names, or else whatever is no number, date or
    address.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ListError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ListError(f"{path} is larger than {MAX_BYTES >> 20} MiB")
    rows = list(_rows(path, data))
    if not rows:
        raise ListError(f"{path} is empty")
    column = next((at for at, cell in enumerate(rows[0]) if _HEADING.search(cell)), None)
    if column is None:
        cells = [cell for row in rows for cell in row]
    else:
        cells = [row[column] for row in rows[1:] if column < len(row)]
    names = dict.fromkeys(
        cell for cell in cells if _LEAST <= len(cell) <= _MOST and not _NO_NAME.fullmatch(cell)
    )
    if not names:
        raise ListError(f"{path} holds no names of {_LEAST} to {_MOST} characters")
    return list(names)[:MAX_NAMES]


def find_names(names: Iterable[str], findings: Iterable[Finding]) -> list[Named]:
    """Each name with the findings whose title, account, text or companies say it.

    A company is also known by its name without 有限公司. Case, width and spaces do not count.
    """
    listed = [Named(name) for name in names]
    wanted: dict[str, list[int]] = {}
    for at, one in enumerate(listed):
        for said in {_plain(one.name), _SUFFIX.sub("", _plain(one.name))}:
            if len(said) >= (_SHORT_LEAST if said != _plain(one.name) else 1):
                wanted.setdefault(said, []).append(at)
    words = list(wanted)
    automaton = ahocorasick_rs.AhoCorasick(words)
    for finding in findings:
        parts = (finding.title, finding.account, finding.text, *(e.value for e in finding.entities))
        text = "\n".join(map(_plain, parts))
        met = {word for word, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}
        for at in sorted({at for word in met for at in wanted[words[word]]}):
            listed[at].findings.append(finding)
    for one in listed:
        one.findings.sort(key=lambda finding: (-finding.level, -finding.score, finding.id))
    return listed


def _rows(path: Path, data: bytes) -> Iterator[list[str]]:
    from pipelines.documents.tables import list_rows, sheet_rows  # noqa: PLC0415 (slow to load)

    is_sheet = data.startswith(b"PK\x03\x04")
    try:
        rows = sheet_rows(data) if is_sheet else list_rows(data, tabs=path.suffix == ".tsv")
        for row in rows:
            yield [" ".join(cell.split()) for cell in row]
    except ReadingError as error:
        raise ListError(f"{path} cannot be read: {error}") from None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
