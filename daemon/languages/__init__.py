"""What fikad reads and writes in each language: one file a language, and no word of any in the
code."""
