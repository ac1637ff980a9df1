"""A configuration that changes under a service: never half of it, never worse than before."""

import pytest

from crawler.watched_workspace import WatchedWorkspace

PAGE = "title: t\nspider: article\nstart_urls: ['http://x.cn/']\n"


@pytest.fixture
def watched(workspace, tmp_path):
    workspace(a=PAGE, b=PAGE)
    return WatchedWorkspace(tmp_path, {})


def say(watched):
    return {said.subject: said.lines for said in watched.reload()}


def ids(watched):
    return [target.id for target in watched.workspace.targets]


def test_a_broken_target_goes_on_as_it_was_and_that_is_said_once(watched, tmp_path):
    (tmp_path / "targets" / "a.yml").write_text("title: [half a fi")
    (tmp_path / "targets" / "c.yml").write_text("title: never sound\n")
    said = say(watched)
    assert said["1 targets go on with their last good version"][0].startswith("a:")
    assert any("targets/a.yml" in line for lines in said.values() for line in lines)
    assert ids(watched) == ["a", "b"]
    assert say(watched) == {}
    (tmp_path / "targets" / "a.yml").write_text(PAGE.replace("title: t", "title: mended"))
    say(watched)
    assert watched.workspace.targets[0].title == "mended"


def test_a_target_whose_file_is_gone_is_gone(watched, tmp_path):
    (tmp_path / "targets" / "a.yml").unlink()
    assert say(watched) == {}
    assert ids(watched) == ["b"]


def test_broken_settings_leave_everything_as_it_was(watched, tmp_path):
    before = watched.workspace
    (tmp_path / "adwatch.yml").write_text("storage: nowhere\n")
    (tmp_path / "targets" / "d.yml").write_text(PAGE)
    assert "configuration refused, the old one is kept" in say(watched)
    assert watched.workspace is before


def test_it_is_read_again_when_asked_though_no_file_has_changed(watched):
    before = watched.workspace
    assert say(watched) == {}
    assert watched.workspace is before
    watched.is_asked.set()
    assert say(watched) == {}
    assert watched.workspace is not before
