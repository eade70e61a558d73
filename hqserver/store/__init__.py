"""Memory: what the farm remembers, in a database. The only package that speaks SQL."""
