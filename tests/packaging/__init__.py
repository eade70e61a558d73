"""What is built and installed, as somebody else gets it."""
