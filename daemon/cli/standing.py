"""What is known now of one contact, as JSON: in `status`, and after everything that is entered by
hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.cli.options import moment, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.config.schema import Config
    from daemon.ledger.ledger import Ledger
    from daemon.situation.situation import Situation


def contact_facts(key: str, config: Config, situation: Situation, now: datetime) -> dict[str, Any]:
    """One contact; times with the offset of the user's zone. `hold` is the one ahead, an accepted
    one included."""
    from daemon.holds.transition import as_json
    from daemon.practice.advice import advise

    standing = situation.standings[key]
    contact = standing.contact
    zone = config.zone
    hold = situation.hold_ahead(key)
    person = situation.records.get(key)
    return {
        "name": contact.name,
        "circle": contact.circle or None,
        "cadence_days": contact.cadence.days,
        "last_met": moment(standing.last_met, zone),
        "rule": standing.rule or None,
        "due": moment(standing.due, zone),
        "urgency": round(standing.urgency, 3),
        "next_booked": moment(standing.next_booked, zone),
        "snoozed_until": moment(standing.snoozed_until, zone),
        "resting_until": moment(standing.cooldown_until, zone),
        "hold": as_json(hold, zone) if hold else None,
        "waiting": standing.blocked.reason if standing.blocked else None,
        "waiting_code": standing.blocked.code if standing.blocked else None,
        "off": situation.off(key) or None,
        "note": (person.note if person else "") or None,
        "advice": advise(situation.fruitless(key), situation.ends(key), contact.cadence) or None,
        "source": "config",
    }


def print_standing(key: str, config: Config, ledger: Ledger, now: datetime) -> None:
    """What is known of one contact now, as one JSON document."""
    from daemon.situation.situation import read_situation

    print_json(contact_facts(key, config, read_situation(config, ledger, now), now))
