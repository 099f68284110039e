"""Tell addresses of the public internet from those that only our own machines and networks know."""

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]  # host and port -> addresses, best first; raises OSError

# The special purposes of the IANA registries. A table of our own, because is_private and is_global of ipaddress mean other things in
# other releases of Python. The first that holds an address names it.
SPECIAL: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this machine"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's inner network"),
        ("127.0.0.0/8", "this machine"),
        ("169.254.0.0/16", "the local link"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved for examples"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "a test network"),
        ("198.51.100.0/24", "reserved for examples"),
        ("203.0.113.0/24", "reserved for examples"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "this machine"),
        ("::1/128", "this machine"),
        ("::/96", "IPv4 inside IPv6"),
        ("::ffff:0:0/96", "IPv4 inside IPv6"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "a Teredo tunnel"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "reserved for examples"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "reserved for examples"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "the local link"),
        ("fec0::/10", "a private network"),
        ("ff00::/8", "multicast"),
    )
)
PUBLIC_IPV6 = IPv6Network("2000::/3")  # nothing else was ever given out
LAST_FOUR_BYTES = tuple(ip_network(network) for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"))
TEREDO, SIX_TO_FOUR = IPv6Network("2001::/32"), IPv6Network("2002::/16")
# They hand out the keys of the machine to whoever can ask, so no setting opens them. Two are public addresses by their looks.
METADATA = frozenset(
    ip_address(address)
    for address in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)


def unfit(address: Address, allowed: Iterable[Network] = ()) -> str:
    """Why an address is not to be called: what it is; "" = it may be.

    `allowed` are networks that somebody opened by name. Opening a way to carry IPv4 does not open what it can carry.
    """
    if address in METADATA:
        return "a cloud's metadata service"
    if (what := special(address)) and not any(address in network for network in allowed):
        return what
    carried = carried_by(address)
    return unfit(carried, allowed) if carried else ""


def special(address: Address) -> str:
    """What an address is, "" for one of the public internet."""
    what = next((what for network, what in SPECIAL if address in network), "")
    return what or ("reserved" if address.version == 6 and address not in PUBLIC_IPV6 else "")


def carried_by(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if isinstance(address, IPv4Address) or int(address) <= 1:  # :: and ::1 carry none
        return None
    if address in SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    if address in TEREDO:
        return IPv4Address(~int(address) & 0xFFFFFFFF)
    return IPv4Address(int(address) & 0xFFFFFFFF) if any(address in network for network in LAST_FOUR_BYTES) else None


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system. It also reads 127.1, 0x7f000001 and 2130706433, which is why addresses are judged after it and not before."""
    return list(dict.fromkeys(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
