"""CalDAV accounts (RFC 4791)."""
