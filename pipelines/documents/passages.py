"""What a document says, in pieces that are judged apart, and the pictures in it."""

import base64
from dataclasses import dataclass, field

from core.errors import ReadingError
from pipelines.pictures.size import MAX_BYTES, picture_size

MAX_CHARS = 2_000_000  # of one document; what stands behind is cut, and that is said
MAX_PASSAGES = 20_000
MAX_PICTURES = 20
MAX_PICTURE_BYTES = 24 * 1024 * 1024  # of all of them together
_PASSAGE_CHARS = 4_000  # paragraphs are put together up to this length


@dataclass(slots=True)
class Passages:
    """Texts in reading order, pictures as `data:` addresses, and what was left out.

    Each text is one block: a page of a PDF, some paragraphs of a letter, a row of a table.
    """

    texts: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    left_out: str = ""
    _chars: int = 0
    _picture_bytes: int = 0

    def add(self, text: str) -> bool:
        """Keep a text; False once there is no more room."""
        text = text.strip()
        if not text:
            return True
        room = MAX_CHARS - self._chars
        if room <= 0 or len(self.texts) >= MAX_PASSAGES:
            self.left_out = self.left_out or "document_cut"
            return False
        self.texts.append(text[:room])
        self._chars += len(text)
        return True

    def add_paragraphs(self, paragraphs: list[str]) -> bool:
        """Keep paragraphs, several to a passage: a promise and its contact stand apart."""
        together: list[str] = []
        size = 0
        for paragraph in paragraphs:
            if size and size + len(paragraph) > _PASSAGE_CHARS:
                if not self.add("\n".join(together)):
                    return False
                together, size = [], 0
            together.append(paragraph)
            size += len(paragraph)
        return self.add("\n".join(together))

    def add_picture(self, data: bytes) -> bool:
        """Keep a picture for the picture readers; False once there is no more room."""
        if len(data) > MAX_BYTES or picture_size(data) is None:
            return True
        if (
            len(self.pictures) >= MAX_PICTURES
            or self._picture_bytes + len(data) > MAX_PICTURE_BYTES
        ):
            self.left_out = self.left_out or "document_pictures_cut"
            return False
        self.pictures.append(f"data:;base64,{base64.b64encode(data).decode('ascii')}")
        self._picture_bytes += len(data)
        return True


def unreadable(reason: str, what: str) -> ReadingError:
    """The error of a document that cannot be read; `reason` is the word it is counted under."""
    return ReadingError(f"{reason}: {what}")
