"""CardDAV accounts (RFC 6352)."""
