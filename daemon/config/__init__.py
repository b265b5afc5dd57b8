"""The config file: its schema, loading, and errors with file, line and column."""
