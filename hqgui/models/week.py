"""A week to paint: for each half hour of each day, whether a client takes jobs, and the rules that say the same.

Pure. What holds at a moment is judged by `hqserver.wire.availability`, the very function that the server asks, so the
window and the server cannot disagree. A week is coarser than rules can be; `read_week` says when something was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, unique
from typing import Final, NamedTuple

from hqserver.wire.availability import LONGEST_IDLE, Rule, judge

DAYS: Final = 7
CELLS_A_DAY: Final = 48
CELLS: Final = DAYS * CELLS_A_DAY
CELL_MINUTES: Final = 30
USUAL_IDLE: Final = 20
"""Minutes of idleness that a new week proposes."""
_MINUTES_A_DAY: Final = CELLS_A_DAY * CELL_MINUTES
_MOST_WINDOWS: Final = 2 * CELLS_A_DAY
"""More windows than this are told half hour by half hour, which never takes more rules."""


@unique
class Paint(IntEnum):
    """What a half hour is painted with."""

    OFF = 0
    """No jobs."""
    ON = 1
    """Jobs, whatever its user does."""
    IDLE = 2
    """Jobs once its user has been idle for the week's minutes."""


@dataclass(frozen=True, slots=True)
class Week:
    """336 half hours from Monday 0:00 on, in the client's local time."""

    cells: tuple[Paint, ...]
    idle_minutes: int = USUAL_IDLE

    def at(self, day: int, cell: int) -> Paint:
        """What a half hour is painted with; Monday is 0."""
        return self.cells[day * CELLS_A_DAY + cell]

    def painted(self, cells: Iterable[tuple[int, int]], paint: Paint) -> Week:
        """The week with these (day, half hour) in another paint."""
        changed = list(self.cells)
        for day, cell in cells:
            changed[day * CELLS_A_DAY + cell] = paint
        return replace(self, cells=tuple(changed))

    def has(self, paint: Paint) -> bool:
        """Whether any half hour is painted so."""
        return paint in self.cells

    @property
    def never(self) -> bool:
        """Whether no half hour is left. Rules cannot say so: a client that never takes jobs is disabled."""
        return not self.has(Paint.ON) and not self.has(Paint.IDLE)


def filled(paint: Paint, idle_minutes: int = USUAL_IDLE) -> Week:
    """A week of one paint."""
    return Week((paint,) * CELLS, idle_minutes)


def with_idle(week: Week, minutes: int) -> Week:
    """The week with other minutes of idleness, kept within what rules take."""
    return replace(week, idle_minutes=min(max(minutes, 1), LONGEST_IDLE))


# From rules


class Reading(NamedTuple):
    """A week that was read from rules."""

    week: Week
    exact: bool
    """Whether the week says all that the rules say; else saving it changes what they mean."""


def read_week(rules: Sequence[Rule]) -> Reading:
    """The week that rules mean. Hours are cut to half hours, and one number of idle minutes stands for all."""
    active = [rule for rule in rules if rule.enabled]
    if not active:
        return Reading(filled(Paint.ON), exact=True)
    waits = sorted({rule.idle_minutes for rule in active if rule.idle_minutes >= 0})
    cells = [Paint.OFF] * CELLS
    for rule in sorted(active, key=lambda rule: rule.idle_minutes < 0):  # what needs no idleness is painted over
        paint = Paint.ON if rule.idle_minutes < 0 else Paint.IDLE
        for cell in _cells_of(rule):
            cells[cell] = paint
    exact = len(waits) <= 1 and 0 not in waits and all(_on_grid(rule) for rule in active)
    return Reading(Week(tuple(cells), max(waits[0], 1) if waits else USUAL_IDLE), exact)


def _on_grid(rule: Rule) -> bool:
    return rule.start % CELL_MINUTES == 0 and rule.end % CELL_MINUTES == 0


def _cells_of(rule: Rule) -> Iterator[int]:
    """The half hours in whose middle the rule holds."""
    length = (rule.end - rule.start) % _MINUTES_A_DAY or _MINUTES_A_DAY
    first = round(rule.start / CELL_MINUTES)
    last = max(first + 1, round((rule.start + length) / CELL_MINUTES))
    for day in rule.days or range(DAYS):
        for cell in range(first, min(last, first + CELLS_A_DAY)):
            yield (day * CELLS_A_DAY + cell) % CELLS


# To rules


class _Window(NamedTuple):
    """Hours of a day, in half hours; an end at or before the start is on the next day."""

    start: int
    end: int


def rules_of(week: Week) -> tuple[Rule, ...]:
    """Rules that mean this week, as few as a simple search finds; none for a week that is all on.

    Raises ValueError for a week without a half hour that is on: no rule means that.
    """
    if week.never:
        raise ValueError("a week without any hour has no rules: disable the client instead")
    if not week.has(Paint.OFF) and not week.has(Paint.IDLE):
        return ()
    found: list[Rule] = []
    for paint, idle in ((Paint.ON, -1), (Paint.IDLE, week.idle_minutes)):
        days_of = _windows(week, paint)
        if len(days_of) > _MOST_WINDOWS // 2:
            days_of = _slots(week, paint)
        found += [_rule(window, days, idle) for window, days in days_of.items()]
    return tuple(found)


def _rule(window: _Window, days: list[int], idle: int) -> Rule:
    start, end = window.start * CELL_MINUTES, window.end * CELL_MINUTES % _MINUTES_A_DAY
    every_day = len(days) == DAYS
    return Rule(days=() if every_day else tuple(sorted(days)), start=start, end=end, idle_minutes=idle)


def _windows(week: Week, paint: Paint) -> dict[_Window, list[int]]:
    """Unbroken hours and the days on which they begin. A night is one window, not two halves of it."""
    runs = [list(_runs(week, paint, day)) for day in range(DAYS)]
    for day in range(DAYS):
        following = runs[(day + 1) % DAYS]
        if not runs[day] or not following:
            continue
        evening, morning = runs[day][-1], following[0]
        whole = _Window(0, CELLS_A_DAY)
        meets = evening.end == CELLS_A_DAY and morning.start == 0 and morning.end <= evening.start
        if meets and evening.start > 0 and morning != whole:
            runs[day][-1] = _Window(evening.start, morning.end)
            runs[(day + 1) % DAYS] = following[1:]
    days_of: dict[_Window, list[int]] = {}
    for day, windows in enumerate(runs):
        for window in windows:
            days_of.setdefault(window, []).append(day)
    return days_of


def _runs(week: Week, paint: Paint, day: int) -> Iterator[_Window]:
    start = None
    for cell in range(CELLS_A_DAY + 1):
        here = cell < CELLS_A_DAY and week.at(day, cell) is paint
        if here and start is None:
            start = cell
        elif not here and start is not None:
            yield _Window(start, cell)
            start = None


def _slots(week: Week, paint: Paint) -> dict[_Window, list[int]]:
    """Each half hour as a window of its own: at most 48, however the week is painted."""
    found: dict[_Window, list[int]] = {}
    for cell in range(CELLS_A_DAY):
        days = [day for day in range(DAYS) if week.at(day, cell) is paint]
        if days:
            found[_Window(cell, cell + 1)] = days
    return found


# What applies


def holds(week: Week, local: datetime, idle_minutes: int) -> bool:
    """Whether a client with this week takes jobs at this local time; `idle_minutes` -1: nobody knows."""
    return False if week.never else judge(rules_of(week), local, idle_minutes).now


# Presets


def _hours(days: Iterable[int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Half hours of days; hours that end at or before their start pass midnight."""
    length = (last - first) % 24 or 24
    for day in days:
        for step in range(length * 2):
            cell = first * 2 + step
            yield (day + cell // CELLS_A_DAY) % DAYS, cell % CELLS_A_DAY


def nights() -> Week:
    """Every night from 19:00 to 8:00."""
    return filled(Paint.OFF).painted(_hours(range(DAYS), 19, 8), Paint.ON)


def weekends() -> Week:
    """Saturday and Sunday."""
    return filled(Paint.OFF).painted(_hours((5, 6), 0, 0), Paint.ON)


def nights_and_weekends() -> Week:
    """Nights, Saturday and Sunday."""
    return nights().painted(_hours((5, 6), 0, 0), Paint.ON)


def office_when_idle() -> Week:
    """Nights and weekends; in between when its user is idle."""
    free = nights_and_weekends()
    cells = tuple(Paint.IDLE if paint is Paint.OFF else paint for paint in free.cells)
    return Week(cells, free.idle_minutes)
