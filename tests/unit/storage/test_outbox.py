"""The outbox: written with the finding, leased to one sender at a time, marked, never emptied."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, func, select, text

from core.ledger import FindingState
from core.records import Level
from storage.bursts import (
    count_due,
    count_recent,
    fold_burst,
    last_summary,
    postpone_findings,
)
from storage.database import downgrade, open_database, upgrade
from storage.digests import freeze_digest
from storage.findings import add_verdict
from storage.intake import save_observation
from storage.leases import Mark, confirm_part, due_channels, give_back, lease, mark
from storage.outbox import (
    Address,
    DeliveryState,
    MessageKind,
    Outgoing,
    enlist,
    message_id,
    route,
    set_content,
    unrouted,
)
from storage.pace import held_channels, hold_channel, reserve_post
from storage.queue_status import (
    channel_queues,
    count_unrouted,
    deliveries_of,
    troubled_deliveries,
    try_again,
)
from storage.tables import attempt, channel_post, message

MINUTE = timedelta(minutes=1)
LASTS = timedelta(seconds=30)
SENT, WAITING, DEAD = DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.DEAD


def put(db, samples, key="k", *, channel="mail", to=("a@x.cn",), due=None):
    outgoing = Outgoing(key, MessageKind.OPERATOR, "all", b"content")
    return enlist(db, outgoing, [Address(channel, one, due_at=due) for one in to], samples.START)


def found(db, samples, number, **more):
    block = samples.Block(
        f"{number}号项目，本金零风险，收益看得见，{'东南西北中发白'[number % 7] * 40}", **more
    )
    return save_observation(db, samples.observe(f"http://town.example/{number}", block))


def routed(db, samples, count, channel="group", to=("group",)):
    for number in range(count):
        found(db, samples, number)
    waiting = unrouted(db, 1000)
    heard = [Address(channel, one) for one in to]
    route(db, {one.message_id: heard for one in waiting}, samples.START)
    return waiting


def state(db, key="k"):
    return [(row.state, row.code) for row in deliveries_of(db, key)]


def test_a_high_finding_goes_into_the_outbox_with_itself(db, samples):
    saved = found(db, samples, 1)
    (waiting,) = unrouted(db, 10)
    assert waiting.finding_id == saved.new_findings[0]
    assert waiting.level is Level.HIGH
    assert waiting.target_ids == ("town",)
    assert waiting.patterns == ("guaranteed_return",)
    assert message_id(db, f"finding-{waiting.finding_id}-new") == waiting.message_id


def test_a_medium_finding_does_only_where_it_is_asked_for(db, samples):
    found(db, samples, 1, level=Level.MEDIUM)
    assert count_unrouted(db) == 0
    block = samples.Block("另一个项目，按月返利，" + "乙" * 60, level=Level.MEDIUM)
    seen = samples.observe("http://town.example/2", block)
    save_observation(db, seen, tell_from=Level.MEDIUM)
    assert count_unrouted(db) == 1


def test_what_is_rolled_back_leaves_no_message(db, samples):
    seen = samples.observe("http://town.example/1", samples.Block(samples.AD))

    def fail():
        with db.writing_jointly():
            save_observation(db, seen)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert count_unrouted(db) == 0
    save_observation(db, seen)
    save_observation(db, samples.later(seen, samples.DAY))
    assert count_unrouted(db) == 1


def test_a_finding_that_was_judged_and_comes_back_worse_is_told_again(db, samples):
    url = "http://town.example/1"
    first = save_observation(db, samples.observe(url, samples.Block(samples.AD)))
    number = first.new_findings[0]
    changed = samples.Block(samples.AD.replace("礼品", "现金百分之八奖励"), score=95.0)
    again = save_observation(db, samples.observe(url, changed, at=samples.START + samples.DAY))
    assert again.reopened == (number,)
    with db.reading() as connection:
        keys = connection.execute(select(message.c.key).order_by(message.c.id)).scalars().all()
    assert keys[0] == f"finding-{number}-new"
    assert keys[1].startswith(f"finding-{number}-reopened-20261121T")


def test_a_medium_finding_that_becomes_high_is_told_then(db, samples):
    block = samples.Block(samples.AD, level=Level.MEDIUM, score=45.0)
    saved = save_observation(db, samples.observe("http://town.example/1", block))
    assert count_unrouted(db) == 0
    worse = samples.observe("http://town.example/2", samples.Block(samples.AD, score=90.0))
    assert save_observation(db, worse).finding_ids == saved.finding_ids
    (waiting,) = unrouted(db, 10)
    assert waiting.finding_id == saved.finding_ids[0]


def test_a_key_is_enlisted_once_and_a_new_recipient_joins(db, samples):
    first = put(db, samples)
    assert put(db, samples) == first
    assert put(db, samples, to=("a@x.cn", "b@x.cn")) == first
    assert [row.recipient for row in deliveries_of(db, "k")] == ["a@x.cn", "b@x.cn"]
    put(db, samples, channel="other")
    assert len(deliveries_of(db, "k")) == 3


def test_a_digest_and_its_message_are_one_unit_of_work(db, samples):
    day = date(2026, 11, 20)

    def write(fails):
        with db.writing_jointly():
            frozen = freeze_digest(db, day, "all", (), "无新增", samples.START)
            outgoing = Outgoing("d", MessageKind.DIGEST, "all", b"c", frozen.id)
            enlist(db, outgoing, [Address("mail", "a@x.cn")], samples.START)
            if fails:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        write(fails=True)
    assert message_id(db, "d") is None
    write(fails=False)
    assert message_id(db, "d") is not None


def test_a_leased_message_is_nobody_elses_until_it_is_marked(db, samples):
    put(db, samples, to=("a@x.cn", "b@x.cn"))
    assert due_channels(db, samples.START) == ("mail",)
    held = lease(db, "mail", samples.START, LASTS)
    assert (held.key, held.content, held.kind) == ("k", b"content", MessageKind.OPERATOR)
    assert [one.recipient for one in held.deliveries] == ["a@x.cn", "b@x.cn"]
    assert [one.attempts for one in held.deliveries] == [1, 1]
    assert lease(db, "mail", samples.START, LASTS) is None
    assert due_channels(db, samples.START) == ()
    one, two = held.deliveries
    later = samples.START + MINUTE
    mark(db, held, [Mark(one.id, SENT, "250"), Mark(two.id, WAITING, "451", "later", later)], later)
    assert state(db) == [(SENT, "250"), (WAITING, "451")]
    again = lease(db, "mail", later, LASTS)
    assert [(one.recipient, one.attempts, one.faults) for one in again.deliveries] == [
        ("b@x.cn", 2, 0)
    ]
    with db.reading() as connection:
        rows = connection.execute(select(attempt).order_by(attempt.c.id)).all()
    assert [(row.code, row.ended_at is None) for row in rows] == [("451", False), ("", True)]


def test_a_lost_lease_is_taken_up_again_and_counted(db, samples):
    put(db, samples)
    dead = lease(db, "mail", samples.START, LASTS)
    assert lease(db, "mail", samples.START + LASTS - timedelta(seconds=1), LASTS) is None
    late = samples.START + LASTS
    held = lease(db, "mail", late, LASTS)
    assert (held.deliveries[0].faults, held.deliveries[0].attempts) == (1, 2)
    mark(db, dead, [Mark(dead.deliveries[0].id, WAITING, "x", "", late + MINUTE)], late)
    assert state(db) == [(DeliveryState.SENDING, "")], "a lost lease marks nothing but success"
    mark(db, dead, [Mark(dead.deliveries[0].id, SENT, "250")], late)
    assert state(db) == [(SENT, "250")]
    mark(db, held, [Mark(held.deliveries[0].id, WAITING, "y", "", late)], late)
    assert state(db) == [(SENT, "250")], "what was confirmed stays confirmed"


def test_confirmed_parts_survive_and_keep_the_lease(db, samples):
    put(db, samples)
    held = lease(db, "mail", samples.START, LASTS)
    confirm_part(db, held, ["a@x.cn"], 2, samples.START + 2 * LASTS)
    assert lease(db, "mail", samples.START + LASTS, LASTS) is None
    again = lease(db, "mail", samples.START + 2 * LASTS, LASTS)
    assert again.deliveries[0].parts == 2
    confirm_part(db, held, ["a@x.cn"], 9, samples.START + samples.DAY)
    assert lease(db, "mail", samples.START + 4 * LASTS, LASTS).deliveries[0].parts == 2


def test_what_is_given_back_was_not_tried(db, samples):
    put(db, samples)
    held = lease(db, "mail", samples.START, LASTS)
    give_back(db, held, samples.START + MINUTE, samples.START)
    assert lease(db, "mail", samples.START, LASTS) is None
    assert lease(db, "mail", samples.START + MINUTE, LASTS).deliveries[0].attempts == 1
    with db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(attempt)).scalar_one() == 1


def test_many_senders_take_each_message_once(db, samples):
    for number in range(40):
        put(db, samples, key=f"k{number:02}", to=("a@x.cn", "b@x.cn"))
    taken, lock = [], threading.Lock()

    def work():
        while held := lease(db, "mail", samples.START, LASTS):
            with lock:
                taken.append(held)
            mark(db, held, [Mark(one.id, SENT, "250") for one in held.deliveries], samples.START)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(held.key for held in taken) == [f"k{number:02}" for number in range(40)]
    assert all(len(held.deliveries) == 2 for held in taken)
    assert channel_queues(db)[0].counts == {SENT: 80}


def test_a_message_waits_for_its_moment(db, samples):
    put(db, samples, due=samples.START + MINUTE)
    assert due_channels(db, samples.START) == ()
    assert due_channels(db, samples.START + MINUTE) == ("mail",)


def test_a_content_is_written_once(db, samples):
    (one,) = routed(db, samples, 1)
    set_content(db, one.message_id, b"first")
    set_content(db, one.message_id, b"second")
    assert lease(db, "group", samples.START, LASTS).content == b"first"


def test_a_robot_is_asked_so_often_and_no_more(db, samples):
    paces = ((3, 60.0), (2, 1.0))
    now = samples.START
    assert reserve_post(db, "group", paces, now) is None
    assert reserve_post(db, "group", paces, now) is None
    assert reserve_post(db, "group", paces, now) == now + timedelta(seconds=1)
    assert reserve_post(db, "other", paces, now) is None
    second = now + timedelta(seconds=1)
    assert reserve_post(db, "group", paces, second) is None
    assert reserve_post(db, "group", paces, second + timedelta(seconds=2)) == now + MINUTE
    assert reserve_post(db, "group", paces, now + MINUTE) is None
    assert reserve_post(db, "free", (), now) is None
    reserve_post(db, "group", paces, now + samples.DAY)
    with db.reading() as connection:
        count = select(func.count()).where(channel_post.c.channel == "group")
        assert connection.execute(count).scalar_one() == 1, "old requests are forgotten"


def test_a_held_channel_is_left_alone_until_then(db, samples):
    until = samples.START + 10 * MINUTE
    hold_channel(db, "group", until, "130101")
    hold_channel(db, "group", samples.START + MINUTE, "sooner")
    assert held_channels(db, samples.START) == {"group": until}
    assert reserve_post(db, "group", (), samples.START) == until
    assert reserve_post(db, "group", (), until) is None
    assert held_channels(db, until) == {}


def test_a_burst_becomes_one_summary_and_every_message_is_kept(db, samples):
    routed(db, samples, 7, to=("one", "two"))
    assert count_due(db, "group", samples.START) == {"all": 7}
    seen = []

    def write(burst):
        seen.append(burst)
        return Outgoing("summary-1", MessageKind.SUMMARY, burst.audience, b"sum")

    now = samples.START + MINUTE
    assert fold_burst(db, "group", "all", write, now, samples.DAY) == 7
    assert seen[0].levels == ((Level.HIGH, 7),)
    assert len(seen[0].finding_ids) == 7
    (queue,) = channel_queues(db)
    assert queue.counts == {DeliveryState.FOLDED: 14, WAITING: 2}
    assert last_summary(db, "group") == now
    held = lease(db, "group", now, LASTS)
    assert (held.key, len(held.deliveries)) == ("summary-1", 2)
    assert count_recent(db, "group", samples.START) == 1
    assert fold_burst(db, "group", "all", write, now, samples.DAY) == 0


def test_what_was_tried_before_is_not_folded_nor_put_off(db, samples):
    routed(db, samples, 2)
    held = lease(db, "group", samples.START, LASTS)
    give = Mark(held.deliveries[0].id, WAITING, "500", "", samples.START)
    mark(db, held, [give], samples.START)
    assert count_due(db, "group", samples.START) == {"all": 1}
    later = samples.START + MINUTE
    assert postpone_findings(db, "group", later, samples.START) == 1
    assert lease(db, "group", samples.START, LASTS).key == held.key
    assert lease(db, "group", samples.START, LASTS) is None
    assert lease(db, "group", later, LASTS) is not None


def test_the_status_says_what_is_wrong_and_retry_makes_it_due(db, samples):
    put(db, samples, key="good")
    put(db, samples, key="bad", channel="hook", to=("x",))
    held = lease(db, "hook", samples.START, LASTS)
    mark(db, held, [Mark(held.deliveries[0].id, DEAD, "500", "no\x00way")], samples.START)
    (row,) = troubled_deliveries(db)
    assert (row.key, row.state, row.code, row.detail) == ("bad", DEAD, "500", "no�way")
    queues = {queue.channel: queue for queue in channel_queues(db)}
    assert queues["mail"].oldest_at == samples.START
    assert queues["hook"].oldest_at is None
    assert due_channels(db, samples.START) == ("mail",)
    assert try_again(db, samples.START, delivery_ids=[row.id, 999]) == (row.id,)
    assert due_channels(db, samples.START) == ("hook", "mail")
    assert try_again(db, samples.START) == ()
    assert len(try_again(db, samples.START, key="good")) == 1


def test_routing_is_decided_once(db, samples):
    waiting = routed(db, samples, 3)
    assert unrouted(db, 10) == ()
    route(db, {one.message_id: [Address("group", "group")] for one in waiting}, samples.START)
    assert channel_queues(db)[0].counts == {WAITING: 3}


def test_a_verdict_changes_nothing_that_is_under_way(db, samples):
    saved = found(db, samples, 1)
    add_verdict(db, saved.new_findings[0], FindingState.DISMISSED, "误报", "甲", samples.START)
    assert count_unrouted(db) == 1


def test_deliveries_from_before_the_outbox_are_taken_over(empty_url, samples):
    upgrade(empty_url, "0001")
    made = "INSERT INTO digest (day, audience, subject, created_at) VALUES ('2026-11-20', 'all', 's', '2026-11-20 00:00:00')"
    row = (
        "INSERT INTO delivery (digest_id, channel, recipient, state, code, detail, started_at)"
        " VALUES (1, 'mail', '{}', '{}', '{}', '', '2026-11-20 00:00:00')"
    )
    statements = [made, row.format("a", "sent", "250"), row.format("a", "failed", "451"),
                  row.format("b", "failed", "550"), row.format("b", "pending", "")]  # fmt: skip
    run(empty_url, statements)
    upgrade(empty_url)
    db = open_database(empty_url)
    rows = deliveries_of(db, "digest-20261120-all")
    assert [(one.recipient, one.state, one.code) for one in rows] == [
        ("a", SENT, "250"),
        ("b", DEAD, ""),
    ]
    outgoing = Outgoing("digest-20261120-all", MessageKind.DIGEST, "all", b"now", 1)
    enlist(db, outgoing, [Address("mail", "a"), Address("mail", "b")], samples.START)
    try_again(db, samples.START, key="digest-20261120-all")
    held = lease(db, "mail", samples.START, LASTS)
    assert (held.content, [one.recipient for one in held.deliveries]) == (b"now", ["b"])
    db.close()
    downgrade(empty_url, "0001")
    upgrade(empty_url)
    db = open_database(empty_url)
    states = [one.state for one in deliveries_of(db, "digest-20261120-all")]
    assert states == [SENT, DEAD]
    db.close()


def run(url, statements):
    """SQL on a database of an older schema, which `open_database` would refuse."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
