"""Calendars published at an address."""
