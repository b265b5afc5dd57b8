"""What is said of one occurrence and one contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from connectors.base import Occurrence

Rule: TypeAlias = Literal["", "attendee", "title", "hold"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An occurrence judged for one contact."""

    contact_key: str
    occurrence: Occurrence
    counted: bool
    rule: Rule = ""
    """The evidence of a meeting that counts; empty otherwise."""
    code: str = ""
    """The rule that failed (`all-day`, `declined`, …); empty for a meeting that counts."""
    reason: str = ""
    """Why it counts or not, as a sentence."""
    nearly: bool = False
    """It does not count for want of a word in its title or of my answer alone."""
