"""Runs the benchmarks; `--floors` exits 1 when a figure is on the wrong side of its floor.

A floor is what holds today. Where more is wanted than is reached, the floor's `goal` says what,
and every run prints how far it is. `--quick` measures on less, for CI: the figures are noisier,
and what a test runs is left to it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
JOBS = ("--jobs", str(os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this folder. One that is `judged` exits 1 below a floor of its own.

    One that is not `timed` gives the same figures while others run beside it. One that is `tested`
    is also run, with its floors, by a test of its own.
    """

    name: str
    options: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    judged: bool = False
    timed: bool = True
    tested: bool = False


BENCHMARKS = (
    Benchmark("startup"),
    Benchmark("throughput", quick=("--pages", "600", "--rounds", "1")),
    Benchmark("memory", quick=("--small", "500", "--large", "2500"), timed=False),
    Benchmark("assess_speed", quick=("--bytes", "600000", "--adversarial", "100000")),
    Benchmark("pictures", quick=("--posters", "10", "--codes", "4", "--rounds", "1")),
    Benchmark("rescan", quick=("--bytes", "500000", "--rounds", "1")),
    Benchmark(
        "accuracy",
        (*JOBS, "--floors", str(HERE / "accuracy_floors.json")),
        judged=True,
        timed=False,
    ),
    Benchmark("real_input", judged=True, timed=False, tested=True),
    Benchmark("suggest", judged=True, timed=False, tested=True),
    Benchmark("ads", judged=True, timed=False),
    Benchmark("evasion", JOBS, ("--sample", "80"), judged=True, timed=False),
)  # fmt: skip


def command(benchmark: Benchmark, *, quick: bool) -> list[str]:
    """How the benchmark is started."""
    options = (*benchmark.options, *(benchmark.quick if quick else ()))
    return [sys.executable, "-m", f"benchmarks.{benchmark.name}", *options]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a benchmark measured, and what is wrong with that."""

    figures: dict[str, float]
    faults: tuple[str, ...] = ()


def run(benchmark: Benchmark, *, quick: bool) -> Outcome:
    """Run a benchmark in a process of its own and print what it said, whole.

    The figures of one that is not judged are its last line.
    """
    name, begun = benchmark.name, time.monotonic()
    done = subprocess.run(
        command(benchmark, quick=quick),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if benchmark.judged else None,
        text=True,
        cwd=HERE.parent,
        check=False,
    )
    said, last = done.stdout, ""
    if not benchmark.judged and not done.returncode:
        said, _, last = f"\n{done.stdout.rstrip()}".rpartition("\n")
    lines = (f"-- {name}", said.strip("\n"), f"-- {name}: {time.monotonic() - begun:.0f} s")
    print("\n".join(filter(None, lines)), flush=True)
    if benchmark.judged:
        return Outcome({}, (f"{name}: below its floor",) if done.returncode else ())
    if done.returncode:
        return Outcome({}, (f"{name}: failed with {done.returncode}",))
    figures = json.loads(last)
    return Outcome({key: float(value) for key, value in figures.items() if value is not None})


def run_all(chosen: Iterable[Benchmark], *, quick: bool) -> list[Outcome]:
    """The timed ones one after the other, with nothing beside them; then the others at once."""
    listed = list(chosen)
    found = [run(one, quick=quick) for one in listed if one.timed]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        together = [pool.submit(run, one, quick=quick) for one in listed if not one.timed]
    return found + [outcome.result() for outcome in together]


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
    chosen = [
        one
        for one in BENCHMARKS
        if (one.name in options.only if options.only else not (options.quick and one.tested))
    ]
    outcomes = run_all(chosen, quick=options.quick)
    figures = {name: value for one in outcomes for name, value in one.figures.items()}
    faults = [fault for one in outcomes for fault in one.faults]
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
