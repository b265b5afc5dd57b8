"""Google accounts (Calendar API v3)."""
