"""What was read of a book as texts, as cards."""

from __future__ import annotations

from connectors.address_book import CardChanges, StoredCard
from connectors.base import Changes, Problem
from connectors.sanitize import sanitize
from connectors.vcard.card import UnfitCardError, only_card


def card_changes(changes: Changes) -> CardChanges:
    """One batch of texts as a batch of cards. A card that cannot be read is a problem, and what was
    known under its href stays; one without a UID is named by its href."""
    cards, problems = list[StoredCard](), list(changes.problems)
    for resource in changes.changed:
        name = sanitize(resource.href.rpartition("/")[2]).removesuffix(".vcf")
        try:
            card = only_card(resource.text, name)
        except UnfitCardError as error:
            problems.append(Problem(uid=name, reason=str(error)))
            continue
        cards.append(StoredCard(resource.href, resource.etag, card))
    return CardChanges(tuple(cards), changes.removed, changes.token, changes.last, tuple(problems))
