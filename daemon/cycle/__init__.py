"""One pass: read, judge, settle, plan, write."""
