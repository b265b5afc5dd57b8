"""What `make` runs for those who work on fikad; none of it is installed with it."""
