"""The life of a hold: its draft, its record, and one pure transition."""
