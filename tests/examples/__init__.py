"""The example jobs and the demonstration."""
