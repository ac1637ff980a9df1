"""Writes the golden records anew; read the difference before it is committed."""

import json

from saved_pages import PAGES, as_record, names, read_saved


def main() -> None:
    for name in names():
        record = json.dumps(as_record(read_saved(name)), ensure_ascii=False, indent=1)
        (PAGES / f"{name}.json").write_text(record + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
