"""Calendars in files: a folder of .ics files (vdir), or one .ics file."""
