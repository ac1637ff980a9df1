"""The distribution: the wheel and the editable install both work from an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from crawler.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "classifiers", "storage", "spiders", "pipelines", "alerts", "crawler")
DATA = {".yml", ".html", ".txt", ".svg", ".css", ".mako"}
LINE = json.dumps({"id": 1, "text": "保本保息，月息两分，一万元起投，加微信 zhaocai_2026"}) + "\n"

pytestmark = [
    pytest.mark.own_readers,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("package"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling", reason="hatchling is needed to build without a download")
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--wheel-dir", str(out), str(ROOT)],
        capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return next(out.glob("adwatch-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel; the dependencies are lent by the one that runs the tests."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = next((folder / "lib").glob("python*/site-packages"))
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
         "--no-index", str(wheel)],
        capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    # A .pth line adds the folder without reading the .pth files in it, so that the editable
    # install of the lending environment stays out.
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin" / "adwatch"


@pytest.fixture
def run(installed, tmp_path):
    (tmp_path / "empty").mkdir()

    def call(*command, text=""):
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [str(installed), *command], cwd=tmp_path / "empty", input=text, capture_output=True,
            text=True, check=False, timeout=120, env=clean,
        )  # fmt: skip

    return call


def test_the_wheel_holds_every_module_and_data_file_and_nothing_else(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in {".py", *DATA}
    }
    assert wanted - inside == set()
    assert {name.partition("/")[0] for name in inside} == set(PACKAGES)


def test_the_installed_command_is_that_of_the_wheel(installed, run):
    python = installed.parent / "python"
    done = subprocess.run(
        [str(python), "-c", "import core; print(core.__file__)"], capture_output=True, text=True,
        check=False, cwd=installed.parent, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert str(installed.parents[1]) in done.stdout


def test_the_version_is_that_of_the_distribution(run):
    done = run("--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"adwatch, version {version('adwatch')}"


def test_it_judges_a_text_from_an_empty_folder(run):
    done = run("assess", text=LINE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["level"] in {"medium", "high"}


def test_it_begins_and_checks_an_installation(run, tmp_path):
    assert run("init", ".").returncode == 0
    done = run("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert run("targets", "list", "--json").returncode == 0
    assert run("digest").returncode == 0
    digests = list((tmp_path / "empty" / "digests").glob("*.html"))
    assert len(digests) == 1


def test_its_rules_and_migrations_came_along(run):
    assert json.loads(run("rules", "test", "--json").stdout)["faults"] == []
    assert run("init", ".").returncode == 0
    assert run("db", "upgrade").returncode == 0
    assert run("db", "status").returncode == 0


def test_every_command_loads(installed, tmp_path):
    code = (
        "import click; from crawler.cli import COMMANDS, cli; "
        "print(sum(cli.get_command(click.Context(cli), name) is not None for name in COMMANDS))"
    )
    done = subprocess.run(
        [str(installed.parent / "python"), "-c", code], capture_output=True, text=True, check=False,
        cwd=tmp_path, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.stdout.strip() == str(len(COMMANDS)), done.stderr


def test_the_editable_install_runs_from_an_empty_folder(tmp_path):
    command = Path(sys.executable).parent / "adwatch"
    done = subprocess.run(
        [str(command), "assess"], cwd=tmp_path, input=LINE, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["level"] in {"medium", "high"}
