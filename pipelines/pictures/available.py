"""Whether pictures can be read here, and by what; imports nothing heavy itself."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("pillow", "rapidocr", "onnxruntime", "opencv-python-headless", "zxing-cpp")
INSTALL = "pip install 'adwatch[ocr]'"
_READERS = ("rapidocr", "onnxruntime", "zxing-cpp")
# Raised with each change to what is read from the same picture, so that it is read again.
_EDITION = 1


def missing_packages() -> tuple[str, ...]:
    """What has to be installed before a picture can be read."""
    return tuple(name for name in PACKAGES if _version(name) is None)


@cache
def reader_version() -> str:
    """What a text is read by: what was read by another is read again."""
    return " ".join([f"adwatch {_EDITION}", *(f"{name} {_version(name)}" for name in _READERS)])


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
