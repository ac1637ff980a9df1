"""Runs the benchmarks; `--floors` exits 1 when a figure is on the wrong side of its floor."""

import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEED = ("startup", "throughput", "memory", "assess_speed")
JUDGED = ("accuracy", "real_input", "evasion")  # each exits 1 below a floor of its own


def present(names: tuple[str, ...]) -> list[str]:
    """The benchmarks that this tree has."""
    return [name for name in names if (HERE / f"{name}.py").is_file()]


def measured(name: str) -> dict[str, float]:
    """Run a speed benchmark in a process of its own; its figures are its last line."""
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}"],
        stdout=subprocess.PIPE, text=True, cwd=HERE.parent,
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


def main() -> int:
    floors = json.loads((HERE / "speed_floors.json").read_text())
    figures: dict[str, float] = {}
    for name in present(SPEED):
        begun = time.monotonic()
        print(f"-- {name}", flush=True)
        figures |= measured(name)
        print(f"-- {name}: {time.monotonic() - begun:.0f} s", flush=True)
    faults = beyond(figures, floors)
    for name in present(JUDGED):
        print(f"-- {name}", flush=True)
        script = [sys.executable, "-m", f"benchmarks.{name}"]
        extra = ["--floors", str(HERE / f"{name}_floors.json")] if name == "accuracy" else []
        if subprocess.run([*script, *extra], cwd=HERE.parent, check=False).returncode:
            faults.append(f"{name}: below its floor")
    for fault in faults:
        print(f"BELOW FLOOR  {fault}")
    if not faults:
        print("all figures hold their floors")
    return 1 if faults and "--floors" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
