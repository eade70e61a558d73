"""When a client is available: rules by time of day and by idleness, and what they say at a moment.

Pure and of the wire, so that server, agent and windows judge alike. All times are the client's own local time, naive;
idleness is in minutes, -1 when nobody knows.

A client is available if any enabled rule is true. A rule is true within its hours on its days, once its user has been
idle for its minutes. Hours that end at or before their start pass midnight and belong to the day on which they begin;
equal ones are the whole day. Disabled rules are as if they were not there, and without rules a client is always
available.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from hqserver.wire import values
from hqserver.wire.faults import BadValue, Code, shown

MOST_RULES: Final = 100
LONGEST_IDLE: Final = 10_080
"""Minutes: a week."""
_DAY: Final = timedelta(days=1)
_DAYS_AHEAD: Final = 8
_MINUTES_A_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Rule:
    """One availability rule. Without anything: always true."""

    enabled: bool = True
    days: tuple[int, ...] = ()
    """0 is Monday; empty: every day."""
    start: int = 0
    """Minutes after midnight."""
    end: int = 0
    """Minutes after midnight; at or before `start`: on the next day."""
    idle_minutes: int = -1
    """Least idleness; -1: none is asked for."""

    def as_struct(self) -> dict[str, Any]:
        """As scripts see it."""
        start, end = divmod(self.start, 60), divmod(self.end, 60)
        return {
            "enabled": self.enabled,
            "days": list(self.days),
            "startHour": start[0],
            "startMinute": start[1],
            "endHour": end[0],
            "endMinute": end[1],
            "idleMinutes": self.idle_minutes,
        }


class Availability(NamedTuple):
    """What rules say at a moment."""

    now: bool
    until: datetime | None
    """Local time at which `now` changes if idleness stays as it is; None: not within a week."""
    missing_idle: int | None
    """Further idle minutes that would make an unavailable client available at once; None: idleness alone does not."""


ALWAYS: Final = Availability(now=True, until=None, missing_idle=None)


def judge(rules: Sequence[Rule], local: datetime, idle_minutes: int) -> Availability:
    """What the rules say at this local time, after so many minutes of idleness."""
    active = [rule for rule in rules if rule.enabled]
    if not active:
        return ALWAYS
    now = _holds(active, local, idle_minutes)
    edges = sorted({edge for rule in active for window in _windows(rule, local) for edge in window if edge > local})
    until = next((edge for edge in edges if _holds(active, edge, idle_minutes) is not now), None)
    return Availability(now, until, None if now else _missing_idle(active, local, idle_minutes))


def _holds(rules: Sequence[Rule], local: datetime, idle_minutes: int) -> bool:
    return any(_within_hours(rule, local) and idle_minutes >= rule.idle_minutes for rule in rules)


def _missing_idle(rules: Sequence[Rule], local: datetime, idle_minutes: int) -> int | None:
    """Unknown idleness counts as none."""
    wanted = [rule.idle_minutes for rule in rules if _within_hours(rule, local)]
    return min(wanted) - max(idle_minutes, 0) if wanted else None


def _within_hours(rule: Rule, local: datetime) -> bool:
    return any(start <= local < end for start, end in _windows(rule, local, days_ahead=1))


def _windows(rule: Rule, local: datetime, days_ahead: int = _DAYS_AHEAD) -> Iterator[tuple[datetime, datetime]]:
    """The rule's hours from yesterday on, which may reach into today."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    length = (rule.end - rule.start) % _MINUTES_A_DAY or _MINUTES_A_DAY
    for offset in range(-1, days_ahead):
        day = midnight + offset * _DAY
        if not rule.days or day.weekday() in rule.days:
            start = day + timedelta(minutes=rule.start)
            yield start, start + timedelta(minutes=length)


def read_rules(value: object, path: str) -> tuple[Rule, ...]:
    """Rules as a script sent them. Raises BadValue."""
    items = values.list_of_any(value, path, "structs")
    if len(items) > MOST_RULES:
        raise BadValue(path, f"has {len(items)} rules. At most {MOST_RULES} are taken.", Code.TOO_LARGE)
    return tuple(_read_rule(item, f"{path}[{index}]") for index, item in enumerate(items))


_KEYS: Final = frozenset(Rule().as_struct())


def _read_rule(value: object, path: str) -> Rule:
    if not isinstance(value, dict):
        raise BadValue(path, f"must be a struct of {', '.join(sorted(_KEYS))}, got {shown(value)}")
    unknown = sorted(map(str, value.keys() - _KEYS))
    if unknown:
        raise BadValue(path, f"has the unknown key {unknown[0][:60]!r}; known are {', '.join(sorted(_KEYS))}")

    def whole(name: str, default: int, least: int, most: int) -> int:
        given = value.get(name)
        return default if given is None else values.whole_number(given, f"{path}.{name}", least, most)

    enabled, days = value.get("enabled"), value.get("days")
    return Rule(
        enabled=True if enabled is None else values.boolean(enabled, f"{path}.enabled"),
        days=() if days is None else _days(days, f"{path}.days"),
        start=_minutes(path, "start", whole("startHour", 0, 0, 24), whole("startMinute", 0, 0, 59)),
        end=_minutes(path, "end", whole("endHour", 0, 0, 24), whole("endMinute", 0, 0, 59)),
        idle_minutes=whole("idleMinutes", -1, -1, LONGEST_IDLE),
    )


def _minutes(path: str, which: str, hour: int, minute: int) -> int:
    """24:00 is the midnight at a day's end."""
    total = hour * 60 + minute
    if total > _MINUTES_A_DAY:
        raise BadValue(f"{path}.{which}Minute", f"must be 0 when {which}Hour is 24, got {minute}")
    return total % _MINUTES_A_DAY


def _days(value: object, path: str) -> tuple[int, ...]:
    items = values.list_of_any(value, path, "days")
    return tuple(sorted({values.whole_number(item, f"{path}[{index}]", 0, 6) for index, item in enumerate(items)}))
