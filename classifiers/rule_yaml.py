"""A rule file as plain data: YAML 1.2, read by libyaml where it understands the text."""

import re
from typing import Any

import yaml
from ruamel.yaml import YAML

_TAG = "tag:yaml.org,2002:"
# The YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution): `NO`, `on` and
# `12:30` stay text.
_SCHEMA = (
    ("null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    ("int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")),
    (
        "float",
        re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$"),
        list("-+.0123456789"),
    ),
)


class _RefusedError(yaml.YAMLError):
    """What this reader leaves to the slow one."""


def load_yaml(text: str) -> Any:
    """The data of one document; raises ruamel.yaml's `YAMLError` where it is none.

    libyaml is some ten times faster, but speaks YAML 1.1 and takes a doubled key: what it refuses
    or reads another way is decided by ruamel.yaml, whose message is also the one that is shown.
    """
    if _FAST is None:
        return _load_slowly(text)
    try:
        return yaml.load(text, Loader=_FAST)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return _load_slowly(text)


def _load_slowly(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _fast_loader() -> Any:
    base: Any = getattr(yaml, "CSafeLoader", None)
    if base is None:
        return None

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own way)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            made: dict[Any, Any] = super().construct_mapping(node, deep)
            if len(made) != len(node.value):
                raise _RefusedError("a key stands twice")
            return made

    for name, expression, firsts in _SCHEMA:
        Loader.add_implicit_resolver(_TAG + name, expression, firsts)
    return Loader


_FAST = _fast_loader()
