"""The documented API as scripts use it, and every way in which it can be misused."""
