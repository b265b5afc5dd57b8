"""What a trial of exported calendars found, as facts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from daemon.config.occasion_entries import built_in_occasions
from daemon.durations import iso_time
from daemon.overview.people import person_facts
from daemon.practice.trial import Trial


def trial_facts(trial: Trial) -> dict[str, Any]:
    """What was found as JSON; times with the offset of the calendar's zone."""
    zone = trial.export.zone
    return {
        "calendar": trial.export.name,
        "timezone": zone.key,
        "events": trial.export.events,
        "me": {
            "addresses": list(trial.me.addresses),
            "reason": trial.me.reason,
            "unsure": trial.me.unsure,
        },
        "languages": list(trial.languages),
        "people": [person_facts(person, zone) for person in trial.people],
        "gone_quiet": [person.name for person in trial.people if person.trend == "gone quiet"],
        "holds": [
            {
                "contact": proposal.contact.name,
                "start": iso_time(proposal.slot.start, zone),
                "end": iso_time(proposal.slot.end, zone),
                "title": hold_title(proposal.occasion, proposal.contact.name, trial.language),
                "reason": f"{proposal.reason} {proposal.slot_reason}",
            }
            for proposal in trial.plan.proposals
        ],
        "waiting": [
            {
                "contact": trial.names[waiting.contact_key],
                "code": waiting.code,
                "reason": waiting.reason,
            }
            for waiting in trial.plan.waiting
        ],
        "nearly_counted": [asdict(nearly) for nearly in trial.nearly],
        "problems": [
            {"uid": problem.uid, "reason": problem.reason} for problem in trial.export.problems
        ],
    }


def hold_title(occasion: str, name: str, language: str) -> str:
    """The title of a hold for a built-in occasion."""
    return built_in_occasions(language)[occasion].title.replace("{name}", name)
