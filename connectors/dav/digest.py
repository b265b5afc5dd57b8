"""Digest authentication (RFC 7616): proving a password without sending it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_WORD = r"[\w!#$%&'*+.^`|~-]+"
_PARAMETER = re.compile(
    rf'\s*(?:({_WORD})\s+)?({_WORD})\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)\s*(?:,|$)|\s*[^,]*(?:,|$)'
)
"""A parameter of a challenge, before the first of which its scheme stands; or anything else up to
the next comma."""
_BEST_FIRST = ("sha-512-256", "sha-256", "md5")
_HASHES = {"sha-512-256": "sha512_256", "sha-256": "sha256", "md5": "md5"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server wants hashed."""

    realm: str
    nonce: str
    algorithm: str = ""
    """As the server wrote it; empty where it named none, which is MD5."""
    opaque: str | None = None
    qop: bool = True
    """Whether the answer counts its uses (`qop=auth`); not so by RFC 2069."""

    @property
    def _family(self) -> str:
        return self.algorithm.lower().removesuffix("-sess") or "md5"

    @property
    def understood(self) -> bool:
        return _HASHES.get(self._family) in hashlib.algorithms_available

    @property
    def rank(self) -> int:
        """The smaller the better, of those that are understood."""
        return _BEST_FIRST.index(self._family)

    @property
    def hashed(self) -> Callable[[str], str]:
        """The algorithm, as a function from text to hexadecimal digits."""
        name = _HASHES[self._family]
        return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    @property
    def by_session(self) -> bool:
        return self.algorithm.lower().endswith("-sess")


def challenge_in(header: str) -> Challenge | None:
    """The best challenge of a WWW-Authenticate header that can be answered; None where there is
    none."""
    challenges: list[dict[str, str]] = []
    scheme = ""
    for found in _PARAMETER.finditer(header):
        new_scheme, name, value = found.groups()
        if name is None:
            continue
        if new_scheme:
            scheme = new_scheme.lower()
            if scheme == "digest":
                challenges.append({})
        if scheme == "digest" and challenges:
            challenges[-1][name.lower()] = _unquoted(value)
    understood = [each for said in challenges if (each := _challenge(said)) is not None]
    return min(understood, key=lambda each: each.rank, default=None)


def _challenge(said: Mapping[str, str]) -> Challenge | None:
    if "realm" not in said or "nonce" not in said:
        return None
    offered = {word.strip().lower() for word in said.get("qop", "").split(",")} - {""}
    if offered and "auth" not in offered:
        return None  # auth-int alone, which hashes the body: no calendar server asks for it
    challenge = Challenge(
        said["realm"], said["nonce"], said.get("algorithm", ""), said.get("opaque"), bool(offered)
    )
    return challenge if challenge.understood else None


def authorization(
    challenge: Challenge,
    login: tuple[str, str],
    method: str,
    target: str,
    count: int,
    client_nonce: str,
) -> bytes:
    """The Authorization header that answers a challenge (RFC 7616 section 3.4). `login` is name and
    password, `target` what stands in the request line, `count` how often the nonce was used, this
    time included."""
    hashed, (username, password) = challenge.hashed, login
    secret = hashed(f"{username}:{challenge.realm}:{password}")
    if challenge.by_session:
        secret = hashed(f"{secret}:{challenge.nonce}:{client_nonce}")
    counted = f":{count:08x}:{client_nonce}:auth" if challenge.qop else ""
    response = hashed(f"{secret}:{challenge.nonce}{counted}:{hashed(f'{method}:{target}')}")
    parts = [
        f"username={_quoted(username)}",
        f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}",
        f"uri={_quoted(target)}",
        f'response="{response}"',
    ]
    if challenge.algorithm:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque is not None:
        parts.append(f"opaque={_quoted(challenge.opaque)}")
    if challenge.qop:
        parts += ["qop=auth", f"nc={count:08x}"]
    if challenge.qop or challenge.by_session:
        parts.append(f'cnonce="{client_nonce}"')
    return f"Digest {', '.join(parts)}".encode()


def new_nonce() -> str:
    """A client's nonce: never the same again."""
    return secrets.token_hex(16)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
