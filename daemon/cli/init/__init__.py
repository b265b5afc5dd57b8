"""`fikad init`: the questions, in the order in which they are asked."""
