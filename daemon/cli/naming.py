"""From what the user typed to the contact they mean."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from connectors.base import FikadError
from daemon.people.contacts import Contact
from daemon.people.folding import fold


class UnknownNameError(FikadError):
    """Nobody in the config, or more than one contact, goes by that name."""


def the_contact(contacts: Sequence[Contact], name: str) -> Contact:
    """The one contact meant by a full name, an alias, an address, or the beginning of a name. Raises
    UnknownNameError, naming those who come close."""
    wanted = fold(name)
    exact = [
        one
        for one in contacts
        if wanted in {fold(one.name), *map(fold, one.aliases)} or name.strip().lower() in one.emails
    ]
    found = exact or [one for one in contacts if wanted and f"{fold(one.name)} ".startswith(f"{wanted} ")]
    found = found or [one for one in contacts if wanted and fold(one.name).startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownNameError(f'"{name}" could be {_list(found)}: write the full name')
    close = difflib.get_close_matches(wanted, [fold(one.name) for one in contacts], n=3, cutoff=0.5)
    hint = [one for one in contacts if fold(one.name) in close]
    advice = f"did you mean {_list(hint)}?" if hint else "see `fikad status` for everybody in your config"
    raise UnknownNameError(f'nobody in your config is called "{name}": {advice}')


def _list(contacts: Sequence[Contact]) -> str:
    return " or ".join(f'"{one.name}"' for one in contacts[:5])
