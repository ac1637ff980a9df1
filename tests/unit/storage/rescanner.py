"""Rescans by made-up rules, saying each observation's number once it is kept; to be killed."""

import importlib.util
import sys
from pathlib import Path

from storage.database import open_database
from storage.rejudged import rejudge
from storage.rescans import Scope, begin_rescan, iter_stored, save_portion


def load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main(url):
    samples, tests = load("samples"), load("test_rescans")
    db = open_database(url)
    judge = tests.judging(samples, "rules-2", tests.NEWER)
    now = samples.START + tests.MONTH
    task = begin_rescan(db, "rules-2", Scope(), now)
    last = task.last_id
    for portion in iter_stored(db, task):
        for one in portion:
            save_portion(db, task, last, [one], [rejudge(one, judge)], now)
            last = one.observation_id
            sys.stdout.write(f"{last}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
