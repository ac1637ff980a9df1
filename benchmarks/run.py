"""Runs the benchmarks; `--floors` exits 1 when a figure is on the wrong side of its floor.

A floor is what holds today. Where more is wanted than is reached, the floor's `goal` says what,
and every run prints how far it is. `--quick` measures on less, for CI: the figures are noisier.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
JOBS = ("--jobs", str(os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this folder. One that is `judged` exits 1 below a floor of its own."""

    name: str
    options: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    judged: bool = False


BENCHMARKS = (
    Benchmark("startup"),
    Benchmark("throughput", quick=("--pages", "700")),
    Benchmark("memory", quick=("--small", "800", "--large", "4000")),
    Benchmark("assess_speed", quick=("--bytes", "1000000", "--adversarial", "200000")),
    Benchmark(
        "accuracy", (*JOBS, "--floors", str(HERE / "accuracy_floors.json")), judged=True
    ),
    Benchmark("real_input", judged=True),
    Benchmark("evasion", JOBS, ("--sample", "150"), judged=True),
)  # fmt: skip


def command(benchmark: Benchmark, *, quick: bool) -> list[str]:
    """How the benchmark is started."""
    options = (*benchmark.options, *(benchmark.quick if quick else ()))
    return [sys.executable, "-m", f"benchmarks.{benchmark.name}", *options]


def measured(name: str, order: list[str]) -> dict[str, float]:
    """Run a speed benchmark in a process of its own; its figures are its last line."""
    with subprocess.Popen(
        order, stdout=subprocess.PIPE, text=True, cwd=HERE.parent
    ) as process:  # fmt: skip
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            if last:
                print(last, end="", flush=True)
            last = line
    if process.returncode:
        print(last, end="")
        raise SystemExit(f"benchmarks.{name} failed with {process.returncode}")
    figures = json.loads(last)
    return {key: float(value) for key, value in figures.items() if value is not None}


def beyond(figures: dict[str, float], floors: dict[str, dict[str, float]]) -> list[str]:
    """Which figures are under their `min` or over their `max`."""
    found = []
    for name, bound in floors.items():
        value = figures.get(name)
        if value is None:
            found.append(f"{name}: not measured")
        elif value < bound.get("min", value) or value > bound.get("max", value):
            found.append(f"{name}: {value:.3f}, wanted {bound}")
    return found


def short_of_goal(figures: dict[str, float], floors: dict[str, dict[str, float]]) -> list[str]:
    """Which figures hold their floor and are still on the wrong side of their goal."""
    found = []
    for name, bound in floors.items():
        value, goal = figures.get(name), bound.get("goal")
        if value is not None and goal is not None:
            reached = value >= goal if "min" in bound else value <= goal
            if not reached:
                found.append(f"{name}: {value:.3f}, the goal is {goal}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floors", action="store_true", help="exit 1 below a floor")
    parser.add_argument("--quick", action="store_true", help="measure on less")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS])
    options = parser.parse_args()
    floors = json.loads((HERE / "speed_floors.json").read_text())
    figures: dict[str, float] = {}
    faults = []
    chosen = [one for one in BENCHMARKS if not options.only or one.name in options.only]
    for benchmark in chosen:
        begun = time.monotonic()
        name = benchmark.name
        print(f"-- {name}", flush=True)
        order = command(benchmark, quick=options.quick)
        if not benchmark.judged:
            figures |= measured(name, order)
        elif subprocess.run(order, cwd=HERE.parent, check=False).returncode:
            faults.append(f"{name}: below its floor")
        print(f"-- {name}: {time.monotonic() - begun:.0f} s", flush=True)
    wanted = floors if not options.only else {k: v for k, v in floors.items() if k in figures}
    faults = [*beyond(figures, wanted), *faults]
    for line in short_of_goal(figures, wanted):
        print(f"SHORT OF GOAL  {line}")
    for fault in faults:
        print(f"BELOW FLOOR  {fault}")
    if not faults:
        print("all figures hold their floors")
    return 1 if faults and options.floors else 0


if __name__ == "__main__":
    sys.exit(main())
