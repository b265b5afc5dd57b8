from __future__ import annotations

from ipaddress import ip_address

import pytest

from connectors.network import in_private_network, is_public, on_this_machine


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"),
        *("10.0.0.1", "172.16.3.4", "192.168.1.1", "::ffff:192.168.1.1", "fd00::1"),
        *("169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fec0::1"),
        *("100.64.0.1", "::ffff:100.64.0.1", "64:ff9b::100.64.0.1", "64:ff9b::10.0.0.1"),
        *("64:ff9b:1::8.8.8.8", "2002:7f00:1::1", "2002:c0a8:101::", "2001:0:1:2:3:4:5:6"),
        *("224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "2001:db8::1"),
        "::127.0.0.1",
    ],
)
def test_what_is_not_of_the_world_is_told_in_every_wrapping(number: str) -> None:
    assert not is_public(ip_address(number))


@pytest.mark.parametrize(
    "number",
    ["8.8.8.8", "::ffff:8.8.8.8", "2a00:1450:4001:81b::200e", "64:ff9b::8.8.8.8", "100.128.0.1"],
)
def test_what_is_of_the_world_is(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    ("host", "here", "private"),
    [
        ("localhost", True, False),
        ("LOCALHOST.", True, False),
        ("fikad.localhost", True, False),
        ("127.0.0.2", True, False),
        ("::1", True, False),
        ("nas", False, True),
        ("nas.local", False, True),
        ("cloud.home.arpa", False, True),
        ("192.168.1.5", False, True),
        ("fe80::1%eth0", False, True),
        ("calendar.google.com", False, False),
        ("localhost.example.com", False, False),
        ("8.8.8.8", False, False),
    ],
)
def test_where_a_host_is_by_its_name(host: str, here: bool, private: bool) -> None:
    assert (on_this_machine(host), in_private_network(host)) == (here, private)
