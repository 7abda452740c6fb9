"""Which addresses a stranger may have us call, and that each client has one address."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.http.addresses import BAD_PORTS, is_public, parse_address
from common.http.client import ForbiddenAddress, check_foreign
from tests.support.sockets import OK, say, serving, url

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "100:0:0:1::1", "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fe80::1%1", "febf::1", "fec0::1", "feff::1", "ff02::1", "ff0e::1",
    "2606:4700::5efe:a00:1", "2606:4700::200:5efe:a00:1", "2606:4700::5efe:808:808", "fe80::5efe:a00:1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
    "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255", "192.169.0.1", "198.17.255.255", "198.20.0.1",
    "203.0.112.255", "203.0.114.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::200e",
    "2001:4860::8888", "2001:200::1",
    "2003::1", "3ffe::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700:4700::1111%eth0",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_for_servers_of_the_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_neighbours_of_those_ranges_are_public(address):
    assert is_public(address)


@given(st.ip_addresses())
def test_nothing_is_public_that_the_machine_itself_knows_as_private(address):
    inner = getattr(address, "ipv4_mapped", None) or address

    assert not (is_public(str(address)) and inner.is_private)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_by_the_inner_one(address):
    number = int(address)

    assert is_public(f"::ffff:{address}") is is_public(str(address))
    assert is_public(str(ipaddress.IPv6Address((0x64FF9B << 96) | number))) is is_public(str(address))
    for tunnel in ((0x2002 << 112) | (number << 80), (0x20010000 << 96) | (number ^ 0xFFFFFFFF), number):
        assert not is_public(str(ipaddress.IPv6Address(tunnel)))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("fe80::1%1", "fe80::1"),
        (" 10.0.0.1 ", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:DB8::1%eth0", "2001:db8::1"),
    ],
)
def test_an_address_is_read_without_its_zone(written, read):
    assert str(parse_address(written)) == read


@pytest.mark.parametrize(
    "text", ["", "%1", "1.2.3", "1.2.3.4.5", "localhost", "01.2.3.4", "::g", "10.0.0.1:80", "[::1]"]
)
def test_what_is_no_address_is_none(text):
    with pytest.raises(ValueError, match=r"."):
        parse_address(text)


@pytest.mark.parametrize("port", [22, 25, 6000, 6667, 10080])
def test_a_port_of_another_service_is_not_called(settings, port):
    settings.OUTBOUND_ALLOWED_HOSTS = []
    with pytest.raises(ForbiddenAddress, match=str(port)):
        check_foreign(f"https://8.8.8.8:{port}/")

    with pytest.raises(ForbiddenAddress, match=str(port)):
        check_foreign(f"https://no-such-name.invalid:{port}/")
    check_foreign("https://8.8.8.8:8443/")
    assert {80, 443, 8080, 8443}.isdisjoint(BAD_PORTS)


@pytest.mark.parametrize("address", [address for address in PRIVATE if "%" not in address])
def test_no_private_address_is_taken_in_a_url(settings, address):
    settings.OUTBOUND_ALLOWED_HOSTS = []
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ForbiddenAddress):
        check_foreign(f"https://{host}/hook")


def test_an_allowed_host_may_have_any_port(settings):
    from common.http.client import foreign_client

    with serving(say(OK)) as server:
        assert foreign_client(["127.0.0.1"]).request("GET", url(server)).status == 200
