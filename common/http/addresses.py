"""Parse internet addresses and decide which of them are public, by our own table.

Python's `is_global` changes with its version and knows fewer ranges. The table follows the registries of IANA for
special-purpose addresses (IPv4: iana-ipv4-special-registry, IPv6: iana-ipv6-special-registry; RFC 6890 and its updates
up to RFC 9637 of 2024) and the IPv6 address space (RFC 4291: only 2000::/3 is assigned). Each range that is not meant
for a server on the internet counts as not public, even where the registry calls it reachable.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(name)
    for name in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # shared by a provider's customers (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "168.63.129.16/32",  # the platform's own service inside Azure (Microsoft's documentation)
        "169.254.0.0/16",  # link local, and the metadata of clouds (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # protocol assignments, with 192.0.0.8, .170 and .171 (RFC 6890, 7600, 8880)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # relays of 6to4, given up (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved, and broadcast (RFC 1112, 919)
    )
]
_GIVEN_OUT_6 = ipaddress.IPv6Network("2000::/3")
# Outside of it are ::, ::1, local addresses (fc00::/7, fe80::/10, fec0::/10), multicast, segment routing (5f00::/16).
_NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(name)
    for name in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, AMT (RFC 2928, 4380, 5180, 7343)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4, given up: an IPv4 address that a relay would reach (RFC 3056, 7526)
        "3fff::/20",  # documentation (RFC 9637)
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address behind a translator (RFC 6052)
# The last half of an address that tunnels to an IPv4 one begins like this, except for one bit (ISATAP, RFC 5214).
_ISATAP, _ISATAP_BITS = 0x00005EFE, 0xFDFFFFFF

# Ports of other services, which browsers block as well (WHATWG, Fetch, "port blocking", read in 2024).
BAD_PORTS = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
    531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
    5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
})  # fmt: skip


def parse_address(text: str) -> Address:
    """Parse an address as a socket, a resolver or a proxy gives it; raises ValueError.

    A zone (`%eth0`) has a meaning on one machine only and is left out. An IPv4 address written as an IPv6 one becomes
    the IPv4 address, so that one client has one address.
    """
    found = ipaddress.ip_address(text.strip().partition("%")[0])
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def is_public(text: str) -> bool:
    """Return True for an address at which a public server may stand; raises ValueError when it is not an address."""
    found = parse_address(text)
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    if found in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    if found not in _GIVEN_OUT_6 or (int(found) >> 32) & _ISATAP_BITS == _ISATAP:
        return False
    return not any(found in network for network in _NOT_PUBLIC_6)
