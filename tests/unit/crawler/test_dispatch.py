"""A pool that crawls one target of a host at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from core.target import Target
from crawler.crawls import lanes
from crawler.dispatch import LocalDispatcher, QueueDispatcher


def target(name: str, *urls: str) -> Target:
    return Target(id=name, title=name, spider="article", start_urls=urls)


A1 = target("a1", "http://a.cn/1", "https://b.cn/")
A2 = target("a2", "https://a.cn:443/2")
B = target("b", "http://b.cn/")
C = target("c", "http://c.cn:8080/")
C_ELSEWHERE = target("d", "http://c.cn/")


def test_two_targets_of_a_host_follow_one_another():
    go, crawled = Event(), []

    def crawl(one, slot):
        go.wait(10)
        crawled.append((one.id, slot))

    with ThreadPoolExecutor(4) as pool:
        dispatcher = LocalDispatcher(pool, crawl)
        first = [dispatcher.start(one, "s") for one in (A1, A1, A2, B, C, C_ELSEWHERE)]
        assert first == [True, True, False, False, True, True]
        go.set()
        dispatcher.wait_until_idle()
        assert dispatcher.start(A2, "s")
    assert sorted(crawled) == [("a1", "s"), ("a2", "s"), ("c", "s"), ("d", "s")]


def test_lanes_share_no_host():
    found = lanes((A2, B, C, A1))
    assert [[one.id for one in lane] for lane in found] == [["a2", "b", "a1"], ["c"]]


class Put(list):
    """What was put into the queue."""

    def put_crawl(self, target_id, slot, lock):
        self.append((target_id, slot, lock))
        return True


def test_slots_for_workers_are_put_once_with_the_lock_of_their_hosts(monkeypatch):
    queue = Put()
    targets = tuple(
        Target(id=name, title=name, spider="listing", start_urls=(f"https://{host}/",))
        for name, host in (("a", "x.cn"), ("b", "x.cn"), ("c", "y.cn"))
    )
    dispatcher = QueueDispatcher(queue, lambda: targets)
    for _ in range(2):
        assert all(dispatcher.start(target, "s") for target in targets)
    assert queue == [("a", "s", "x.cn"), ("b", "s", "x.cn"), ("c", "s", "y.cn")]
    assert dispatcher.start(targets[0], "next")
    assert queue[3:] == [("a", "next", "x.cn")]
    monkeypatch.setattr("crawler.dispatch.PUT_AGAIN_S", -1)
    assert dispatcher.start(targets[0], "next")
    assert queue[4:] == [("a", "next", "x.cn")]
