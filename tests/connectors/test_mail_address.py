"""What an e-mail address is."""

from __future__ import annotations

import pytest

from connectors.mail_address import is_mail, mail_address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("jane@example.com", "jane@example.com"),
        (" MAILTO:Jane@Example.com ", "jane@example.com"),
        ("sam@localhost", "sam@localhost"),
        ("jürgen@straße.example", "jürgen@straße.example"),
        ("Jane <jane@example.com>", ""),
        ("jane@example.com, sam@example.com", ""),
        ("jane@@example.com", ""),
        ("jane@", ""),
        ("ja\u202ene@example.com", ""),
        ("urn:uuid:1", ""),
        ("", ""),
    ],
)
def test_an_address_is_bare_and_in_lower_case_or_none(written: str, address: str) -> None:
    assert mail_address(written) == address
    assert is_mail(address) is bool(address)
