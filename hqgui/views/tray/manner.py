"""As what the tray's popup stands on the desktop."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Manner(StrEnum):
    """The manners."""

    POPUP = "popup"
    PINNED = "pinned"
    WINDOW = "window"
    """Where the desktop has no tray."""
