"""The version of an agent's code: a hash of its files, which HQueue calls a client's `version`."""

from __future__ import annotations

import hashlib
from pathlib import Path


def code_hash(folder: Path) -> str:
    """Sixteen hexadecimal digits for the Python files below a folder; empty when there are none."""
    files = sorted(folder.rglob("*.py"))
    found = hashlib.sha256()
    for path in files:
        found.update(path.read_bytes())
    return found.hexdigest()[:16] if files else ""
