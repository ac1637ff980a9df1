"""What a change of rules does to the labelled texts: new hits, new false alarms, what was lost.

Both sides judge the same rows: the working tree, and `--base` (a git revision, by default HEAD)
unpacked into a temporary folder. Nothing is stored.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT / "benchmarks" / "texts", ROOT.parent / "shared" / "data" / "text")
CODE = ("core", "classifiers")
FLAGGED_FROM = 40.0  # level medium
Flags = dict[str, tuple[str, float, list[str]]]


def unpack(revision: str, folder: Path) -> None:
    """The code of a revision, as far as the classifier needs it."""
    archive = subprocess.run(
        ["git", "archive", revision, *CODE], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def flags(code: Path, files: list[Path]) -> Flags:
    """What the classifier in `code` says of the rows of `files`."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "flags.py"), *map(str, files)],
        env={**os.environ, "PYTHONPATH": str(code)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the classifier in {code} failed:\n{done.stderr}")
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return {key: (label, score, rules) for key, label, score, rules in rows}


def compare(before: Flags, after: Flags, most: int) -> None:
    """Print the rows that changed sides, and which rules brought or lost them."""
    turned: dict[str, list[str]] = {}
    for key, (label, score, rules) in after.items():
        _, old_score, old_rules = before[key]
        was, now = old_score >= FLAGGED_FROM, score >= FLAGGED_FROM
        if was == now:
            continue
        right = (label == "positive") == now
        name = f"{'new' if now else 'lost'} {'hit' if label == 'positive' else f'flag of {label}'}"
        gone = ",".join(f"-{rule}" for rule in old_rules if rule not in rules)
        come = ",".join(f"+{rule}" for rule in rules if rule not in old_rules)
        mark = " " if right or label == "borderline" else "!"
        turned.setdefault(name, []).append(f"  {mark} {key} {old_score:g} > {score:g} {come}{gone}")
    print(
        f"{len(after)} rows; changed sides: {dict(Counter({k: len(v) for k, v in turned.items()}))}"
    )
    for name, lines in sorted(turned.items()):
        print(f"{name}: {len(lines)}")
        print("\n".join(lines[:most]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="HEAD", metavar="REV")
    parser.add_argument("--most", type=int, default=20, metavar="N", help="rows shown of each sort")
    options = parser.parse_args()
    files = sorted(path for folder in FOLDERS for path in folder.glob("*.jsonl"))
    if not files:
        print("no labelled texts found; nothing to compare")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        unpack(options.base, Path(folder))
        before = flags(Path(folder), files)
    compare(before, flags(ROOT, files), options.most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
