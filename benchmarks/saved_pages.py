"""What the benchmarks on the saved real pages share: where these lie, and floors of their own."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.run import beyond

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "pages"


def judged_on_saved_pages(
    about: str | None, measure: Callable[..., dict[str, float]], floors: Path, praise: str
) -> int:
    """Measure, print each figure, and say which is below its floor; 1 where one is."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=SHARED, help="pages with gold and score.py")
    parser.add_argument("--table", action="store_true", help="print what the figures come from too")
    options = parser.parse_args()
    if not (options.data / "score.py").exists():
        print(f"no saved pages at {options.data}: nothing is measured")
        return 0
    found = measure(options.data, table=options.table)
    for name, value in found.items():
        print(f"{name:28} {value:.3f}")
    faults = beyond(found, json.loads(floors.read_text(encoding="utf-8")))
    print("\n".join(f"BELOW FLOOR  {fault}" for fault in faults) or praise)
    return 1 if faults else 0
