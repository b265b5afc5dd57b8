"""A poll that asks before it loads: whether there is news, and whether anything is due."""
