"""From what the user typed to the contact they mean."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from connectors.errors import FikadError
from daemon.people.contacts import Contact
from daemon.people.folding import fold


class UnknownNameError(FikadError):
    """Nobody in the config, or more than one contact, goes by that name."""


def the_contact(contacts: Sequence[Contact], name: str) -> Contact:
    """The one contact meant by a full name, an alias, an address, or the beginning of a name.
    Raises UnknownNameError, naming those who come close; nobody who is paused is named there, or
    meant by a beginning that somebody else's name has, too."""
    wanted = fold(name)
    exact = [
        one
        for one in contacts
        if wanted in {fold(one.name), *map(fold, one.aliases)} or name.strip().lower() in one.emails
    ]
    found = exact or _beginning(contacts, f"{wanted} ") or _beginning(contacts, wanted)
    if len(found) == 1:
        return found[0]
    named = [one for one in contacts if not one.paused]
    if found:
        could = [one for one in found if not one.paused]
        told = (
            f"could be {_list(could)}"
            if len(could) > 1
            else "could be more than one of your contacts"
        )
        raise UnknownNameError(f'"{name}" {told}', "write the full name")
    close = difflib.get_close_matches(wanted, [fold(one.name) for one in named], n=3, cutoff=0.5)
    hint = [one for one in named if fold(one.name) in close]
    advice = (
        f"did you mean {_list(hint)}?"
        if hint
        else "see `fikad status` for everybody in your config"
    )
    raise UnknownNameError(f'nobody in your config is called "{name}"', advice)


def _beginning(contacts: Sequence[Contact], wanted: str) -> list[Contact]:
    """Those whose name begins so; of them the paused only when there is nobody else."""
    found = [one for one in contacts if wanted.strip() and f"{fold(one.name)} ".startswith(wanted)]
    return [one for one in found if not one.paused] or found


def _list(contacts: Sequence[Contact]) -> str:
    return " or ".join(f'"{one.name}"' for one in contacts[:5])
