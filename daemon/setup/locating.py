"""From an e-mail address to the server that holds its calendars (RFC 6764).

Three things are tried in this order: what is known of the provider, the SRV records of the domain
with the TXT record beside them, and the domain itself, whose `/.well-known/caldav` may lead on.
Everything DNS says can be forged, and a
password goes where this points: so an address outside the domain that was asked for is marked as
not vouched for (section 8), and the caller asks before a password is sent there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from connectors.caldav.dialect import CALENDARS
from connectors.dav.origin import origin_of
from connectors.dav.probing import ProbeResult, probe
from connectors.google.auth import is_loopback
from daemon.setup.providers import is_within, provider_of_address, provider_of_host

_MOST_HOPS = 4


@dataclass(frozen=True, slots=True)
class SrvRecord:
    """One SRV record (RFC 2782)."""

    priority: int
    weight: int
    host: str
    port: int


class Resolver(Protocol):
    """What is asked of DNS. A name without records, or no answer, is an empty list."""

    def servers(self, name: str) -> Sequence[SrvRecord]:
        """The SRV records of a name."""
        ...

    def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name, each joined."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address at which the calendars may be."""

    url: str
    how: str
    """Where it is from, for the user."""
    vouched: bool
    """Whether nothing but the domain itself or a known provider leads there."""


def candidates(email: str, resolver: Resolver) -> Iterator[Candidate]:
    """Where the calendars of an address may be, the likeliest first; what is further down is asked
    for only when it is wanted."""
    domain = email.strip().lower().rpartition("@")[2]
    provider = provider_of_address(email)
    if provider is not None:
        if provider.url:
            yield Candidate(provider.url, f"known for {provider.name}", vouched=True)
        return
    for scheme, service in (("https", "_caldavs"), ("http", "_caldav")):
        path = _path(resolver.texts(f"{service}._tcp.{domain}"))
        for server in sorted(
            resolver.servers(f"{service}._tcp.{domain}"),
            key=lambda server: (server.priority, -server.weight),
        ):
            host = server.host.rstrip(".").lower()
            url = f"{scheme}://{host}{'' if server.port in (80, 443) else f':{server.port}'}{path}"
            # A target of "." says that the service is not there; plain http is for this machine
            # alone.
            if host and (scheme == "https" or is_loopback(url)):
                yield Candidate(url, f"DNS says so for {domain}", vouches_for(domain, url))
    yield Candidate(f"https://{domain}/", f"the domain {domain} itself", vouched=True)


def vouches_for(domain: str, url: str) -> bool:
    """Whether a mail domain speaks for a server: it is of the same domain, of a known provider, or
    this machine."""
    host = urlsplit(url).hostname or ""
    return is_within(host, domain) or is_loopback(url) or provider_of_host(url) is not None


def follow(candidate: Candidate) -> Candidate | ProbeResult:
    """The address that a candidate leads to in the end, or what was heard instead. Marks it as not
    vouched for where it was led out of its own domain."""
    domain = urlsplit(candidate.url).hostname or ""
    for _ in range(_MOST_HOPS):
        probed = probe(candidate.url, CALENDARS)
        if probed.kind == "there":
            return candidate
        if probed.kind == "nothing" or not _safe(probed.url):
            return ProbeResult(
                "nothing",
                message=probed.message or f"{candidate.url} leads to an address without https",
            )
        vouched = candidate.vouched and vouches_for(domain, probed.url)
        candidate = Candidate(probed.url, f"{candidate.how}, which leads there", vouched)
    return ProbeResult("nothing", message=f"{domain} leads in circles")


def _safe(url: str) -> bool:
    return origin_of(url)[0] == "https" or is_loopback(url)


def _path(texts: Sequence[str]) -> str:
    """The path that a TXT record names (RFC 6764 section 4)."""
    for text in texts:
        key, _, value = text.partition("=")
        if (
            key.strip().lower() == "path"
            and value.startswith("/")
            and value.isprintable()
            and " " not in value
        ):
            return value
    return "/"
