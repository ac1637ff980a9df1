"""Large expressions that few texts call for, compiled when the first of them does."""

import re
from collections.abc import Iterator
from functools import cached_property


class LateExpression:
    """An expression none of whose matches lacks all of the words `needs`.

    Compiling one takes longer than starting a small program, and a text without the words is told
    apart by them at once.
    """

    def __init__(self, pattern: str, *needs: str) -> None:
        self._pattern = pattern
        self._needs = needs

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression, compiled once."""
        return re.compile(self._pattern)

    def finditer(self, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
        """The matches in `text[low:high]`, as `re.Pattern.finditer` finds them."""
        if any(text.find(word, low, high) >= 0 for word in self._needs):
            yield from self.compiled.finditer(text, low, high)
