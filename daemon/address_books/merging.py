"""From the cards of address books and the entries of the config to the contacts.

Only people with a label that makes a circle become contacts. Somebody in a book and in the config
is one person: what the config says wins, key by key, and addresses and other names add up. Who is
dead stays, so that an old title still names them, and is neither suggested nor named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from connectors.address_book import Card, labels_by_uid
from daemon.address_books.matching import Doubt, LabelledCard, Person, match
from daemon.bad_value import BadValue
from daemon.config.schema import Config, ContactEntry
from daemon.config.values import folded, parse_zone
from daemon.people.contacts import CONFIG, Contact


@dataclass(frozen=True, slots=True)
class Merged:
    """The contacts of the config and of the address books."""

    contacts: tuple[Contact, ...]
    """Those of the config first, then those of each address book in turn."""
    identities: Mapping[str, str]
    """By the UID of every card that stands for a contact: the contact's key."""
    people: Mapping[str, frozenset[str]]
    """By address book of the config: the keys of the living who have a label there that makes a
    circle."""
    doubts: tuple[Doubt, ...] = ()


def merge(
    config: Config,
    cards: Mapping[str, Sequence[Sequence[Card]]],
    identities: Mapping[str, str],
    mine: Collection[str] = (),
) -> Merged:
    """`cards` are those of each book of each address book, by its name in the config; `mine` the
    user's own addresses (lower case): a card with one of them is the user's. `identities` is what
    is known of the cards until now."""
    own = {*mine, *config.me}
    books = [
        labelled(name, config.addressbooks[name].circles, book, own)
        for name, books in cards.items()
        for book in books
    ]
    people, doubts = match(config.contacts, books, identities)
    wanted, taken = _by_key(people, identities)
    doubts += taken
    emails, shared = _addresses(wanted)
    doubts += shared
    contacts = tuple(_contact(key, person, emails[key], config) for key, person in wanted.items())
    now = {card.card.uid: key for key, person in wanted.items() for card in person.cards}
    return Merged(contacts, now, _labelled_keys(wanted, config), tuple(doubts))


def labelled(
    address_book: str, circles: Mapping[str, str], cards: Iterable[Card], mine: Collection[str]
) -> list[LabelledCard]:
    """The people of one book who have a name, without the user, each with the circle that the first
    of the mapped labels makes of them."""
    everybody = tuple(cards)
    labels = labels_by_uid(everybody)

    def circle(card: Card) -> str:
        borne = {folded(label) for label in labels[card.uid]}
        return next((made for label, made in circles.items() if folded(label) in borne), "")

    return [
        LabelledCard(card, address_book, circle(card))
        for card in everybody
        if not card.is_group and card.name.strip() and not set(mine).intersection(card.emails)
    ]


def renamed(before: Mapping[str, str], now: Merged) -> dict[str, str]:
    """The new key by the old one, of everybody who is called otherwise than `before` (contact keys
    by the UID of a card) and whose old key is nobody else's. Where a name goes to somebody else in
    the place of somebody who is no contact any more, what is recorded for these is put aside."""
    kept = {key for uid, key in now.identities.items() if before.get(uid) == key}
    kept.update(contact.key for contact in now.contacts if contact.source == CONFIG)
    changed: dict[str, str] = {}
    for uid, key in now.identities.items():
        old = before.get(uid, key)
        if old != key and old not in kept:
            changed.setdefault(old, key)
    for uid, key in before.items():
        if uid not in now.identities and key in changed.values() and key not in {*kept, *changed}:
            changed[key] = folded(f"{key} {uid}")
    return changed


def _labelled_keys(people: Mapping[str, Person], config: Config) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(
            key
            for key, person in people.items()
            if not person.is_dead
            and any(card.address_book == name and card.circle for card in person.cards)
        )
        for name in config.addressbooks
    }


def _by_key(
    people: Iterable[Person], identities: Mapping[str, str]
) -> tuple[dict[str, Person], list[Doubt]]:
    """The contacts by key: the name. The second of one name is told from the first by the card's
    UID, for as long as that name is theirs: what is recorded for one is never the other's."""
    wanted: dict[str, Person] = {}
    doubts = []
    for person in people:
        if not person.is_contact:
            continue
        key = folded(person.name)
        if person.cards and person.entry is None:
            uid = person.cards[0].card.uid
            longer = folded(f"{person.name} {uid}")
            if key in wanted:
                doubts.append(Doubt("name-taken", person.cards[0].address_book, person.name))
            if key in wanted or identities.get(uid) == longer:
                key = longer
        wanted.setdefault(key, person)
    return wanted, doubts


def _addresses(people: Mapping[str, Person]) -> tuple[dict[str, tuple[str, ...]], list[Doubt]]:
    """The addresses of each, as far as they are theirs alone: what the config gives to one is no
    other's, and what several cards have is nobody's."""
    given = {
        email: key
        for key, person in people.items()
        if person.entry
        for email in person.entry.emails
    }
    having = defaultdict[str, list[str]](list)
    for key, person in people.items():
        for email in person.emails:
            having[email].append(key)
    shared = {email for email, keys in having.items() if len(keys) > 1 and email not in given}

    def of(key: str, person: Person) -> tuple[str, ...]:
        known = [*(person.entry.emails if person.entry else ())]
        known += (email for card in person.cards for email in card.card.emails)
        return tuple(
            email
            for email in dict.fromkeys(known)
            if email not in shared and given.get(email, key) == key
        )

    doubts = [
        Doubt("shared-address", people[having[email][0]].cards[0].address_book, email)
        for email in sorted(shared)
    ]
    return {key: of(key, person) for key, person in people.items()}, doubts


def _contact(key: str, person: Person, emails: tuple[str, ...], config: Config) -> Contact:
    entry = person.entry or ContactEntry.model_construct(name=person.name)
    told: dict[str, object] = {"emails": emails, "aliases": tuple(_aliases(person, entry))}
    for name, value in _facts(person):
        if name not in entry.model_fields_set:
            told.setdefault(name, value)
    contact = config.contact(entry.model_copy(update=told))
    first = min(person.cards, key=lambda card: not card.circle, default=None)
    return replace(
        contact,
        key=key,
        source=CONFIG if person.entry or first is None else first.address_book,
        paused=contact.paused or person.is_dead,
        until=None if person.is_dead else contact.until,
        dead=person.is_dead,
    )


def _aliases(person: Person, entry: ContactEntry) -> Iterator[str]:
    """Every other name, each once."""
    seen = {folded(entry.name)}
    cards = [name for card in person.cards for name in (card.card.name, *card.card.aliases)]
    for name in (*entry.aliases, *cards):
        if name.strip() and folded(name) not in seen:
            seen.add(folded(name))
            yield name


def _facts(person: Person) -> Iterator[tuple[str, object]]:
    """What the cards say, by key of the config; of several values the first."""
    for labelled_card in sorted(person.cards, key=lambda card: not card.circle):
        card = labelled_card.card
        if labelled_card.circle:
            yield "circle", labelled_card.circle
        if zone := _zone(card.timezone):
            yield "timezone", zone
        if card.birthday:
            yield "birthday", card.birthday
        if card.phones:
            yield "phone", card.phones[0]


def _zone(name: str) -> ZoneInfo | None:
    try:
        return parse_zone(name) if name else None
    except BadValue:
        return None
