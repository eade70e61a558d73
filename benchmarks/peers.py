"""Peers that a benchmark starts on loopback when they are installed."""

from __future__ import annotations

import sysconfig
from pathlib import Path


def hyperqueue() -> str | None:
    """The HyperQueue program of the `hyperqueue` distribution, if it is installed in this environment."""
    found = Path(sysconfig.get_path("scripts")) / "hq"
    return str(found) if found.exists() else None
