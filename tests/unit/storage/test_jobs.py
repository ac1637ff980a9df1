"""Jobs whose workers died: given back, at most so often; told once by many askers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from crawler.worker import prepare_queue
from storage.database import open_database
from storage.jobs import beat_workers, bury_job, has_queue, retry_stalled, spent_jobs

pytestmark = pytest.mark.postgres
SILENCE = timedelta(seconds=30)


@pytest.fixture
def queue(cluster):
    name = f"db_{uuid4().hex}"
    url = cluster.create(name, "template_adwatch")
    database = open_database(url)
    assert not has_queue(database)
    prepare_queue(url)
    prepare_queue(url)
    assert has_queue(database)
    yield database
    database.close()
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


def run_sql(database, statement, **values):
    with database.writing() as connection:
        return connection.execute(text(statement), values)


def add_worker(database, silent_s):
    added = run_sql(
        database,
        "INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - make_interval(secs => :silent)) RETURNING id",
        silent=silent_s,
    )
    return added.scalar_one()


def add_job(database, worker, attempts=0, key=None, status="doing"):
    added = run_sql(
        database,
        "INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, args, status, attempts, worker_id, queueing_lock)"
        " VALUES ('adwatch', 'crawl', '{\"slot\": \"s\"}',"
        "  CAST(:status AS procrastinate_job_status), :attempts, :worker, :key) RETURNING id",
        status=status, attempts=attempts, worker=worker, key=key,
    )  # fmt: skip
    return added.scalar_one()


def states(database):
    rows = run_sql(
        database, "SELECT id, status::text, attempts FROM procrastinate_jobs ORDER BY id"
    )
    return {row.id: (row.status, row.attempts) for row in rows}


def test_only_jobs_of_silent_or_vanished_workers_are_given_back(queue):
    dead, alive = add_worker(queue, 60), add_worker(queue, 5)
    jobs = [add_job(queue, worker) for worker in (dead, alive, None)]
    assert retry_stalled(queue, SILENCE, 3) == 2
    found = states(queue)
    assert [found[job] for job in jobs] == [("todo", 1), ("doing", 0), ("todo", 1)]


def test_a_beat_keeps_a_job(queue):
    worker = add_worker(queue, 60)
    add_job(queue, worker)
    beat_workers(queue, [worker])
    assert retry_stalled(queue, SILENCE, 3) == 0


def test_many_askers_give_a_job_back_once(queue):
    dead = add_worker(queue, 60)
    jobs = [add_job(queue, dead) for _ in range(20)]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: retry_stalled(queue, SILENCE, 3), range(8)))
    assert sum(given) == len(jobs)
    assert set(states(queue).values()) == {("todo", 1)}


def test_a_job_over_which_workers_died_again_and_again_is_spent_and_buried(queue):
    job = add_job(queue, add_worker(queue, 60), attempts=3)
    assert retry_stalled(queue, SILENCE, 3) == 0
    (spent,) = spent_jobs(queue, SILENCE, 3)
    assert (spent.id, spent.task, spent.arguments) == (job, "crawl", {"slot": "s"})
    bury_job(queue, job)
    assert states(queue)[job][0] == "failed"
    assert spent_jobs(queue, SILENCE, 3) == []


def test_a_stalled_job_whose_slot_waits_again_gives_way(queue):
    stalled = add_job(queue, add_worker(queue, 60), key="a s")
    waiting = add_job(queue, None, key="a s", status="todo")
    other = add_job(queue, None)
    assert retry_stalled(queue, SILENCE, 3) == 1
    found = states(queue)
    assert stalled not in found
    assert (found[waiting], found[other]) == (("todo", 0), ("todo", 1))
