"""What a rulebook record may hold; anything else in the YAML is a fault."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.records import Stance

SIGNAL = "signal"
# What a text holds by arithmetic, not by its words; rules name it like a concept.
RATE_STEPS = (6, 8, 12, 24, 100)
COMPUTED = frozenset(
    {"rate", *(f"rate{step}" for step in RATE_STEPS), "amount", "contact", "wallet",
     "company", "paid_in", "paid_out"}
)  # fmt: skip

Text = Annotated[str, Field(min_length=1)]
Terms = Annotated[tuple[Text, ...], Field(min_length=1)]
ContextKind = Literal[
    "warned", "negated", "reported", "quoted", "asked", "law", "licensed", "education", "commerce"
]
Scope = Literal["clause", "sentence", "block"]
Within = Scope | Annotated[int, Field(ge=1, le=2000)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Match(_Record):
    """`any` gives the quote; a term of each group of `all` must stand within reach, no `none`."""

    any: Terms
    all: tuple[Terms, ...] = ()
    within: Within = "sentence"
    none: tuple[Text, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term that the match names."""
        return (*self.any, *(term for group in self.all for term in group), *self.none)


class RuleRecord(_Record):
    """One detection rule; see docs/writing-a-rule.md."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*-\d{3}$")]
    title: Text
    pattern: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    why: Text
    law: tuple[Text, ...]
    category: Literal["content", "model", "signal"]
    status: Literal["trial", "active", "retired"]
    points: Annotated[float, Field(ge=0, le=100)]
    match: Match
    examples: Annotated[tuple[Text, ...], Field(min_length=2)]
    counterexamples: Annotated[tuple[Text, ...], Field(min_length=2)]
    reason: str | None = None
    replaces: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.status == "retired" and not self.reason:
            raise ValueError("a retired rule needs a `reason`")
        if (self.category == SIGNAL) != (self.pattern == SIGNAL):
            raise ValueError("`category: signal` and `pattern: signal` belong together")
        if self.pattern != SIGNAL and not self.law:
            raise ValueError("a pattern rule names its law")
        return self

    @property
    def group(self) -> str:
        """The file that holds the rule, without its suffix."""
        return re.sub(r"-\d{3}$", "", self.id)

    @property
    def is_active(self) -> bool:
        """Whether the rule's points count."""
        return self.status == "active"


class Concept(_Record):
    """A named set of phrases that rules share."""

    title: Text
    any: Terms


class Law(_Record):
    """An article as it is cited to people, with how far its wording was verified."""

    name: Text
    article: str = ""
    grade: Literal["A", "B", "C"]
    route: Literal["advertising", "fundraising", "industry"]

    def cited(self, code: str) -> str:
        """The citation a reviewer reads."""
        return f"《{self.name}》{self.article} [{code} · {self.grade}]"


class ContextRecord(_Record):
    """Words that take the force from what they govern."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*-\d{3}$")]
    title: Text
    kind: ContextKind
    phrases: Terms
    direction: Literal["before", "after", "both", "inside"]
    scope: Scope
    reach: Annotated[int, Field(ge=1, le=2000)] | None = None
    terminators: tuple[Text, ...] = ()
    examples: Annotated[tuple[Text, ...], Field(min_length=1)]
    counterexamples: tuple[Text, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term that the record names."""
        return (*self.phrases, *self.terminators)


class StanceEvidence(_Record):
    """Words that speak for a stance of a whole block; `weight` once for each of up to `most`."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*-\d{3}$")]
    title: Text
    stance: Stance
    weight: Annotated[float, Field(ge=-100, le=100)]
    any: Terms
    all: tuple[Terms, ...] = ()
    within: Within = "block"
    none: tuple[Text, ...] = ()
    most: Annotated[int, Field(ge=1, le=10)] = 1
    overrules: tuple[ContextKind, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term that the record names."""
        return (*self.any, *(term for group in self.all for term in group), *self.none)
