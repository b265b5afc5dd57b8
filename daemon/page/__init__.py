"""The page: how things stand, to be looked at. One HTML file that needs nothing else."""
