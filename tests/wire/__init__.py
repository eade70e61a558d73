"""The contract's own files: bytes, rules of the door, values."""
