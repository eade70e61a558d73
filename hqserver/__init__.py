"""The server of the farm: decides and remembers."""

__version__ = "0.1.0"
