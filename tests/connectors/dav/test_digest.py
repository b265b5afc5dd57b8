"""Digest: the examples of the RFCs, and the challenges that servers send."""

from __future__ import annotations

import re

import pytest

from connectors.dav.digest import Challenge, authorization, challenge_in

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CLIENT_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_is_answered_as_there(algorithm: str, response: str) -> None:
    challenge = challenge_in(RFC_7616.format(algorithm=algorithm))
    assert challenge is not None
    login = ("Mufasa", "Circle of Life")
    header = authorization(challenge, login, "GET", "/dir/index.html", 1, CLIENT_NONCE).decode()
    assert f'response="{response}"' in header
    assert re.search(rf"\balgorithm={algorithm}, ", header)
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in header
    assert "qop=auth, nc=00000001" in header


def test_a_server_of_rfc_2069_gets_no_count() -> None:
    """The erratum to the example of RFC 2069 (errata 749)."""
    challenge = challenge_in(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )
    assert challenge is not None
    login = ("Mufasa", "CircleOfLife")
    header = authorization(challenge, login, "GET", "/dir/index.html", 1, "x").decode()
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in header
    assert "nc=" not in header
    assert "cnonce" not in header


def test_the_strongest_of_several_challenges_is_answered() -> None:
    md5, sha = (RFC_7616.format(algorithm=algorithm) for algorithm in ("MD5", "SHA-256"))
    for header in (f"{md5}, {sha}", f'Negotiate, Basic realm="a, b", {sha}, {md5}'):
        challenge = challenge_in(header)
        assert challenge is not None
        assert challenge.algorithm == "SHA-256"


@pytest.mark.parametrize(
    "header",
    [
        "",
        'Basic realm="x"',
        "Digest",
        'Digest realm="x"',
        'Digest realm="x", nonce="y", algorithm=ROT13',
        'Digest realm="x", nonce="y", qop="auth-int"',
        'Negotiate YII=, Basic realm="x", nonce="y"',
        '"' * 1000,
    ],
)
def test_what_cannot_be_answered_is_no_challenge(header: str) -> None:
    assert challenge_in(header) is None


def test_names_with_quotes_and_umlauts_arrive_as_they_are() -> None:
    challenge = challenge_in(r'digest  REALM="say \"hi\"",nonce=abc')
    assert challenge == Challenge('say "hi"', "abc", qop=False)
    header = authorization(challenge, ('Jö"rg', "x"), "GET", "/", 1, "c").decode()
    assert r'username="Jö\"rg"' in header
    assert r'realm="say \"hi\""' in header
