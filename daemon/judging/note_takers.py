"""Who stands in guest lists and is nobody: programs that listen to meetings and take notes.

Domains whose every address is such a program, and single addresses where people share the domain.
The config adds to them (`not_people`)."""

from __future__ import annotations

from collections.abc import Iterable

NOTE_TAKERS = frozenset(
    {
        *(
            "airgram.io",
            "avoma.com",
            "bluedothq.com",
            "bot.fellow.app",
            "chorus.ai",
            "circleback.ai",
            "colibri.ai",
        ),
        *(
            "equaltime.io",
            "fathom.video",
            "fireflies.ai",
            "gong.io",
            "grain.co",
            "grain.com",
            "granola.ai",
        ),
        *(
            "jamie.ai",
            "krisp.ai",
            "laxis.com",
            "meetgeek.ai",
            "meetjamie.ai",
            "meetrecord.com",
            "nyota.ai",
            "otter.ai",
        ),
        *(
            "read.ai",
            "recall.ai",
            "sembly.ai",
            "spinach.io",
            "spinach.ai",
            "supernormal.com",
            "tactiq.io",
            "tldv.io",
        ),
        *(
            "vomo.ai",
            "jiminny.com",
            "modjo.ai",
            "notta.ai",
            "noota.io",
            "clari.com",
            "sybill.ai",
            "rewatch.com",
        ),
    }
)


def is_among(email: str, not_people: Iterable[str] = ()) -> bool:
    """Whether an address (lower case) is a note-taker's or one of `not_people` (addresses and
    domains, lower case); a domain has its subdomains with it."""
    domain = email.rpartition("@")[2] if "@" in email else ""
    names = {email, domain}
    while "." in domain:
        domain = domain.partition(".")[2]
        names.add(domain)
    return not names.isdisjoint(NOTE_TAKERS) or not names.isdisjoint(not_people)
