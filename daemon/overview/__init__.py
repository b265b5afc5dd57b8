"""What the commands tell, as facts: gathered here, shown by `daemon.cli`."""
