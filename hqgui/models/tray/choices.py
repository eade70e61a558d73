"""What can be chosen in the tray's preferences."""

from __future__ import annotations

from dataclasses import dataclass, field

from hqgui.models.tray.keeping import Keep
from hqgui.models.tray.news import NewsKind


@dataclass(frozen=True, slots=True)
class TrayChoices:
    """What can be chosen. Times are minutes after midnight; equal ones: never quiet."""

    user: str = ""
    login: str = ""
    loud: frozenset[NewsKind] = field(default_factory=lambda: frozenset(NewsKind))
    quiet_from: int = 0
    quiet_to: int = 0
    keep: Keep = Keep.FOUR_HOURS
    theme: str = "system"
    panel: str = "system"
    starts: bool = False
