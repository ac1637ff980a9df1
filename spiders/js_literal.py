"""JavaScript literals that are no JSON: bare keys, single quotes, undefined, trailing commas."""

import re
from typing import Any

MAX_NODES = 200_000
MAX_DEPTH = 60
_SKIPPED = re.compile(r"(?:\s+|//[^\n]*|/\*.{0,2000}?\*/)*+", re.DOTALL)
_NAME = re.compile(r"[\w$]+", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_STRINGS = {
    quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.){{0,20000}}+){quote}", re.DOTALL)
    for quote in "\"'`"
}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None}
_PAIRS = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class LiteralFault(ValueError):  # noqa: N818 (no error: most scripts hold no such literal)
    """What stands there is no literal; `at` is how far it was read."""

    def __init__(self, at: int) -> None:
        super().__init__(f"no literal at {at}")
        self.at = at


class LiteralReader:
    """Reads the literals of one page's scripts, bounded in depth and in all they hold together."""

    def __init__(self) -> None:
        self._source = ""
        self._nodes = 0

    def read(self, source: str, at: int) -> tuple[Any, int]:
        """The literal at `at`, with its end; LiteralFault where something else stands."""
        self._source = source
        return self._value(at, 0)

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        at = self._skip(at)
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise LiteralFault(at)
        sign = self._source[at : at + 1]
        if sign == "{":
            return self._object(at + 1, depth)
        if sign == "[":
            return self._array(at + 1, depth)
        return self._scalar(at)

    def _skip(self, at: int) -> int:
        found = _SKIPPED.match(self._source, at)
        return found.end() if found else at

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        made: dict[str, Any] = {}
        while True:
            at = self._skip(at)
            if self._source[at : at + 1] == "}":
                return made, at + 1
            key, at = self._key(at)
            at = self._skip(at)
            if self._source[at : at + 1] != ":":
                raise LiteralFault(at)
            made[key], at = self._value(at + 1, depth + 1)
            at = self._after(at, "}")

    def _array(self, at: int, depth: int) -> tuple[list[Any], int]:
        made: list[Any] = []
        while True:
            at = self._skip(at)
            if self._source[at : at + 1] == "]":
                return made, at + 1
            one, at = self._value(at, depth + 1)
            made.append(one)
            at = self._after(at, "]")

    def _after(self, at: int, closing: str) -> int:
        """Past a comma; at the closing bracket where there is none."""
        at = self._skip(at)
        sign = self._source[at : at + 1]
        if sign == ",":
            return at + 1
        if sign != closing:
            raise LiteralFault(at)
        return at

    def _key(self, at: int) -> tuple[str, int]:
        name = _NAME.match(self._source, at)
        return (name[0], name.end()) if name else self._string(at)

    def _string(self, at: int) -> tuple[str, int]:
        form = _STRINGS.get(self._source[at : at + 1])
        found = form.match(self._source, at) if form else None
        if found is None:
            raise LiteralFault(at)
        text = found[1]
        if "\\" in text:
            text = _PAIRS.sub(_joined_pair, _ESCAPE.sub(_unescaped, text))
        return text, found.end()

    def _scalar(self, at: int) -> tuple[Any, int]:
        sign = self._source[at : at + 1]
        if sign in _STRINGS:
            return self._string(at)
        if sign == "!" and self._source[at + 1 : at + 2] in {"0", "1"}:
            return self._source[at + 1] == "0", at + 2
        if found := _NUMBER.match(self._source, at):
            text = found[0][:40]
            return (float(text) if "." in text or "e" in text.lower() else int(text)), found.end()
        if self._source.startswith("void 0", at):
            return None, at + 6
        word = _NAME.match(self._source, at)
        if word is None or word[0] not in _WORDS:
            raise LiteralFault(at)
        return _WORDS[word[0]], word.end()


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _LETTERS.get(found[3], found[3])


def _joined_pair(found: re.Match[str]) -> str:
    return found[0].encode("utf-16", "surrogatepass").decode("utf-16")
