"""Links that open a message which is ready to send: `mailto:` by RFC 6068, `sms:` by RFC 5724.

A link sends nothing. It is opened by a person, whose program shows what would be sent and to whom.
"""

from __future__ import annotations

import re
from urllib.parse import quote

LONGEST = 2000
"""Characters: longer links are cut off or refused by some programs (Windows passes on 2048)."""
_LINK = re.compile(r"(?:mailto|sms):[!-;=?-~]+", re.IGNORECASE)


def mail_link(address: str, subject: str, body: str) -> str:
    """A link to a mail to this address. Without the body where it would get too long; "" where it
    still is."""
    to = f"mailto:{quote(address, safe='@')}?subject={_encoded(subject)}"
    return _short(f"{to}&body={_encoded(body)}", to)


def sms_link(number: str, body: str) -> str:
    """A link to a text message to this number; the body goes first where it gets too long. The
    empty field before it is for Apple's programs, which want an "&"."""
    to = "sms:" + re.sub(r"[^+\d]", "", number)
    return _short(f"{to}?&body={_encoded(body)}", to)


def is_message_link(text: str) -> bool:
    """Whether a text is such a link and nothing else."""
    return _LINK.fullmatch(text) is not None


def _encoded(text: str) -> str:
    """A text in a link. Programs that find links in a text leave a full stop at the end out."""
    encoded = quote("\r\n".join(text.splitlines()), safe=",:")
    return f"{encoded[:-1]}%{ord(encoded[-1]):02X}" if encoded[-1:] in tuple(".,:") else encoded


def _short(*links: str) -> str:
    return next((link for link in links if len(link) <= LONGEST), "")
