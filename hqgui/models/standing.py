"""How a client stands: whether it takes jobs now, why, until when, and what comes then. Pure.

Rules are judged as the server judges them (`hqserver.wire.availability`), by the client's own local time, which is the
server's time and the offset that its agent reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from hqgui.models import formats
from hqgui.models.client_store import Client
from hqgui.words import counted, translate
from hqserver.wire.availability import LONGEST_IDLE, Rule, judge, read_rules
from hqserver.wire.clients import Override
from hqserver.wire.faults import BadValue
from hqserver.wire.statuses import ClientStatus


class Standing(NamedTuple):
    """What is said of a client's availability."""

    takes_jobs: bool
    now: str
    """`Takes jobs`, or why not: `Outside its hours`."""
    then: str = ""
    """`until 19:00`, or what would change it."""

    @property
    def text(self) -> str:
        """Both in one line."""
        return f"{self.now} {self.then}".strip()


def rules_of_row(row: Mapping[str, Any]) -> tuple[Rule, ...] | None:
    """The rules of a client; None for rules in words that this program does not know."""
    try:
        return read_rules([dict(rule) for rule in row["availabilityRules"] or ()], "availabilityRules")
    except (BadValue, TypeError, ValueError):
        return None


def local_time(row: Client, now: float) -> datetime:
    """The time at the client, naive; `now` is the server's, seconds since the epoch."""
    there = datetime.fromtimestamp(now, UTC) + timedelta(minutes=row["utcOffset"] or 0)
    return there.replace(tzinfo=None)


def moment(at: datetime, now: datetime) -> str:
    """`19:00` today, `tomorrow 08:00`, `Mon 08:00`: local times of one client."""
    days = (at.date() - now.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return translate("Standing", "tomorrow {time}").replace("{time}", f"{at:%H:%M}")
    names = translate("Formats", "Mon Tue Wed Thu Fri Sat Sun").split()
    return f"{names[at.weekday()]} {at:%H:%M}"


def standing(row: Client, now: float) -> Standing:
    """How a client stands at a moment, seconds since the epoch by the server's clock."""
    for look in _REASONS:
        found = look(row, now)
        if found is not None:
            return found
    return _by_rules(row, now)


def _offline(row: Client, now: float) -> Standing | None:
    if row["status"] != ClientStatus.OFFLINE:
        return None
    last = row["lastHeartbeat"]
    then = "" if last is None else _said("last heard of {ago}", ago=formats.ago(max(0.0, now - last)))
    return Standing(takes_jobs=False, now=translate("Standing", "Offline,"), then=then)


def _disabled(row: Client, _now: float) -> Standing | None:
    if not row["disabled"]:
        return None
    why = formats.one_line(row["outOfService"])
    words = translate("Standing", "Taken out of service:") if why else translate("Standing", "Disabled")
    return Standing(takes_jobs=False, now=words, then=why or translate("Standing", "until somebody enables it"))


def _leaving(row: Client, _now: float) -> Standing | None:
    if not row["draining"]:
        return None
    jobs = len(row["runningJobs"])
    one, many = translate("Standing", "when {n} job is done"), translate("Standing", "when {n} jobs are done")
    return Standing(takes_jobs=False, now=translate("Standing", "Leaves"), then=counted(jobs, one, many))


def _overridden(row: Client, now: float) -> Standing | None:
    mode, until = row["override"], row["overrideUntil"]
    known = {
        Override.MINE: translate("Standing", "Its user wants it"),
        Override.DRAIN: translate("Standing", "Drained: no new jobs"),
        Override.OPEN: translate("Standing", "Opened, takes jobs whatever its hours"),
    }
    words = known.get(mode, "")
    if not words:
        return None
    takes_jobs = mode == Override.OPEN
    if until is None:
        return Standing(takes_jobs, now=words, then=translate("Standing", "until that is taken back"))
    there = local_time(row, now)
    at = local_time(row, until)
    return Standing(takes_jobs, now=words, then=_said("until {time}", time=moment(at, there)))


_REASONS: Final[tuple[Callable[[Client, float], Standing | None], ...]] = (
    _offline,
    _disabled,
    _leaving,
    _overridden,
)


def _by_rules(row: Client, now: float) -> Standing:
    rules = rules_of_row(row)
    if rules is None:
        words = translate("Standing", "Takes jobs") if row["available"] else translate("Standing", "Takes no jobs")
        return Standing(bool(row["available"]), words, translate("Standing", "(its rules cannot be read here)"))
    return by_rules(rules, local_time(row, now), row["idleTime"])


def by_rules(rules: Iterable[Rule], local: datetime, idle_minutes: int) -> Standing:
    """What rules alone say at a local time."""
    known = tuple(rules)
    if not any(rule.enabled for rule in known):
        return Standing(takes_jobs=True, now=translate("Standing", "Takes jobs"), then=translate("Standing", "always"))
    found = judge(known, local, idle_minutes)
    if found.now:
        then = "" if found.until is None else _said("until {time}", time=moment(found.until, local))
        if not judge(known, local, -1).now:
            then = f"{then} {translate('Standing', 'while its user stays away')}".strip()
        return Standing(takes_jobs=True, now=translate("Standing", "Takes jobs"), then=then)
    if found.missing_idle is None:  # hours in which idleness is enough are hours too
        found = found._replace(until=_hours_until(known, local))
    return Standing(takes_jobs=False, now=_why(known, local, idle_minutes), then=_until_it_may(found, local))


def _hours_until(rules: tuple[Rule, ...], local: datetime) -> datetime | None:
    """When hours begin or end next, of jobs whatever its user does or of jobs when idle."""
    ends = [judge(rules, local, idle).until for idle in (-1, LONGEST_IDLE)]
    return min((end for end in ends if end is not None), default=None)


def _why(rules: tuple[Rule, ...], local: datetime, idle_minutes: int) -> str:
    if judge(rules, local, idle_minutes).missing_idle is not None:
        return translate("Standing", "Its user is at work:")
    return translate("Standing", "Outside its hours")


def _until_it_may(found: Any, local: datetime) -> str:
    parts = []
    if found.missing_idle is not None:
        one = translate("Standing", "takes jobs after {n} more minute without input")
        many = translate("Standing", "takes jobs after {n} more minutes without input")
        parts.append(counted(max(found.missing_idle, 1), one, many))
    if found.until is not None:
        words = "or from {time}" if parts else "until {time}"
        parts.append(_said(words, time=moment(found.until, local)))
    return ", ".join(parts)


def _said(words: str, **values: str) -> str:
    known = {
        "last heard of {ago}": translate("Standing", "last heard of {ago}"),
        "until {time}": translate("Standing", "until {time}"),
        "or from {time}": translate("Standing", "or from {time}"),
    }
    return known[words].format(**values)


def next_change(rules: Iterable[Rule], local: datetime, idle_minutes: int) -> str:
    """What the hours say after the next change: `Then no jobs until tomorrow 19:00`; empty when nothing changes."""
    known = tuple(rules)
    if not any(rule.enabled for rule in known):
        return ""
    now = judge(known, local, idle_minutes)
    outside = not now.now and now.missing_idle is None
    first = _hours_until(known, local) if outside else now.until
    if first is None:
        return ""
    words, second = _after(known, first, idle_minutes)
    return words if second is None else f"{words} {_said('until {time}', time=moment(second, local))}"


def _after(rules: tuple[Rule, ...], at: datetime, idle_minutes: int) -> tuple[str, datetime | None]:
    """What holds from a change on, and until when."""
    if judge(rules, at, -1).now:
        return translate("Standing", "Then jobs"), judge(rules, at, idle_minutes).until
    if judge(rules, at, LONGEST_IDLE).now:
        return translate("Standing", "Then jobs when its user is away,"), _hours_until(rules, at)
    return translate("Standing", "Then no jobs"), _hours_until(rules, at)
