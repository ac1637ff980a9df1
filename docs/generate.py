"""Writes the generated tables of the documents; `--check` only says which are stale."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from alerts.channel_config import ChannelConfig
from classifiers.rulebook import load_rulebook
from core.patterns import pattern_ids, pattern_name
from core.target import Target
from crawler.cli import COMMANDS, cli
from crawler.config import Settings
from crawler.metrics import FiguresCollector
from crawler.workspace import Workspace
from storage.database import open_database

ROOT = Path(__file__).resolve().parent.parent
START = "<!-- generated: {} -->"
END = "<!-- end of generated part -->"
# Types as people say them.
FORMS = {"str": "text", "int": "whole number", "float": "number", "bool": "`true`, `false`",
         "SecretStr": "secret"}  # fmt: skip


def settings_table() -> str:
    """The keys of adwatch.yml."""
    return _fields_table(Settings)


def target_table() -> str:
    """The keys of a target file."""
    return _fields_table(Target)


def channels_table() -> str:
    """The keys of each kind of channel."""
    rows = ["| key | form | default | meaning |", "|---|---|---|---|"]
    for model in get_args(get_args(ChannelConfig)[0]):
        kind = get_args(model.model_fields["kind"].annotation)[0]
        rows.append(f"| **kind: {kind}** | | | {' '.join((model.__doc__ or '').split())} |")
        rows += [row for row in _field_rows(model, "") if not row.startswith("| `kind`")]
    return "\n".join(rows)


def commands_table() -> str:
    """The commands with their options."""
    rows = ["| command | options | does |", "|---|---|---|"]
    rows += [f"| `{path}` | {options} | {said} |" for path, options, said in _commands()]
    return "\n".join(rows)


def patterns_table() -> str:
    """The violation patterns, and the rule files that hold their active rules."""
    rules = [rule for rule in load_rulebook().rules if rule.status == "active"]
    rows = ["| pattern | 中文 | its rules stand in |", "|---|---|---|"]
    for pattern in pattern_ids():
        groups = sorted({rule.group for rule in rules if rule.pattern == pattern})
        named = ", ".join(f"`{group}.yml`" for group in groups)
        rows.append(f"| `{pattern}` | {pattern_name(pattern)} | {named} |")
    return "\n".join(rows)


def metrics_table() -> str:
    """What /metrics shows, asked of an installation in which nothing has happened yet."""
    rows = ["| metric | labels | meaning |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/adwatch.db", create=True)
        workspace = Workspace(Path(folder), Settings(), (), ())
        for metric in FiguresCollector(database, lambda: workspace).collect():
            name = metric.name + ("_total" if metric.type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in getattr(metric, "_labelnames", ()))
            rows.append(f"| `{name}` | {labels} | {metric.documentation} |")
        database.close()
    return "\n".join(rows)


def _fields_table(model: type[BaseModel]) -> str:
    rows = ["| key | form | default | meaning |", "|---|---|---|---|"]
    rows += list(_field_rows(model, ""))
    return "\n".join(rows)


def _field_rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _inner_model(field.annotation)
        item = _item_model(field.annotation)
        key = f"{prefix}{name}"
        if inner is not None:
            about = " ".join((inner.__doc__ or "").split())
            yield f"| `{key}` | mapping | | {field.description or about} |"
            yield from _field_rows(inner, f"{key}.")
        elif item is not None:
            yield f"| `{key}` | list of mappings | | {field.description or ''} |"
            yield from _field_rows(item, f"{key}[].")
        else:
            said = field.description or ""
            yield f"| `{key}` | {_form(field.annotation)} | {_default(field)} | {said} |"


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model that a key holds, also where the key may be left out."""
    kinds = [kind for kind in get_args(annotation) or [annotation] if kind is not type(None)]
    if get_origin(annotation) in {None, Union, UnionType} and len(kinds) == 1:
        kind = kinds[0]
        return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    return None


def _item_model(annotation: Any) -> type[BaseModel] | None:
    """The model of a list's items."""
    if get_origin(annotation) is not tuple:
        return None
    item = get_args(annotation)[0]
    return _inner_model(get_args(item)[0] if get_origin(item) is Annotated else item)


def _form(annotation: Any) -> str:
    if get_origin(annotation) is None:
        name = getattr(annotation, "__name__", str(annotation))
        return FORMS.get(name, name)
    args = [arg for arg in get_args(annotation) if arg is not Ellipsis]
    if all(isinstance(arg, str) for arg in args):
        return ", ".join(f"`{arg}`" for arg in args)
    name = getattr(get_origin(annotation), "__name__", "")
    if name == "tuple":
        return f"list of {_form(args[0])}"
    if name == "dict":
        return "mapping"
    if name == "Annotated":
        return _form(args[0])
    shown = [_form(arg) for arg in args if arg is not type(None)]
    return " or ".join(dict.fromkeys(shown))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, bool):
        value = str(value).lower()
    return "" if value in (None, (), {}) else f"`{value}`"


def _commands() -> Iterator[tuple[str, str, str]]:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            for sub, inner in command.commands.items():
                yield _command_row(f"adwatch {name} {sub}", inner)
        elif command is not None:
            yield _command_row(f"adwatch {name}", command)


def _command_row(path: str, command: click.Command) -> tuple[str, str, str]:
    arguments = [str(param.name).upper() for param in command.params if
                 isinstance(param, click.Argument)]  # fmt: skip
    options = [f"`{param.opts[0]}`" for param in command.params if
               isinstance(param, click.Option)]  # fmt: skip
    said = command.get_short_help_str(limit=120)
    return " ".join([path, *arguments]), " ".join(options), said


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "target": target_table,
    "channels": channels_table,
    "commands": commands_table,
    "patterns": patterns_table,
    "metrics": metrics_table,
}


def regenerate(text: str) -> str:
    """The document with every generated part written anew."""
    for name, table in TABLES.items():
        start = START.format(name)
        if start in text:
            before, rest = text.split(start, 1)
            after = rest.split(END, 1)[1]
            text = f"{before}{start}\n{table()}\n{END}{after}"
    return text


def main() -> int:
    """Rewrite the documents, or with --check name the stale ones and exit 1."""
    stale = []
    for path in (*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md", ROOT / "README.zh-CN.md"):
        old = path.read_text(encoding="utf-8")
        new = regenerate(old)
        if new != old:
            stale.append(path.relative_to(ROOT))
            if "--check" not in sys.argv:
                path.write_text(new, encoding="utf-8")
    for path in stale:
        sys.stdout.write(
            f"{path}: {'stale; run `make docs`' if '--check' in sys.argv else 'written'}\n"
        )
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
