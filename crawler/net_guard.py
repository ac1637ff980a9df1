"""Which addresses a crawl may reach: public ones, and private networks the operator allows."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, ClassVar, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# `is_global` says yes to all of these on Python 3.11, yet none leads to a public site, or leads
# there only through a translation that can end inside the house.
_NEVER_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10", "192.88.99.0/24", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/4",
        "240.0.0.0/4", "2002::/16", "2001::/23", "3fff::/20",
    )
)  # fmt: skip
# All public IPv6 addresses lie here; outside it are the embedded IPv4 forms, old and new.
_GLOBAL_UNICAST = ip_network("2000::/3")


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """CIDR texts as networks; ValueError names the first that is none."""
    return tuple(ip_network(text, strict=False) for text in texts)


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Whether a crawl may connect to `address`; whatever is not an address may not."""
    try:
        ip: Address = ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    if any(ip.version == network.version and ip in network for network in _NEVER_PUBLIC):
        return False
    if ip.version == _GLOBAL_UNICAST.version and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not ip.is_multicast


class RefusedAddressError(DNSLookupError):
    """A name that resolves to an address which crawls must not reach."""


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing every address that `is_allowed` refuses.

    The address that was checked is the one that is connected to, so a name cannot answer
    differently between the check and the use. Literal addresses pass here too. Twisted reports a
    refusal as a name without addresses; `refused` keeps the names for who has to tell them apart.
    """

    refused: ClassVar[set[str]] = set()  # a process runs one crawl and has one resolver

    def __init__(self, reactor: Any, cache_size: int, timeout: float, allow: Sequence[str]) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allowed = parse_networks(allow)

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Build from the settings `DNS_TIMEOUT` and `ADWATCH_NETWORK_ALLOW`."""
        return cls(
            reactor,
            10_000,
            crawler.settings.getfloat("DNS_TIMEOUT"),
            crawler.settings.getlist("ADWATCH_NETWORK_ALLOW"),
        )

    def getHostByName(  # noqa: N802 (Twisted's interface)
        self, name: str, timeout: Sequence[int] = ()
    ) -> Deferred[str]:
        """The address of `name`, or `RefusedAddressError`."""
        looked_up: Deferred[str] = super().getHostByName(name, timeout)
        return looked_up.addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if not is_allowed(address, self._allowed):
            self.refused.add(name)
            raise RefusedAddressError(
                f"{name} resolves to {address}, which is not public; "
                "allow its network under network.allow in adwatch.yml if it must be crawled"
            )
        return address
