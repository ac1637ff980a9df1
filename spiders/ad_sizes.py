"""The sizes in CSS pixels that ads are sold in."""

_SIZES = (
    (468, 60), (728, 90), (970, 90), (970, 250), (960, 90), (1000, 90), (1200, 90), (1190, 90),
    (640, 60), (760, 90), (950, 90), (980, 90), (300, 250), (336, 280), (250, 250), (200, 200),
    (360, 300), (300, 600), (160, 600), (120, 600), (120, 240), (240, 400), (125, 125), (120, 60),
    (88, 31), (234, 60), (320, 50), (320, 100), (640, 100), (320, 480), (580, 90), (240, 200),
)  # fmt: skip
_TOLERANCE = 4  # a frame has borders


def is_ad_size(width: int, height: int) -> bool:
    """Whether ads are sold in this size."""
    return any(
        abs(width - wide) <= _TOLERANCE and abs(height - high) <= _TOLERANCE
        for wide, high in _SIZES
    )
