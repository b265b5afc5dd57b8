"""What fikad costs, beside what somebody would use instead. See docs/bench.md."""
