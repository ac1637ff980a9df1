"""A folder of configuration, written and read; a target whose runs are judged."""

import pytest

from core.target import Expect, Target
from crawler.workspace import load_workspace


@pytest.fixture
def workspace(tmp_path):
    """Writes adwatch.yml and targets and reads them."""

    def written(settings="contact: a@example.cn\n", **targets):
        (tmp_path / "targets").mkdir()
        (tmp_path / "adwatch.yml").write_text(settings, encoding="utf-8")
        for name, text in targets.items():
            (tmp_path / "targets" / f"{name}.yml").write_text(text, encoding="utf-8")
        return load_workspace(tmp_path, {"SET": "s3cret"})

    return written


@pytest.fixture
def said():
    """The faults of a workspace in lines."""
    return lambda found: "\n".join(map(str, sorted(found.faults)))


@pytest.fixture
def target():
    """A target that expects what is named."""

    def expecting(**expect) -> Target:
        return Target(
            id="t",
            title="论坛",
            spider="listing",
            start_urls=("http://x.cn/",),
            expect=Expect(**expect),
        )

    return expecting
