"""The names that fikad itself gives to properties and parameters in calendar texts.

The seal stands in the holds that it writes; the others only in the texts that its connector to
Google renders, and are believed in those alone."""

from __future__ import annotations

from typing import Final

SEAL: Final = "X-FIKAD-SEAL"
"""A short hash over a hold as it was written."""
WITHDRAWN: Final = "X-FIKAD-WITHDRAWN"
"""`:TRUE` in the text of a deleted hold, where a server keeps those: fikad itself took it back."""

EVENT_KIND: Final = "X-FIKAD-EVENT-KIND"
"""`:focus`, `:out-of-office`, `:birthday` or `:working-location`: what kind of event a server says
it is."""
BIRTHDAY_OF: Final = "X-FIKAD-BIRTHDAY-OF"
"""`:people/c123`: whose birthday the event is, by the UID of their card. Believed only in texts
that a connector of ours wrote."""
ANNIVERSARY_OF: Final = "X-FIKAD-ANNIVERSARY-OF"
"""The same for their anniversary."""
GUESTS_HIDDEN: Final = "X-FIKAD-GUESTS-HIDDEN"
"""`:TRUE`: guests may not see who else comes."""
GUESTS_OMITTED: Final = "X-FIKAD-GUESTS-OMITTED"
"""`:TRUE`: the server left guests out of the list."""

SELF: Final = "X-FIKAD-SELF"
"""`=TRUE` on ATTENDEE or ORGANIZER: the server itself says that this row is the account's owner.
Believed only in texts that a connector of ours wrote."""
EXTRA_GUESTS: Final = "X-FIKAD-EXTRA-GUESTS"
"""`=2`: unnamed people this guest brings."""
