"""Who matters, from the calendar history alone."""
