"""fikad: who you met, who is due, and which slot a coffee fits in. Knows nothing of wire
formats."""

__version__ = "0.1.0"
