"""The demo: a believable person's calendars, a server of their own, and a story played on them."""
