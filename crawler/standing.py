"""How a target stands by what storage knows of its runs."""

from core.ledger import TargetHealth
from core.target import Target
from crawler.health import RUNS, judge_target
from storage.database import Database
from storage.runs import last_runs


def health_of(database: Database, target: Target) -> TargetHealth:
    """How a target stands by its last runs."""
    return judge_target(target, last_runs(database, target.id, RUNS))
