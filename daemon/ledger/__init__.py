"""fikad's memory: SQLite, its migrations, its backups, its lock."""
