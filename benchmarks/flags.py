"""Prints `id, label, score, rules` for each labelled row of the files named, one JSON line each.

Run by `benchmarks.changes` with the code of either side on PYTHONPATH, so it asks of the classifier
nothing but what every version has.
"""

import json
import sys
from pathlib import Path

from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook


def main() -> None:
    book = load_rulebook()
    for name in sys.argv[1:]:
        with Path(name).open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                row = json.loads(line)
                if "label" not in row:
                    continue
                found = assess_text(row["text"], book)
                rules = sorted({hit.rule for hit in found.hits if hit.points > 0})
                key = f"{Path(name).stem}:{row.get('id', number)}"
                print(json.dumps([key, row["label"], found.score, rules]))


if __name__ == "__main__":
    main()
