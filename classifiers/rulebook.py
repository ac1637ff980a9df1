"""The rulebook: rules, concepts, context, stance evidence and laws, read from YAML and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml.error import YAMLError

from classifiers.glance import Glance, load_glance
from classifiers.rule_records import (
    COMPUTED,
    SIGNAL,
    Concept,
    ContextRecord,
    Law,
    RuleRecord,
    StanceEvidence,
)
from classifiers.rule_yaml import load_yaml
from classifiers.stance_model import StanceModel, load_model
from classifiers.subject_model import SubjectModel, load_subjects
from core.errors import RulebookError

if TYPE_CHECKING:
    from classifiers.lexicon import Holding, Lexicon

RULES_FOLDER = Path(__file__).parent / "rules"
CONCEPTS_FILE = "concepts.yml"
LAWS_FILE = "laws.yml"
CONTEXT_FILE = "context.yml"
STANCE_FILE = "stance.yml"
RESERVED_FILES = {CONCEPTS_FILE, LAWS_FILE, CONTEXT_FILE, STANCE_FILE}

Record = TypeVar("Record", bound=BaseModel)


@dataclass(frozen=True)
class Rulebook:
    """All records, checked against one another; `digest` names this very set of words.

    `model` is the stance model beside them, `glance` what chooses its texts where no rule does, and
    `subjects` the subject model; None where its weight file is absent.
    """

    rules: tuple[RuleRecord, ...]
    concepts: dict[str, Concept]
    laws: dict[str, Law]
    context: tuple[ContextRecord, ...]
    stances: tuple[StanceEvidence, ...]
    digest: str
    model: StanceModel | None = None
    glance: Glance | None = None
    subjects: SubjectModel | None = None

    @cached_property
    def lexicon(self) -> Lexicon:
        """The compiled words of the whole rulebook."""
        from classifiers.lexicon import Lexicon  # noqa: PLC0415 (checking rules needs no dictionary)

        return Lexicon.compile(self)

    @cached_property
    def active_rules(self) -> tuple[RuleRecord, ...]:
        """The rules whose points count."""
        return tuple(rule for rule in self.rules if rule.is_active)

    def law_of(self, pattern: str) -> tuple[str, ...]:
        """The articles that the weightiest rule of a pattern cites."""
        return self._laws_by_pattern.get(pattern, ())

    @cached_property
    def _laws_by_pattern(self) -> dict[str, tuple[str, ...]]:
        ranked = sorted(self.active_rules, key=lambda rule: rule.points)
        return {rule.pattern: rule.law for rule in ranked}

    @cached_property
    def rules_for(self) -> Holding[RuleRecord]:
        """The active rules that can hold in a text with given groups of words."""
        return self.lexicon.may_hold(self.active_rules)

    @cached_property
    def stances_for(self) -> Holding[StanceEvidence]:
        """The stance evidence that can stand in a text with given groups of words."""
        return self.lexicon.may_hold(self.stances)

    @cached_property
    def context_for(self) -> Holding[ContextRecord]:
        """The context records of which a phrase stands in a text with given groups of words."""
        return self.lexicon.may_hold(self.context)

    @property
    def patterns(self) -> frozenset[str]:
        """The violation patterns that active rules cover."""
        return frozenset(
            rule.pattern for rule in self.rules if rule.is_active and rule.pattern != SIGNAL
        )


def load_rulebook(folder: Path | None = None) -> Rulebook:
    """The rulebook in `folder` (default: the built-in one, read once a process).

    Raises `RulebookError` with a line a fault: file, record and field.
    """
    return _built_in() if folder is None else _read(folder)


@cache
def _built_in() -> Rulebook:
    return _read(RULES_FOLDER)


def _read(folder: Path) -> Rulebook:
    faults: list[str] = []
    rules: list[RuleRecord] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name not in RESERVED_FILES:
            rules += _records(path, RuleRecord, faults)
    concepts = _mapping(folder / CONCEPTS_FILE, Concept, faults)
    laws = _mapping(folder / LAWS_FILE, Law, faults)
    context = _records(folder / CONTEXT_FILE, ContextRecord, faults)
    stances = _records(folder / STANCE_FILE, StanceEvidence, faults)
    if not faults:
        faults += _unknown_references(rules, concepts, laws, context, stances)
        faults += _doubled_ids([*rules, *context, *stances])
    if faults:
        raise RulebookError("\n".join(faults))
    model, glance, subjects = load_model(), load_glance(), load_subjects()
    return Rulebook(
        rules=tuple(rules),
        concepts=concepts,
        laws=laws,
        context=tuple(context),
        stances=tuple(stances),
        digest=_digest(folder, model, glance, subjects),
        model=model,
        glance=glance,
        subjects=subjects,
    )


def _digest(folder: Path, *models: StanceModel | Glance | SubjectModel | None) -> str:
    """Twelve hex digits over all rule files, by name and content, and the models' weights."""
    total = hashlib.sha256()
    for model in models:
        total.update(model.weights.tobytes() if model else b"")
    for path in sorted(folder.glob("*.yml")):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def _load(path: Path, faults: list[str]) -> Any:
    try:
        return load_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(f"{path.name}: cannot be read: {error.strerror}")
    except YAMLError as error:
        faults.append(f"{path.name}: not valid YAML: {' '.join(str(error).split())}")
    return None


def _records(path: Path, model: type[Record], faults: list[str]) -> list[Record]:
    data = _load(path, faults)
    if data is None:
        return []
    if not isinstance(data, list):
        faults.append(f"{path.name}: must be a list of records")
        return []
    named = ((_name_of(item, number), item) for number, item in enumerate(data, 1))
    return list(_checked(path, named, model, faults))


def _mapping(path: Path, model: type[Record], faults: list[str]) -> dict[str, Record]:
    data = _load(path, faults)
    if not isinstance(data, dict):
        if data is not None:
            faults.append(f"{path.name}: must map names to records")
        return {}
    names = [str(name) for name in data]
    records = _checked(path, zip(names, data.values(), strict=True), model, faults)
    return dict(zip(names, records, strict=False)) if not faults else {}


def _name_of(item: Any, number: int) -> str:
    return str(item["id"]) if isinstance(item, dict) and "id" in item else f"record {number}"


def _checked(
    path: Path, named: Iterable[tuple[str, Any]], model: type[Record], faults: list[str]
) -> Iterable[Record]:
    records: list[Record] = []
    for name, item in named:
        try:
            record = model.model_validate(item)
        except ValidationError as error:
            for fault in error.errors():
                field = ".".join(str(part) for part in fault["loc"]) or "record"
                faults.append(f"{path.name} {name}.{field}: {fault['msg']}")
            continue
        if isinstance(record, RuleRecord) and record.group != path.stem:
            faults.append(f"{path.name} {name}.id: must begin with the file's name {path.stem!r}")
        records.append(record)
    return records


def _unknown_references(
    rules: list[RuleRecord],
    concepts: dict[str, Concept],
    laws: dict[str, Law],
    context: list[ContextRecord],
    stances: list[StanceEvidence],
) -> list[str]:
    faults: list[str] = []
    owners: list[tuple[str, Iterable[str]]] = [
        *((f"{rule.group}.yml {rule.id}.match", rule.match.terms) for rule in rules),
        *((f"{CONCEPTS_FILE} {name}.any", concept.any) for name, concept in concepts.items()),
        *((f"{CONTEXT_FILE} {item.id}.phrases", item.terms) for item in context),
        *((f"{STANCE_FILE} {item.id}.any", item.terms) for item in stances),
    ]
    for owner, terms in owners:
        faults += [
            f"{owner}: no concept named {term}" for term in terms if not _is_known(term, concepts)
        ]
    for rule in rules:
        faults += [
            f"{rule.group}.yml {rule.id}.law: no law {code!r} in {LAWS_FILE}"
            for code in rule.law
            if code not in laws
        ]
    return faults


def _is_known(term: str, concepts: dict[str, Concept]) -> bool:
    return not term.startswith("@") or term[1:] in concepts or term[1:] in COMPUTED


def _doubled_ids(records: Iterable[RuleRecord | ContextRecord | StanceEvidence]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for record in records:
        if record.id in seen:
            faults.append(f"{record.id}: this id stands twice in the rulebook")
        seen.add(record.id)
    return faults
