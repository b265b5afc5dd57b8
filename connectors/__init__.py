"""Calendars as fikad sees them: reading changes, and writing its own holds. Knows nothing of
contacts."""
