"""Who is asked, and when: what is open, who fits where, and the best choice of both together."""
