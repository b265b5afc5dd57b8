"""How things stand now: the judgements, applied to what the ledger holds."""
