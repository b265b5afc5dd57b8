"""What a trial of exported calendars found, as facts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from daemon.config.schema import built_in_occasions
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
        "people": [person_facts(one, zone) for one in trial.people],
        "gone_quiet": [one.name for one in trial.people if one.trend == "gone quiet"],
        "holds": [
            {
                "contact": one.contact.name,
                "start": iso_time(one.slot.start, zone),
                "end": iso_time(one.slot.end, zone),
                "title": hold_title(one.occasion, one.contact.name, trial.language),
                "reason": f"{one.reason} {one.slot_reason}",
            }
            for one in trial.plan.proposals
        ],
        "waiting": [
            {"contact": trial.names[one.contact_key], "code": one.code, "reason": one.reason}
            for one in trial.plan.waiting
        ],
        "nearly_counted": [asdict(one) for one in trial.nearly],
        "problems": [{"uid": one.uid, "reason": one.reason} for one in trial.export.problems],
    }


def hold_title(occasion: str, name: str, language: str) -> str:
    """The title of a hold for a built-in occasion."""
    return built_in_occasions(language)[occasion].title.replace("{name}", name)
