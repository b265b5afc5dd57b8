"""From occurrences to standings: which were completed one-on-ones, and how long it has been."""
