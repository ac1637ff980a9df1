"""pypinyin's readings of single characters, without the phrases that its package loads too."""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path


def _load() -> dict[int, str]:
    package = find_spec("pypinyin")
    if package is None or not package.submodule_search_locations:
        raise ImportError("pypinyin is not installed")
    path = Path(package.submodule_search_locations[0]) / "pinyin_dict.py"
    found = spec_from_file_location("classifiers._pinyin_dict", path)
    assert found is not None  # noqa: S101 (a path that ends in .py has a loader)
    assert found.loader is not None  # noqa: S101
    module = module_from_spec(found)
    found.loader.exec_module(module)
    table: dict[int, str] = module.pinyin_dict
    return table


PINYIN: dict[int, str] = _load()
"""Code point to its readings with tones, as in `zhòng,zhōng`; the usual one first."""
