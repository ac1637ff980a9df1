"""A model's weights on disk: compressed arrays, and the card that says where they come from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MODEL_FOLDER = Path(__file__).parent / "model"
Arrays = dict[str, npt.NDArray[Any]]


def read_weights(
    folder: Path, version: str, shapes: dict[str, tuple[int | None, ...]]
) -> tuple[Arrays, dict[str, Any]] | None:
    """The arrays of a version and its card; None where there is no weight file.

    Raises `ValueError` where the file is not of this version or an array has not the shape that is
    asked, in which None stands for any length: a broken file is no absent one.
    """
    path = folder / f"{version}.npz"
    if not path.exists():
        return None
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    fits = arrays.keys() == shapes.keys() and all(
        _fits(arrays[name].shape, shape) for name, shape in shapes.items()
    )
    if not fits or card["version"] != version:
        raise ValueError(f"{path.name} is not a weight file of {version}")
    return arrays, card


def write_weights(folder: Path, version: str, arrays: Arrays, card: dict[str, Any]) -> Path:
    """Write what `read_weights` reads; the path of the arrays."""
    path = folder / f"{version}.npz"
    np.savez_compressed(path, allow_pickle=False, **arrays)
    text = json.dumps(card, ensure_ascii=False, indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return path


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want in {None, have} for have, want in zip(shape, wanted, strict=True)
    )
