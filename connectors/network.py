"""Which part of the network a host or an address is in: this machine, a private network, or the
world."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_PRIVATE_NAMES = (".local", ".home.arpa", ".internal")
"""Names that no public DNS knows (RFC 6762, RFC 8375, ICANN's reservation of 2024)."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that was ever given out (RFC 4291)."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""How a network without IPv4 reaches it (RFC 6052): the last four bytes are the real address."""
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


def on_this_machine(host: str) -> bool:
    """Whether a host, as written in a URL, is this machine by its very name or number."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def in_private_network(host: str) -> bool:
    """Whether a host, as written in a URL, is in a private network by its very name or number; not
    so this machine."""
    name = host.rstrip(".").lower()
    address = _address(name)
    if address is not None:
        return not is_public(address) and not address.is_loopback
    private_name = name.endswith(_PRIVATE_NAMES) or "." not in name
    return private_name and not on_this_machine(host)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the world: not to this machine, this link, a private or a
    provider's own network (RFC 6890, RFC 6598), in whatever way IPv6 wraps it."""
    return all(
        plain.is_global
        and not (plain.is_multicast or plain.is_reserved or plain.is_unspecified)
        and (plain.version == 4 or plain in _GLOBAL_UNICAST)
        for plain in _unwrapped(address)
    )


def _unwrapped(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The addresses that an address stands for; itself where it wraps none."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address in _LOCAL_NAT64:
        return [IPv4Address("0.0.0.0")]  # noqa: S104 - no address that anybody is bound to
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    return [address, *(address.teredo or ())]


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name.partition("%")[0])
    except ValueError:
        return None
