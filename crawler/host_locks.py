"""Which targets must not be crawled at the same time: those that begin at a common host."""

from collections.abc import Sequence

from core.target import Target


def host_locks(targets: Sequence[Target]) -> dict[str, str]:
    """The lock of each target by its id: equal wherever start addresses share a host.

    Targets of several hosts tie these together: a lock is the first name of all hosts that hang
    together, so that one lock a target is enough.
    """
    leads: dict[str, str] = {}
    hosts = {target.id: min(target.hosts) for target in targets}
    for target in targets:
        roots = sorted({_root(leads, host) for host in target.hosts})
        leads |= dict.fromkeys(roots, roots[0])
    return {target_id: _root(leads, host) for target_id, host in hosts.items()}


def _root(leads: dict[str, str], host: str) -> str:
    while (lead := leads.setdefault(host, host)) != host:
        host = lead
    return host
