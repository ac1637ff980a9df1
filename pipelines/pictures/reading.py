"""What the crawl asks of the processes that read pictures, without loading what they load."""

from core.pictures import PictureText

# ruff: noqa: PLC0415


def read(data: bytes) -> PictureText:
    """`read_picture`, in a process that reads pictures."""
    from pipelines.pictures.read import read_picture

    return read_picture(data)


def warm_up() -> None:
    """Load the engine and its models, before processes are forked off."""
    from pipelines.pictures.read import warm_up as load

    load()
