"""What the tray's icon says: one of four states, how many quarters are full, and a line for the tooltip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from hqgui.models import formats
from hqgui.words import counted, translate

QUARTERS: Final = 4
_LONGEST_LINE: Final = 120


@unique
class IconState(StrEnum):
    """The states; each has a shape of its own."""

    IDLE = "idle"
    """Nothing of mine is unfinished."""
    WORKING = "working"
    ATTENTION = "attention"
    """Something of mine failed or somebody wrote me, and I have not looked yet."""
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Icon:
    """What is drawn."""

    state: IconState
    quarters: int = 0
    """Full ones, clockwise from the top left; of WORKING and ATTENTION."""


@dataclass(frozen=True, slots=True)
class Mine:
    """My unfinished jobs in numbers."""

    unfinished: int = 0
    progress: float = 0.0
    """0 to 1 over all of them."""
    eta: float = -1.0
    """Seconds until the last of them should be done; -1: cannot be said."""
    failed: int = 0
    """Frames that failed in jobs that were not looked at."""


def icon_of(online: bool, unread: int, mine: Mine) -> Icon:
    """The icon. Work that has begun shows a full quarter, so that it never looks like none."""
    if not online:
        return Icon(IconState.OFFLINE)
    quarters = 0
    if mine.unfinished:
        quarters = min(max(math.ceil(mine.progress * QUARTERS), 1), QUARTERS)
    if unread:
        return Icon(IconState.ATTENTION, quarters)
    return Icon(IconState.WORKING, quarters) if mine.unfinished else Icon(IconState.IDLE)


def tooltip_of(farm: str, connection: str, mine: Mine, unread: int, machine: str) -> str:
    """One line: `northlight: 3 jobs, 62%, about 3h 50m left. In use by the farm.`"""
    farm = formats.one_line(farm, 40)
    if connection:
        return formats.one_line(f"{farm}: {connection}", _LONGEST_LINE)
    parts = []
    if mine.unfinished:
        parts.append(counted(mine.unfinished, translate("Tray", "{n} job"), translate("Tray", "{n} jobs")))
        parts.append(formats.percent(mine.progress, done=False))
        if mine.eta >= 0:
            left = formats.rough_duration(mine.eta)
            parts.append(translate("Tray", "about {time} left").replace("{time}", left))
    else:
        parts.append(translate("Tray", "nothing of yours is queued"))
    if unread:
        parts.append(counted(unread, translate("Tray", "{n} unread"), translate("Tray", "{n} unread")))
    line = f"{farm}: {', '.join(parts)}"
    return formats.one_line(f"{line}. {machine}." if machine else f"{line}.", _LONGEST_LINE)
