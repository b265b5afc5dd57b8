"""A file of cards, as address books export it, for whoever wants to be compared with it once.

The file may hold anything; each card is read by itself, and one that cannot be read is counted and
left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.address_book import Card
from connectors.errors import FikadError
from connectors.vcard.card import UnfitCardError, card_of
from connectors.vcard.lines import bodies

_MOST_BYTES = 64 * 2**20


class VCardError(FikadError):
    """The file is no vCard file, or cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Cards:
    """What a file holds."""

    cards: tuple[Card, ...]
    broken: int
    """How many cards could not be read."""


def read_cards(path: Path) -> Cards:
    """The people in a vCard file (2.1 to 4.0). Raises VCardError when there is none that could be
    read."""
    try:
        if not path.is_file():
            raise VCardError(
                f"{path} is not a file", "export your contacts as vCard (.vcf) and name that file"
            )
        if path.stat().st_size > _MOST_BYTES:
            raise VCardError(
                f"{path} is larger than {_MOST_BYTES // 2**20} MB", "export it without pictures"
            )
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise VCardError(
            f"{path} cannot be read ({error.strerror or error})", "check its permissions"
        ) from None
    cards = parse_cards(text)
    if not cards.cards and not cards.broken:
        raise VCardError(
            f"{path} holds no vCard", "export your contacts as vCard (.vcf) and name that file"
        )
    return cards


def parse_cards(text: str) -> Cards:
    """The people in a text of vCards. Groups, and cards named by an address, are left out; broken
    ones are counted."""
    cards, broken = list[Card](), 0
    for number, body in enumerate(bodies(text)):
        try:
            if body is None:
                raise UnfitCardError("it was cut off")
            card = card_of(body, str(number))
        except UnfitCardError:
            broken += 1
            continue
        if not card.is_group and "@" not in card.name:
            cards.append(card)
    return Cards(tuple(cards), broken)
