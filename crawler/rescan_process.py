"""A key range of a rescan, judged in a process of its own: the order on stdin."""

import signal
import sys
import threading
from types import FrameType

from classifiers.rulebook import load_rulebook
from crawler.child_process import end_with_parent
from crawler.rescan import Answer, Unjudged, run_rescan
from crawler.rescan_order import RescanOrder
from storage.database import open_database
from storage.rescans import rescan_part

CUT_SHORT, OTHER_RULES = 130, 3


def judge(order: RescanOrder) -> int:
    """Judge what is left of the range; the exit code."""
    part = order.part
    database = open_database(order.storage_url)
    try:
        task = rescan_part(database, part.rescan_id, part.after_id, part.until_id)
        if task is None:
            return 0
        if task.rulebook != load_rulebook().digest:
            return OTHER_RULES
        run_rescan(database, task, order.media, order.processes, _tell)
    finally:
        database.close()
    return 0


def _tell(answers: list[Answer]) -> None:
    for one in answers:
        if isinstance(one, Unjudged):
            print(f"observation {one.observation_id}: {one.reason}", file=sys.stderr)  # noqa: T201


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Read the order, judge; SIGTERM ends it between two portions."""
    order = RescanOrder.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    signal.signal(signal.SIGTERM, _end)
    try:
        return judge(order)
    except KeyboardInterrupt:
        return CUT_SHORT


if __name__ == "__main__":
    sys.exit(main())
