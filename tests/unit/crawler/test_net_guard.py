"""Which addresses a crawl may reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import succeed

from crawler.net_guard import GuardedResolver, RefusedAddressError, is_allowed, parse_networks

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
    "2001::1", "2001:db8::1", "::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::a00:1", "1::1", "5f00::1",
    "4000::1", "192.0.0.8",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2606:4700::1111"])
def test_a_public_address_is_allowed(address):
    assert is_allowed(address, ())


def test_an_allowed_network_opens_only_itself():
    allowed = parse_networks(["127.0.0.0/8", "10.1.0.0/16"])
    assert is_allowed("127.0.0.1", allowed)
    assert is_allowed("::ffff:127.0.0.1", allowed)
    assert is_allowed("10.1.2.3", allowed)
    assert not is_allowed("10.2.0.1", allowed)
    assert not is_allowed("::1", allowed)


@given(st.text())
def test_whatever_is_no_address_is_refused(text):
    assert not is_allowed(f"x{text}", ())


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.8"])
def test_a_name_that_resolves_inside_the_house_is_refused_with_the_fix(address, monkeypatch):
    resolver = GuardedResolver(None, 0, 5.0, [])
    monkeypatch.setattr(
        "scrapy.resolver.CachingThreadedResolver.getHostByName",
        lambda self, name, timeout=(): succeed(address),
    )
    failures = []
    resolver.getHostByName("inside.example.cn").addErrback(failures.append)
    assert failures[0].check(RefusedAddressError)
    assert "network.allow" in str(failures[0].value)
