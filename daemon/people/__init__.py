"""Who is meant: contacts by address, and by name in a title."""
