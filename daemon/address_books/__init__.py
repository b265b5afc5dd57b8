"""Where people are kept: read into the ledger, and joined with the contacts of the config."""
