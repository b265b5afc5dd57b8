"""What the codes of verdicts mean, in words that hold for every event that has them.

A verdict's own reason is closer to its event ("Three people besides you were on it"); this is what
is said of many events at once."""

from __future__ import annotations

from collections.abc import Mapping

COUNTED: Mapping[str, str] = {
    "attendee": "You and they were the only two on it.",
    "title": "Nobody else was invited, and the title speaks of meeting them.",
    "hold": "You accepted a suggestion of fikad's.",
    "manual": "You entered it by hand.",
}
"""By the rule by which an event counts (`manual`: no event at all)."""

NOT_COUNTED: Mapping[str, str] = {
    "all-day": "It lasts all day.",
    "not-ended": "It has not ended yet.",
    "too-short": "It is too short for a meeting.",
    "too-long": "It is too long for a meeting.",
    "cancelled": "It was cancelled.",
    "event-type": "It is not an ordinary event.",
    "declined": "You did not come.",
    "unanswered": "You did not say yes to it.",
    "not-mine": "You are not on it.",
    "guests-unknown": "Nobody can tell who was there.",
    "declined-by-them": "They did not come.",
    "not-one-to-one": "There were not exactly two of you.",
    "unknown-person": "The other person's address is not one of theirs in your config.",
    "nobody-named": "Nobody else was invited, and the title does not name them.",
    "several-named": "The title names more people than them.",
    "ambiguous-name": "The title could mean more than one contact.",
    "not-a-meeting-title": "The title speaks of something other than a meeting.",
    "no-meeting-word": "The title names them and does not say that you meet.",
    "hold": "It is a suggestion of fikad's that did not become a meeting with them.",
}
"""By the code of the rule that failed."""
