"""What can be wrong with a store, in words for the administrator."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be opened or read. The text says what and what to do."""
