"""Who gets which slot.

Everybody whose standing is not blocked wants one slot of one of their occasions. Hard rules say
what may be: no more holds than a week, a day and the user's patience (`open`) bear, none within the
buffer of another, and no two evenings of drinks in a row. What is left is valued: growth of urgency
× the circle's weight × the balance of the practice (`balance`) × how well the slot fits (`fit`), a
little less on and beside days with other holds. The plan is the choice of people and slots together
that is worth the most (`assignment`). The same input gives the same plan.

A challenge for one circle adds places that only its people may take: they are given out when
everybody had their turn under the usual rhythm."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from daemon.judging.recency import Held, Standing, why_due, without_birthday
from daemon.people.contacts import Contact
from daemon.planning.capacity import Capacity, why_waiting
from daemon.planning.choice import Choice, DuePerson
from daemon.planning.fit import Asked, CandidateSlot, Fit, by_occasion
from daemon.planning.pace import Pace
from daemon.planning.request import Plan, PlanRequest, Proposal, Waiting
from daemon.planning.slot_choice import why_slot
from daemon.planning.slots import Slot
from daemon.reasons import Reason


def plan(request: PlanRequest) -> Plan:
    """New holds for those who are due, and for everybody else but the paused the reason why they
    wait."""
    return plan_by(request.fit, request)


def plan_by(fit: Fit, request: PlanRequest) -> Plan:
    """The same for whatever says how well a slot fits somebody."""
    choice = Choice(request, fit)
    rhythm, chosen, capacity = request.rhythm, choice.chosen, choice.capacity

    def beside(key: str, circle: str) -> Capacity:
        """What the caps and all other suggestions leave for one person."""
        new = (
            Held(
                other,
                it.candidate.slot.start,
                it.candidate.slot.end,
                "proposed",
                it.candidate.slot.occasion,
            )
            for other, it in chosen.items()
            if other != key
        )
        held = [*request.held, *new]
        return Capacity(rhythm, request.zone, request.now, held, capacity.pace, circle)

    proposals = [
        _proposal(person, choice, beside(key, person.contact.circle))
        for person in choice.asked
        if (key := person.contact.key) in chosen
    ]
    waiting = _waiting(choice.ordered, chosen, choice.candidates, capacity, choice.fit)
    return Plan(tuple(proposals), tuple(waiting))


def move_slot(contact: Contact, hold: Held, request: PlanRequest) -> tuple[Slot, Reason] | None:
    """Where a hold goes that cannot stay, and why there; None when no allowed slot is left.

    A slot of the same occasion always goes before one of another. The request's slots are those
    open without this hold; its `held` may contain it. `open` is not asked: a move adds no hold."""
    rhythm = request.rhythm
    others = [other for other in request.held if not _same(other, hold)]
    pace = Pace(rhythm, request.challenges)
    capacity = Capacity(rhythm, request.zone, request.now, others, pace, contact.circle)
    fit = request.fit
    candidates = by_occasion(request.slots, request.zone)
    for name in dict.fromkeys((hold.occasion, *contact.occasions)):
        allowed = [
            candidate
            for candidate in candidates.get(name, ())
            if capacity.refuses(candidate) is None
        ]
        fits = [
            (fit.of(Asked(contact), 0, candidate) * capacity.spread(candidate), candidate)
            for candidate in allowed
        ]
        best = min(
            (rated for rated in fits if rated[0]),
            key=lambda rated: (-rated[0], rated[1].slot.start),
            default=None,
        )
        if best:
            return best[1].slot, why_slot(best[1], candidates[name], contact, fit, capacity)
    return None


def _proposal(person: DuePerson, choice: Choice, beside: Capacity) -> Proposal:
    """`beside` is what the caps and all other suggestions leave for the person."""
    option = choice.chosen[person.contact.key]
    slot = option.candidate.slot
    return Proposal(
        contact=person.contact,
        slot=slot,
        occasion=slot.occasion,
        value=option.value,
        why=tuple(_why(person, choice)),
        why_slot=why_slot(
            option.candidate, choice.candidates[slot.occasion], person.contact, choice.fit, beside
        ),
    )


def _why(person: DuePerson, choice: Choice) -> Iterable[Reason]:
    """Why this person: how long it has been, and what else decided."""
    request, standing = choice.request, person.standing
    yield why_due(standing, request.now, request.zone)
    if person.emphasis.reason:
        yield person.emphasis.reason
    if standing.birthday and _decided_by_birthday(standing, choice):
        told = {"name": person.contact.name, "day": standing.birthday, "style": request.date_style}
        yield Reason("birthday", told)
    if person.first_steps and _decided_by_distance(person, choice):
        yield Reason("call-first", {"name": person.contact.name})


def _decided_by_birthday(standing: Standing, choice: Choice) -> bool:
    """Whether somebody who is chosen would not be if their birthday were not near."""
    request = choice.request
    plain = without_birthday(standing, request.now)
    if plain is None:
        return True
    others = (each for each in request.standings if each.contact.key != standing.contact.key)
    instead = Choice(replace(request, standings=(*others, plain)), choice.fit)
    return standing.contact.key not in instead.chosen


def _decided_by_distance(person: DuePerson, choice: Choice) -> bool:
    """Whether somebody is asked for a first step from afar who would else be asked for a
    journey."""
    key = person.contact.key
    if choice.chosen[key].candidate.slot.occasion not in person.first_steps:
        return False
    usual = Choice(choice.request, choice.fit, {key}).chosen.get(key)
    return usual is None or usual.candidate.slot.occasion not in person.first_steps


def _waiting(
    ordered: Iterable[Standing],
    chosen: Collection[str],
    candidates: Mapping[str, Sequence[CandidateSlot]],
    capacity: Capacity,
    fit: Fit,
) -> Iterable[Waiting]:
    """Why everybody else waits. The paused are named nowhere."""
    verdicts: dict[tuple[str, ...], Reason] = {}
    for standing in ordered:
        contact, blocked = standing.contact, standing.blocked
        if blocked:
            if blocked.code != "paused":
                yield Waiting(contact.key, blocked)
        elif contact.key not in chosen:
            why = _why_theirs(contact, candidates, capacity, fit)
            if why is None:
                if contact.occasions not in verdicts:
                    verdicts[contact.occasions] = why_waiting(
                        contact.occasions, candidates, capacity
                    )
                why = verdicts[contact.occasions]
            yield Waiting(contact.key, why)


def _why_theirs(
    contact: Contact,
    candidates: Mapping[str, Sequence[CandidateSlot]],
    capacity: Capacity,
    fit: Fit,
) -> Reason | None:
    """Why somebody gets nothing for reasons of their own; None where they have none."""
    wanted = [candidate for name in contact.occasions for candidate in candidates.get(name, ())]
    named = {"name": contact.name, "occasions": contact.occasions}
    if wanted and all(fit.asleep(contact, candidate.slot) for candidate in wanted):
        return Reason("no-slot", named, variant="asleep")
    if not any(fit.busy(contact, candidate.slot) for candidate in wanted):
        return None
    left = {
        name: [candidate for candidate in these if not fit.closed(contact, candidate.slot)]
        for name, these in candidates.items()
    }
    if not any(left.get(name) for name in contact.occasions):
        return Reason("they-are-busy", named)
    return why_waiting(contact.occasions, left, capacity)


def _same(hold: Held, other: Held) -> bool:
    return hold.uid == other.uid if hold.uid else hold == other
