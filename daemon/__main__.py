"""`python -m daemon` is `fikad`."""

from daemon.cli import main

main()
