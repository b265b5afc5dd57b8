"""What was nearly counted: events that fail only for want of a word in the title or of the user's
answer.

Precision comes first in judging, so some true meetings are lost. They are told, with what would
mend it, so that the user decides and no guess is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.people.contacts import joined

if TYPE_CHECKING:
    from daemon.judging.verdict import Verdict
    from daemon.people.contacts import Contact


@dataclass(frozen=True, slots=True)
class NearlyCounted:
    """The events that lack the same thing."""

    code: str
    """The rule that failed: `no-meeting-word`, `ambiguous-name` or `unanswered`."""
    events: int
    why: str
    """What they have and lack, as a sentence; it quotes the config only."""
    advice: str
    """What would mend it, as a sentence."""


def nearly_counted(
    verdicts: Iterable[Verdict], contacts: Mapping[str, Contact]
) -> tuple[NearlyCounted, ...]:
    """What of `verdicts` was nearly counted, the most frequent first.

    `contacts` are those of the config by key; who is paused is named nowhere, so their events are
    left out."""
    events: dict[str, set[tuple[object, ...]]] = {}
    people: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        contact = contacts.get(verdict.contact_key)
        if not verdict.nearly or contact is None or contact.paused:
            continue
        occurrence = verdict.occurrence
        events.setdefault(verdict.code, set()).add(
            (occurrence.uid or occurrence.title, occurrence.start)
        )
        people.setdefault(verdict.code, Counter())[contact.name] += 1
    told = [
        NearlyCounted(
            code,
            len(starts),
            *_told(code, len(starts), [name for name, _ in people[code].most_common()]),
        )
        for code, starts in events.items()
    ]
    return tuple(sorted(told, key=lambda advice: (-advice.events, advice.code)))


def _told(code: str, events: int, names: list[str]) -> tuple[str, str]:
    """Why, and what would mend it."""
    single = events == 1
    counted = f"{events} {'event was' if single else 'events were'} nearly counted"
    match code:
        case "unanswered":
            this = "this invitation" if single else "these invitations"
            return (
                f"{counted}: you never answered {this}, or only said maybe ({joined(names)}).",
                "Answer in the calendar, or set `count_unanswered = true` in [meetings].",
            )
        case "ambiguous-name":
            return (
                f"{counted}: the name in {'its title' if single else 'their titles'} could mean "
                f"{joined(names, 'or')}.",
                "Write the surname there, or give each of them an alias that you use.",
            )
    return (
        f"{counted}: {'its title names' if single else 'their titles name'} {joined(names)}, with "
        "no word for a meeting"
        " beside the name.",
        f'Write one there, as in "Coffee with {names[0]}", or add your own word to `words` in '
        "[meetings].",
    )
