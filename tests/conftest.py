"""What all tests share: their order, and posters of our own, drawn with the machine's fonts."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from storage.database import upgrade
from tests.postgres_server import POSTGRES, Cluster

FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
)


def pytest_configure() -> None:
    """Commands under test are interrupted, but a job in the background passes on a deaf ear."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker ends long after all."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@cache
def font_file() -> Path | None:
    return next((path for path in FONTS if path.exists()), None)


class Posters:
    """Texts, and pictures with them."""

    scheme = (
        "青禾颐养园公开招募合伙人",
        "一万元起投，月息两分，到期还本付息，",
        "保本保息，本金绝对安全，名额有限，",
        "推荐亲友加入另有百分之五的奖励。",
        "咨询微信 qinghe_6688",
    )
    calm = ("清浦县老街改造工程", "施工期间请绕行", "谢谢您的理解与支持")

    @staticmethod
    def font(points):
        from PIL import ImageFont

        return ImageFont.truetype(str(font_file()), points, index=2)

    def draw(self, lines, *, size=(760, 480), points=36, ground="white", ink="black"):
        from PIL import Image, ImageDraw

        image = Image.new("RGB", size, ground)
        pen = ImageDraw.Draw(image)
        for number, line in enumerate(lines):
            at = (40, 40 + number * int(1.6 * points))
            pen.text(at, line, font=self.font(points), fill=ink)
        return image

    @staticmethod
    def encoded(image, kind="PNG", **options) -> bytes:
        out = BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    def png(self, lines, **look) -> bytes:
        return self.encoded(self.draw(lines, **look))


@pytest.fixture(scope="session")
def posters() -> Posters:
    """Skips where what reads pictures, or a font to draw them with, is missing."""
    pytest.importorskip("rapidocr", reason="adwatch[ocr] is not installed")
    if font_file() is None:
        pytest.skip("no Chinese font to draw posters with")
    return Posters()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if not (POSTGRES / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed in {POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="adwatch-pg-"))
    try:
        started = Cluster(folder)
    except KeyError:
        pytest.skip("PostgreSQL does not run as root and there is no user postgres")
    started.start()
    upgrade(started.create("template_adwatch"))
    yield started
    started.stop()
    shutil.rmtree(folder)
