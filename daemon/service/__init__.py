"""The daemon: what is due, the processes that do it, signals, and what it tells."""
