"""The file with search words that a target file names."""

from pathlib import Path
from typing import Any

from core.source_rules import MAX_WORD_CHARS, MAX_WORDS
from crawler.validation import fault_at
from crawler.yaml_source import Fault, Source

_MOST_BYTES = 1_000_000


def with_words_of_file(
    data: dict[str, Any], source: Source, path: Path
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """A target's data with the words of `search.words_file` among its words, or why not."""
    search = data.get("search")
    name = search.get("words_file") if isinstance(search, dict) else None
    if not isinstance(search, dict) or not isinstance(name, str):
        return data, ()
    words, what = _read_words(path.parent / name, name)
    if what:
        return data, (fault_at(source, path.stem, ("search", "words_file"), what),)
    own = search.get("words") or []
    if not isinstance(own, list | tuple):
        return data, ()  # said where the words are checked
    return {**data, "search": {**search, "words": tuple(dict.fromkeys((*own, *words)))}}, ()


def _read_words(path: Path, name: str) -> tuple[tuple[str, ...], str]:
    """The words, or what is wrong with the file."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return (), f"{name}: larger than {_MOST_BYTES} bytes"
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return (), f"{name}: is not UTF-8; save it as UTF-8"
    except OSError as error:
        return (), f"{name}: cannot be read beside the target file: {error.strerror}"
    words = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    long = next((word for word in words if len(word) > MAX_WORD_CHARS), None)
    if long is not None:
        return (), f"{name}: {long[:20]!r}… is longer than {MAX_WORD_CHARS} characters"
    if not words:
        return (), f"{name}: holds no word"
    if len(words) > MAX_WORDS:
        return (), f"{name}: {len(words)} words, at most {MAX_WORDS} are asked for"
    return tuple(dict.fromkeys(words)), ""
