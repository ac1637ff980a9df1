"""`adwatch --help` and `adwatch check` against the start of a bare Python with click."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
TARGETS = 1_000


def seconds(*command: str) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    return time.perf_counter() - begun


def write_targets(folder: Path) -> None:
    (folder / "targets").mkdir()
    (folder / "adwatch.yml").write_text("contact: bench\n")
    for number in range(TARGETS):
        (folder / "targets" / f"t{number:04}.yml").write_text(
            f"title: 论坛 {number}\nspider: listing\nstart_urls: [https://f{number}.example.cn/a]\n"
            'links: {css: "a.title", allow: "/thread-\\\\d+"}\nevery: 6h\n'
            "limits: {pages: 500, depth: 2, delay_s: 1.0, concurrency: 2}\n"
            "expect: {min_pages: 5, fill: {title: 0.95}}\nlabels: {medium: web, industry: 理财}\n"
        )


def main() -> dict[str, float]:
    adwatch = str(Path(sys.executable).parent / "adwatch")
    ratios = []
    for _ in range(ROUNDS):
        bare = seconds(sys.executable, "-c", "import click")
        ratios.append(seconds(adwatch, "--help") / bare)
    with tempfile.TemporaryDirectory() as name:
        write_targets(Path(name))
        checks = [seconds(adwatch, "--config", name, "check") for _ in range(5)]
    ratio, check_s = statistics.median(ratios), statistics.median(checks)
    print(f"adwatch --help / python -c 'import click': {ratio:.2f} (median of {ROUNDS} pairs)")
    print(f"adwatch check, {TARGETS} targets: {check_s:.2f} s (median of 5)")
    return {"help_ratio": ratio, "check_1000_targets_s": check_s}


if __name__ == "__main__":
    print(json.dumps(main()))
