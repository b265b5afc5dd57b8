"""`python -m daemon` is `fikad`."""

from daemon.entry import main

main()
