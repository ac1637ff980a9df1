"""The documents: fresh tables, links that lead somewhere, examples that work, commands that exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli import COMMANDS
from crawler.workspace import load_workspace

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("docs/**/*.md"), *(ROOT / name for name in ("README.md", "README.zh-CN.md",
                                                            "CONTRIBUTING.md", "CHANGELOG.md"))]
)  # fmt: skip
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED_YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def name_of(path):
    return str(path.relative_to(ROOT))


def generate(root, *options):
    return subprocess.run(
        [sys.executable, str(root / "docs" / "generate.py"), *options],
        capture_output=True, check=False, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_the_generated_tables_are_fresh():
    done = generate(ROOT, "--check")
    assert done.returncode == 0, done.stdout.decode()


def test_a_stale_table_is_said_with_exit_1_and_written_anew(tmp_path):
    (tmp_path / "docs").mkdir()
    for path in DOCUMENTS:
        if path.parent in {ROOT, ROOT / "docs"}:
            (tmp_path / name_of(path)).write_bytes(path.read_bytes())
    (tmp_path / "docs" / "generate.py").write_bytes((ROOT / "docs" / "generate.py").read_bytes())
    page = tmp_path / "docs" / "operating.md"
    fresh = page.read_text(encoding="utf-8")
    page.write_text(fresh.replace("| `storage` |", "| `storrage` |"), encoding="utf-8")
    assert "storrage" in page.read_text(encoding="utf-8")
    assert generate(tmp_path, "--check").returncode == 1
    assert generate(tmp_path).returncode == 0
    assert page.read_text(encoding="utf-8") == fresh


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_to_files_that_exist(path):
    targets = [link.partition("#")[0] for link in LINK.findall(path.read_text(encoding="utf-8"))]
    local = [link for link in targets if link and not link.startswith(("http://", "https://"))]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_commands_that_are_named_exist(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|[`\s/])adwatch(?: --config \S+)? ([a-z]+)\b(?=[^`\n]*`|.*\n)", text)
    code = "\n".join(re.findall(r"`[^`\n]+`|```.*?```", text, re.DOTALL))
    in_code = [word for word in named if f"adwatch {word}" in code]
    assert [word for word in in_code if word not in COMMANDS] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_target_that_is_shown_whole_passes_the_check(path, tmp_path):
    (tmp_path / "targets").mkdir()
    (tmp_path / "adwatch.yml").write_text("contact: x\n")
    shown = [text for text in FENCED_YAML.findall(path.read_text(encoding="utf-8"))
             if text.startswith("title:")]  # fmt: skip
    for number, text in enumerate(shown):
        (tmp_path / "targets" / f"t{number}.yml").write_text(text, encoding="utf-8")
    found = load_workspace(tmp_path, {})
    assert [str(fault) for fault in found.faults] == []
    assert len(found.targets) == len(shown)


def test_the_readmes_show_the_digest():
    picture = ROOT / "docs" / "digest.png"
    assert 20_000 < picture.stat().st_size < 400_000
    for name in ("README.md", "README.zh-CN.md"):
        assert "docs/digest.png" in (ROOT / name).read_text(encoding="utf-8")
