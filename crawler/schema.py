"""JSON Schemas of the configuration files, for editors."""

from typing import Any

from core.target import Target
from crawler.config import Settings

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def target_schema() -> dict[str, Any]:
    """The schema of `targets/<id>.yml`; the id is the file's name and need not stand in it."""
    schema = Target.model_json_schema()
    schema["required"] = [name for name in schema["required"] if name != "id"]
    return {"$schema": _DRAFT, "title": "adwatch target", **schema}


def settings_schema() -> dict[str, Any]:
    """The schema of `adwatch.yml`."""
    return {"$schema": _DRAFT, "title": "adwatch settings", **Settings.model_json_schema()}
