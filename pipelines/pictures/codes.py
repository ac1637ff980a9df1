"""QR codes on a picture."""

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from core.pictures import PictureCode
from pipelines.pictures.frames import Pixels

MAX_CODES = 20
MAX_CODE_CHARS = 4_000
_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SHARPEN = ImageFilter.UnsharpMask(radius=3, percent=600, threshold=0)
_MOST_PIXELS = 8_000_000
_ENLARGED_PIXELS = 2_000_000


def codes_of(frame: Pixels) -> list[PictureCode]:
    """What the codes say; where none is found, it is looked at again sharpened, then enlarged.

    Measured: out of focus by half a module, none of them is read without the first.
    """
    image = Image.fromarray(frame).convert("L")
    scale = min(1.0, (_MOST_PIXELS / (image.width * image.height)) ** 0.5)
    found = _look(image, scale)
    if not found:
        found = _look(image.filter(_SHARPEN), scale)
    if not found and image.width * image.height <= _ENLARGED_PIXELS:
        found = _look(image, 2.0)
    return found


def _look(image: Image.Image, scale: float) -> list[PictureCode]:
    if scale != 1.0:
        size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
        image = image.resize(size, Image.Resampling.BICUBIC)
    read = zxingcpp.read_barcodes(np.asarray(image), formats=_FORMATS)
    return [
        PictureCode(code.text[:MAX_CODE_CHARS], _box(code.position, scale))
        for code in read[:MAX_CODES]
        if code.text.strip()
    ]


def _box(position: zxingcpp.Position, scale: float) -> tuple[int, int, int, int]:
    corners = (
        position.top_left, position.top_right, position.bottom_right, position.bottom_left,
    )  # fmt: skip
    across = [int(corner.x / scale) for corner in corners]
    down = [int(corner.y / scale) for corner in corners]
    return min(across), min(down), max(across), max(down)
