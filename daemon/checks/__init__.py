"""What `fikad check` looks at."""
