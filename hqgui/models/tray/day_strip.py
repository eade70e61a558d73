"""A machine's day as a strip: when the farm may use it, how long nobody touched it, and where now is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hqgui.words import translate
from hqserver.wire.availability import Rule, judge

DAY: Final = 1440
_NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class DayStrip:
    """Minutes after midnight, of today in the machine's own time."""

    farm: tuple[tuple[int, int], ...] = ()
    """When the farm may use it whatever its person does."""
    idle: tuple[int, int] | None = None
    """Since when nobody has touched it, where that makes it available."""
    now: int = 0

    @property
    def edges(self) -> tuple[int, ...]:
        """Where hours begin and end, to be written under the strip."""
        return tuple(sorted({edge for span in self.farm for edge in span}))


def strip_of(rules: Sequence[Rule], local: datetime, idle_minutes: int) -> DayStrip:
    """The day around a moment of the machine's local time."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    now = int((local - midnight).total_seconds() // 60)
    farm = tuple(_spans(rules, midnight))
    held = any(start <= now < end for start, end in farm)
    by_idleness = idle_minutes > 0 and not held and judge(rules, local, idle_minutes).now
    return DayStrip(farm, (max(now - idle_minutes, 0), now) if by_idleness else None, now)


def _spans(rules: Sequence[Rule], midnight: datetime) -> list[tuple[int, int]]:
    """Hours in which the rules hold without any idleness, walked from edge to edge."""
    spans: list[tuple[int, int]] = []
    at, end = midnight, midnight + timedelta(days=1)
    while at < end:
        found = judge(rules, at, _NEVER)
        until = min(found.until or end, end)
        if found.now:
            spans.append((_minute(at, midnight), _minute(until, midnight)))
        at = until
    return spans


def _minute(moment: datetime, midnight: datetime) -> int:
    return int((moment - midnight).total_seconds() // 60)


def rules_words(rules: Sequence[Rule]) -> str:
    """`Farm hours 19:00 to 08:00, or after 15m idle`."""
    active = [rule for rule in rules if rule.enabled]
    if not active:
        return translate("Tray", "The farm may use it at any time")
    hours = list(dict.fromkeys(_hours(rule) for rule in active if rule.idle_minutes < 0))
    idle = [rule for rule in active if rule.idle_minutes >= 0]
    if not hours:
        return translate("Tray", "The farm may use it {when}").replace("{when}", _after(idle))
    words = translate("Tray", "Farm hours {hours}").replace("{hours}", ", ".join(hours[:2]))
    return f"{words}, {translate('Tray', 'or')} {_after(idle)}" if idle else words


def _after(idle: Sequence[Rule]) -> str:
    least = min(rule.idle_minutes for rule in idle)
    return translate("Tray", "after {n}m idle").replace("{n}", str(least))


def _hours(rule: Rule) -> str:
    if rule.start == rule.end:
        return translate("Tray", "all day")
    return f"{clock(rule.start)} {translate('Tray', 'to')} {clock(rule.end)}"


def clock(minute: int) -> str:
    """`19:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def short_clock(minute: int) -> str:
    """`19`, `19:30`: for an axis."""
    return f"{minute // 60:02d}" if minute % 60 == 0 else clock(minute)
