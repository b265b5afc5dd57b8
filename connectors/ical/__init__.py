"""iCalendar (RFC 5545): texts into occurrences, in a child that can be killed, and holds into text
and back."""
