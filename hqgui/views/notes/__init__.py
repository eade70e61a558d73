"""Notes as they are seen: threads in a list, one thread with its composer, and what it is about beside it."""
