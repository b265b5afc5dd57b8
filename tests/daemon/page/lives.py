"""Lives to look at on the page, made without a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from connectors.base import Attendee, Occurrence
from daemon.config.schema import Config
from daemon.holds.draft import HoldPlan, Wording, draft, hold_uid
from daemon.holds.record import Hold, State, begin
from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.ledger.decisions import ContactRecord
from daemon.people.contacts import Contact
from daemon.situation.assessing import assess
from daemon.situation.known import Known
from daemon.situation.past import ToldMeetings
from daemon.situation.situation import Situation
from daemon.situation.verdicts import Judged
from tests.daemon.situations import judge
from tests.daemon.world import ME, config, person

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday."""
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
CIRCLES = {
    "council": {"cadence": "4 weeks", "share": 0.5},
    "friends": {"cadence": "8 weeks", "share": 0.3},
    "wider": {"cadence": "6 months"},
}
NAMES = (
    "Jane Doe", "Omar Haddad", "Priya Nair", "Lee Chen", "Rose-Lynn Carter", "Tomás Ortega",
    "Klaus Weber", "Amira Said", "Noor Rahman", "佐藤 さくら",
    "Maximilian-Alexander Freiherr zu Löwenstein",
)  # fmt: skip
HOSTILE = (
    "<script>document.title='run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "{{ 7 * 7 }}{% raw %}",
    "javascript:document.title='run'",
    "</style></title><svg onload=\"document.title='run'\">",
)


def life_config(names: Sequence[str] = NAMES, **tables: Any) -> Config:
    """These people, in three circles in turn."""
    circles = tuple(CIRCLES)
    contacts = [
        person(name, circle=circles[place % 3], emails=[f"p{place}@example.com"])
        | ({"birthday": f"12-{place % 20 + 1:02}"} if place % 4 == 0 else {})
        for place, name in enumerate(names)
    ]
    given = {
        "circles": CIRCLES,
        "contacts": contacts,
        "occasions": {"coffee": {}, "lunch": {}},
        "rhythm": {"per_week": 3, "open": 5},
    }
    return config(**(given | tables))


def life(
    settings: Config, meetings: int = 120, holds: int = 40, *, seed: int = 1, title: str = "Coffee"
) -> Situation:
    """A year with these people: so many meetings and holds, spread as it happens."""
    draw, people = Random(seed), [*settings.people]
    counted = sorted(
        _meetings(people, meetings, draw, title), key=lambda each: each.occurrence.start
    )
    known = Known(
        contacts={contact.key: contact for contact in people},
        judge=judge(settings, NOW, frozenset({ME})),
        judged=Judged("", None, NOW),
        occurrences=(),
        past=ToldMeetings(
            [
                Met(each.contact_key, each.occurrence.start, each.occurrence.end, each.rule)
                for each in counted
            ],
            counted,
        ),
        records={contact.key: ContactRecord(NOW - 60 * WEEK) for contact in people},
        holds=sorted(_holds(people, holds, draw), key=lambda hold: hold.created_at),
    )
    return assess(settings, known, NOW)


def _meetings(people: Sequence[Contact], count: int, draw: Random, title: str) -> Iterator[Verdict]:
    for number in range(count if people else 0):
        # The later in the list, the more seldom, and the longer ago.
        place = min(int(draw.expovariate(4 / len(people))), len(people) - 1)
        contact = people[place]
        gone = 90 * DAY if place % 5 == 3 else DAY
        start = NOW - gone - draw.random() * 363 * DAY
        start = start.replace(hour=draw.choice((8, 9, 9, 11, 11, 14)), minute=30)
        guest = Attendee(contact.address, answer="accepted")
        event = Occurrence(
            f"met-{number}", start, start + DAY / 24, title,
            organizer=Attendee(draw.choice((ME, contact.address))), attendees=(guest,),
        )  # fmt: skip
        yield Verdict(contact.key, event, counted=True, rule="attendee")


def _holds(people: Sequence[Contact], count: int, draw: Random) -> Iterator[Hold]:
    states: tuple[State, ...] = ("accepted", "missed", "dismissed", "lapsed", "withdrawn")
    occasion = life_config().offered["coffee"]
    for number in range(count if people else 0):
        contact = people[number % len(people)]
        start = (NOW - draw.random() * 360 * DAY).replace(hour=9, minute=0)
        yield _hold(contact, occasion, number, start, draw.choice(states))
    for number, contact in enumerate(people[:3]):
        state: State = "accepted" if number == 1 else "proposed"
        yield _hold(contact, occasion, 10_000 + number, NOW + (number + 2) * 2 * DAY, state)


def _hold(contact: Contact, occasion: Any, number: int, start: datetime, state: State) -> Hold:
    uid = hold_uid(contact.key, None, number)
    plan = HoldPlan(uid, contact, occasion, start, start + DAY / 32)
    written = draft(plan, Wording(zone=life_config().zone))
    made = min(start - 5 * DAY, NOW - DAY)
    begun = begin(written, contact, account="home", calendar="Coffee", now=made)
    decided = None if state == "proposed" else min(start, NOW)
    return replace(begun, state=state, intent=None, occasion="coffee", decided_at=decided)
