"""An installation's folder: settings and targets, read once and handed down."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.target import Target
from crawler.config import Settings
from crawler.growth_faults import growth_faults
from crawler.route_faults import route_faults
from crawler.targets import load_targets
from crawler.validation import fault_at, validate
from crawler.yaml_source import Fault, Loc, Source, read_yaml

SETTINGS_FILE = "adwatch.yml"
TARGETS_FOLDER = "targets"
SECRET_KEYS = frozenset({"password", "secret", "token", "key"})
_ENV_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
MAX_SECRET_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a folder says; `faults` are all its faults, `settings` None where they are unusable."""

    folder: Path
    settings: Settings | None
    targets: tuple[Target, ...]
    faults: tuple[Fault, ...]

    def ready(self) -> Settings:
        """The settings; ConfigError with every fault where they cannot be used."""
        if self.settings is None:
            raise ConfigError(tuple(map(str, self.faults)))
        return self.settings

    def keeping(self, before: "Workspace") -> tuple["Workspace", tuple[str, ...]]:
        """Itself with the last good version of targets whose file is faulty now, and their ids."""
        known = {target.id for target in self.targets}
        faulty = {fault.where.split(".", 1)[0] for fault in self.faults} - known
        kept = tuple(target for target in before.targets if target.id in faulty)
        targets = tuple(sorted((*self.targets, *kept), key=lambda target: target.id))
        return replace(self, targets=targets), tuple(target.id for target in kept)


def load_workspace(folder: Path, environment: Mapping[str, str]) -> Workspace:
    """Settings and targets of `folder`. Faults are collected, never raised."""
    folder = folder.resolve()
    path = folder / SETTINGS_FILE
    if not path.is_file():
        what = f"not found in {folder}; run `adwatch init {folder}` or name the folder by --config"
        return Workspace(folder, None, (), (Fault(SETTINGS_FILE, 1, 1, "adwatch", what),))
    settings, faults, source = _load_settings(path, environment)
    places = settings.jurisdiction.places if settings else ()
    targets_folder = folder / TARGETS_FOLDER
    if targets_folder.is_dir():
        targets, wrong = load_targets(targets_folder, places)
    else:
        what = f"the folder does not exist; make {TARGETS_FOLDER}/ and put one file a target in it"
        targets, wrong = (), (Fault(f"{TARGETS_FOLDER}/", 1, 1, "targets", what),)
    if settings is not None and source is not None:
        files = {path.stem for path in targets_folder.glob("*.y*ml")}
        lost = (*route_faults(settings, files, source), *growth_faults(settings, source))
        settings, faults = (None if lost else settings), (*faults, *lost)
    return Workspace(folder, settings, targets, (*faults, *wrong))


def _load_settings(
    path: Path, environment: Mapping[str, str]
) -> tuple[Settings | None, tuple[Fault, ...], Source | None]:
    source, broken = read_yaml(path, path.name)
    if source is None:
        return None, broken, None
    if not isinstance(source.data, dict | None):
        what = "not a mapping of keys to values"
        return None, (Fault(path.name, 1, 1, "adwatch", what),), source
    secret_faults: list[Fault] = []
    data = _with_secrets(source.data or {}, (), source, environment, secret_faults)
    settings, faults = validate(Settings, data, source, "adwatch")
    faults = (*broken, *secret_faults, *faults)
    return (None if faults else settings), faults, source


def _with_secrets(
    value: Any, loc: Loc, source: Source, environment: Mapping[str, str], faults: list[Fault]
) -> Any:
    """`value` with secret references replaced by what they name."""
    if isinstance(value, dict):
        return {
            key: _with_secrets(inner, (*loc, key), source, environment, faults)
            for key, inner in value.items()
        }
    if not (loc and loc[-1] in SECRET_KEYS and isinstance(value, str)):
        return value
    secret, what = _reveal(value, environment)
    if what:
        faults.append(fault_at(source, "adwatch", loc, what))
    return secret


def _reveal(reference: str, environment: Mapping[str, str]) -> tuple[str, str | None]:
    named = _ENV_REFERENCE.fullmatch(reference)
    if named:
        if named[1] in environment:
            return environment[named[1]], None
        return "", f"the environment variable {named[1]} is not set"
    if reference.startswith("file:"):
        try:
            with Path(reference.removeprefix("file:")).open(encoding="utf-8") as file:
                return file.read(MAX_SECRET_BYTES).strip(), None
        except (OSError, UnicodeDecodeError) as error:
            return "", f"{reference} cannot be read: {error}"
    return "", "a secret must not stand here; write ${env:NAME} or file:/run/secrets/name"
