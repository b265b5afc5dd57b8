"""What is known now of one contact: in `status`, and after everything that is entered by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from daemon.config.schema import Config
from daemon.durations import iso_time
from daemon.holds.record import as_json
from daemon.ledger.ledger import Ledger
from daemon.practice.advice import advise
from daemon.reasons import in_words
from daemon.situation.assessing import read_situation
from daemon.situation.situation import Situation


def facts_of_contact(key: str, config: Config, ledger: Ledger, now: datetime) -> dict[str, Any]:
    """One contact as the ledger knows them now."""
    return contact_facts(key, config, read_situation(config, ledger, now), now)


def contact_facts(key: str, config: Config, situation: Situation, now: datetime) -> dict[str, Any]:
    """One contact; times with the offset of the user's zone. `hold` is the one ahead, an accepted
    one included."""
    standing = situation.standings[key]
    contact = standing.contact
    zone = config.zone
    hold = situation.hold_ahead(key)
    person = situation.records.get(key)
    return {
        "name": contact.name,
        "circle": contact.circle or None,
        "cadence_days": contact.cadence.days,
        "last_met": iso_time(standing.last_met, zone),
        "rule": standing.rule or None,
        "due": iso_time(standing.due, zone),
        "urgency": round(standing.urgency, 3),
        "next_booked": iso_time(standing.next_booked, zone),
        "snoozed_until": iso_time(standing.snoozed_until, zone),
        "resting_until": iso_time(standing.cooldown_until, zone),
        "birthday": standing.birthday.isoformat() if standing.birthday else None,
        "hold": as_json(hold, zone, contact.name) if hold else None,
        "waiting": in_words(standing.blocked) if standing.blocked else None,
        "waiting_code": standing.blocked.code if standing.blocked else None,
        "off": situation.off(key) or None,
        "note": (person.note if person else "") or None,
        "advice": advise(situation.fruitless(key), situation.ends(key), contact.cadence) or None,
        "source": contact.source,
    }
