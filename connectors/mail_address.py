"""What an e-mail address is, wherever one is read: in the config, a guest list, an address book.

The question is never whether mail could be delivered, but whether two texts name the same person.
So a company's internal address counts, and what a server made up stops no reading (decision
0010)."""

from __future__ import annotations

import re
from typing import Final

PATTERN: Final = r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+"
"""For a pattern of which an address is a part."""

_ADDRESS = re.compile(PATTERN)


def is_mail(address: str) -> bool:
    """Whether a text, in lower case and without `mailto:`, is an address that mail goes to."""
    return _ADDRESS.fullmatch(address) is not None


def mail_address(written: str) -> str:
    """The bare address that somebody wrote, in lower case, `mailto:` taken off; empty for what is
    none."""
    address = written.strip().lower().removeprefix("mailto:")
    return address if is_mail(address) and address.isprintable() else ""
