"""Targets that begin at a common host have one lock."""

from core.target import Target
from crawler.host_locks import host_locks


def target(name, *hosts):
    urls = tuple(f"https://{host}/list" for host in hosts)
    return Target(id=name, title=name, spider="listing", start_urls=urls)


def test_targets_of_one_host_share_a_lock_and_others_do_not():
    locks = host_locks([target("a", "x.cn"), target("b", "X.cn:443"), target("c", "y.cn")])
    assert locks == {"a": "x.cn", "b": "x.cn", "c": "y.cn"}


def test_a_target_of_several_hosts_ties_them_together():
    ends = [target("a", "x.cn"), target("b", "z.cn"), target("alone", "w.cn")]
    locks = host_locks([*ends, target("both", "z.cn", "y.cn"), target("bridge", "y.cn", "x.cn")])
    assert len({locks[name] for name in ("a", "b", "both", "bridge")}) == 1
    assert locks["alone"] == "w.cn"
