"""Who is meant: contacts by e-mail address, by full name or alias in a title, and by first name
where that is safe.

An address identifies a person; a display name in a guest list never does, since anybody can write
it. A title is read only for events that nobody else was invited to (see
`daemon.people.title_reader` for how)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.address_book import YearlyDay
from daemon.languages.vocabulary import Vocabulary
from daemon.people.spellings import Names, name_words
from daemon.people.title_reader import Cause, Code, title_reader

CONFIG = "config"
"""`Contact.source` of somebody whom the config names."""

_TITLES_REMEMBERED = 20_000
"""A series has one title many times over, and every pass reads the same ones again."""


def joined(words: Sequence[str], link: str = "and") -> str:
    """A list as people write it: "Jane, Bob and Ann"; of more than four the rest is counted."""
    shown = list(words) if len(words) <= 4 else [*words[:3], f"{len(words) - 3} others"]
    return f" {link} ".join(([", ".join(shown[:-1])] if shown[:-1] else []) + shown[-1:])


@dataclass(frozen=True, slots=True)
class Contact:
    """A person in the config or in an address book, circle defaults filled in."""

    key: str
    """What identifies them in the ledger and in holds: the name, case and white space folded."""
    name: str
    cadence: timedelta
    """The longest you want to go without a one-on-one."""
    emails: frozenset[str] = frozenset()
    """Lower case."""
    aliases: tuple[str, ...] = ()
    circle: str = ""
    weight: float = 1.0
    occasions: tuple[str, ...] = ("coffee",)
    """Names of occasions, in order of preference."""
    paused: bool = False
    until: date | None = None
    """The day in the user's zone on which the pause is over; None: never, if they are paused."""
    tags: tuple[str, ...] = ()
    new: bool = False
    """Somebody to get to know."""
    kin: bool = False
    """Bears gaps better: urgency grows half as fast."""
    timezone: ZoneInfo | None = None
    """Where they live, if that is known."""
    birthday: YearlyDay | None = None
    source: str = CONFIG
    """Where they come from: the config, or the name of an address book in it."""
    dead: bool = False
    """Never suggested again, and named nowhere; still whom a title may mean."""
    phone: str = ""
    """As written, if one is known."""
    address: str = ""
    """The one of `emails` to which they are written: the first; empty where none is known."""
    free_busy: bool = False
    """Whether servers may be asked when they are busy."""

    def is_paused_on(self, day: date) -> bool:
        """Whether they are paused on a day of the user's zone."""
        return self.paused and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a title names."""

    code: Code
    """Empty: exactly one contact, and the title speaks of a meeting. Else what stands in the way.
    """
    contacts: tuple[Contact, ...]
    """Whom it names or may mean, in the order of the config; none only when it names nobody at all.
    """
    reason: str
    """`code` as a sentence; it quotes the config only, never the title."""
    nearly: bool = False
    """It lacks only a meeting word, or the rest of an ambiguous name."""


class ContactIndex:
    """All contacts, indexed by address and by name. Never changes once built; reading a title is
    remembered."""

    __slots__ = ("_by_email", "_by_key", "_order", "_reader", "contacts", "named", "vocabulary")

    def __init__(
        self,
        contacts: Iterable[Contact],
        *,
        vocabulary: Vocabulary,
        mine: Iterable[str] = (),
    ) -> None:
        """`vocabulary` are the words by which titles are read (`Config.vocabulary`). `mine` are the
        user's own
        addresses: the names in them are not taken for the surname of somebody else."""
        self.contacts = tuple(contacts)
        self.vocabulary = vocabulary
        self._by_key = {contact.key: contact for contact in self.contacts}
        self._order = {contact.key: index for index, contact in enumerate(self.contacts)}
        self._by_email: dict[str, Contact] = {}
        for contact in self.contacts:
            for email in contact.emails:
                self._by_email.setdefault(_address(email), contact)
        self._reader = title_reader(
            tuple(Names(contact.name, contact.aliases) for contact in self.contacts),
            vocabulary,
            frozenset(word for address in mine for word in name_words(address.partition("@")[0])),
        )
        self.named = lru_cache(_TITLES_REMEMBERED)(self._named)
        """Whom a title names (`Named`), by the rule for events that nobody else was invited to."""

    def by_email(self, email: str) -> Contact | None:
        """The contact with this address (case and `mailto:` don't matter); the first where two
        share one."""
        return self._by_email.get(email) or self._by_email.get(_address(email)) if email else None

    def by_key(self, key: str) -> Contact | None:
        """The contact whose `key` this is."""
        return self._by_key.get(key)

    def in_order(self, contacts: Iterable[Contact]) -> list[Contact]:
        """Contacts of this index in the order of the config."""
        return sorted(contacts, key=lambda contact: self._order[contact.key])

    def _named(self, title: str) -> Named:
        reading = self._reader.read(title)
        contacts = tuple(self.contacts[index] for index in reading.people)
        reason = self._sentence(reading.code, reading.cause, contacts)
        return Named(reading.code, contacts, reason, reading.lacks_only_a_word)

    def _sentence(self, code: Code, cause: Cause, contacts: tuple[Contact, ...]) -> str:
        names = [
            "somebody who is paused" if contact.paused else contact.name for contact in contacts
        ]
        match code:
            case "":
                return f"Only the title says who was there, and it names {joined(names)}."
            case "nobody-named" if cause == "surname":
                return (
                    "The title goes on after the first name, as if it meant somebody other than"
                    f" {joined(names, 'or')}."
                )
            case "nobody-named":
                return "Nobody else was invited, and the title names none of your contacts."
            case "several-named" if cause == "group":
                return f"The title speaks of a group, not of {joined(names)} alone."
            case "several-named" if cause == "others":
                return f"The title names somebody else beside {joined(names)}."
            case "several-named":
                return f"Nobody else was invited, and the title names {joined(names)}."
            case "ambiguous-name":
                return f"The name in the title could mean {joined(names, 'or')}."
            case "no-meeting-word" if cause == "verb":
                return (
                    f"The title says something that you do, but not that you meet {joined(names)}."
                )
            case "no-meeting-word" if cause == "about":
                return (
                    f"The title speaks of something for or about {joined(names)}, or at their"
                    " place."
                )
            case "no-meeting-word" if cause == "part":
                return (
                    f"The title goes on beside the name, so it may be about {joined(names)} and not"
                    " with them."
                )
            case "no-meeting-word":
                examples = self.vocabulary.meeting[:2]
                hint = f", such as {joined(examples, 'or')}" if examples else ""
                return (
                    f"The title names {joined(names)}, but has no word for a meeting beside the"
                    f" name{hint}."
                )
            case "not-a-meeting-title":
                return {
                    "question": "The title ends in a question mark, so nothing was settled yet.",
                    "possessive": (
                        f"The title speaks of something that belongs to {joined(names)}, not of a"
                        " meeting."
                    ),
                }.get(
                    cause,
                    "The title has a word for something that is not a meeting, such as a birthday"
                    " or a gift.",
                )


def _address(email: str) -> str:
    return email.strip().lower().removeprefix("mailto:")
