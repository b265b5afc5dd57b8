"""What calendars and address books on WebDAV servers have in common."""
