from __future__ import annotations

import pytest

from connectors.web.location import LocationError, is_address, location_of


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://cal.example.com/a/b.ics?k=1%2F2", "https://cal.example.com/a/b.ics?k=1%2F2"),
        (" webcal://cal.example.com/x.ics\n", "https://cal.example.com/x.ics"),
        ("WEBCALS://Cal.Example.com:8443/x", "https://cal.example.com:8443/x"),
        ("https://cal.example.com", "https://cal.example.com/"),
        ("https://kalender.müller.de/Bü ro.ics".replace(" ", "%20"),
         "https://kalender.xn--mller-kva.de/B%C3%BC%20ro.ics"),
        ("https://cal.example.com/x.ics#part", "https://cal.example.com/x.ics"),
        ("http://127.0.0.1:8085/x.ics", "http://127.0.0.1:8085/x.ics"),
        ("https://[2a00:1450::1]/x", "https://[2a00:1450::1]/x"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_its_publisher_writes_it(written: str, url: str) -> None:
    assert location_of(written).url == url


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("http://cal.example.com/s3cr3t.ics", "plain http"),
        ("https://sam:s3cr3t@cal.example.com/", "login"),
        ("s3cr3t", "not a web address"),
        ("ftp://cal.example.com/s3cr3t", "not a web address"),
        ("https:///s3cr3t", "not a web address"),
        ("https://cal.example.com:99999/s3cr3t", "not a web address"),
        ("https://cal.example.com/s3cr3t x", "not a web address"),
        ("https://cal.example.com/s3cr3t\r\nHost: evil", "not a web address"),
        ("https://[s3cr3t", "not a web address"),
        (f"https://{'s3cr3t' * 20}.example.com/", "not a web address"),
        ("", "not a web address"),
    ],
)
def test_what_is_none_is_said_without_being_quoted(written: str, why: str) -> None:
    with pytest.raises(LocationError, match=why) as refused:
        location_of(written)
    assert "s3cr3t" not in f"{refused.value} {refused.value.hint} {refused.value!r}"
    assert refused.value.__cause__ is None


def test_the_repr_tells_the_host_alone() -> None:
    assert "s3cr3t" not in repr(location_of("https://cal.example.com/s3cr3t?s3cr3t"))


@pytest.mark.parametrize(
    ("text", "address"),
    [("webcal://x/y", True), ("HTTPS://x", True), ("a/b.ics", False), ("c://x", False)],
)
def test_an_address_is_told_from_a_path(text: str, address: bool) -> None:
    assert is_address(text) is address
