"""This machine in the farm: what it is doing, for whom, and what its person can do about it.

Facts come from two sides: the farm's row of the client, and the agent here, which is asked over its own socket and also
knows while the server is away. Where both speak, the agent is nearer to the truth about what runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum, unique
from typing import Any

from hqgui.models import formats
from hqgui.models.tray.day_strip import DayStrip, rules_words, strip_of
from hqgui.models.tray.keeping import until_words
from hqgui.words import counted, translate
from hqserver.wire.availability import Rule, judge, read_rules
from hqserver.wire.clients import CLOSED, Override
from hqserver.wire.faults import BadValue
from hqserver.wire.statuses import ClientStatus


@unique
class MachineState(StrEnum):
    """What the popup says first."""

    AVAILABLE = "available"
    IN_USE = "in use"
    MINE = "mine"
    LEAVING = "leaving"
    """Taken back after what it runs now."""
    OFF_HOURS = "off hours"
    DISABLED = "disabled"
    AWAY = "away"
    """The farm knows this machine, but its agent does not run."""
    STRANGER = "stranger"
    """No client of this farm."""
    UNKNOWN = "unknown"
    """The server is away and no agent here can be asked."""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """What runs here."""

    id: int
    name: str
    owner: str = ""
    progress: float = -1.0
    """0 to 1; -1: not known."""
    left: float = -1.0
    """Seconds; -1: not known."""
    since: float | None = None
    """Seconds since the epoch."""
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Agent:
    """What an agent on this machine said of itself."""

    name: str = ""
    connected: bool = False
    override: Override = Override.NONE
    until: float | None = None
    jobs: tuple[RunningJob, ...] = ()
    client: int = 0
    server: str = ""
    """The address of the server for which it works."""
    elsewhere: str = ""
    """Name of its farm, where that is another one than the farm that is shown."""


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """All that is known."""

    host: str
    online: bool
    """The farm's rows are fresh."""
    rows: tuple[Mapping[str, Any], ...] = ()
    """Clients of this host, as the client store keeps them."""
    agents: tuple[Agent, ...] = ()
    running: tuple[RunningJob, ...] = ()
    """As far as the farm says more of them than their ids."""


@dataclass(frozen=True, slots=True)
class RunningLine:
    """A line for something that runs here."""

    id: int
    name: str
    owner: str
    progress: float
    percent: str
    left: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What is shown of this machine."""

    state: MachineState
    title: str
    detail: str
    glyph: str = ""
    on: bool = False
    """The big switch: whether the farm may use it, now or by its rules."""
    can_switch: bool = False
    strip: DayStrip | None = None
    rules: str = ""
    can_change: bool = False
    running: tuple[RunningLine, ...] = ()
    can_take_back: bool = False
    leaving: bool = False
    """It is taken back after this frame already."""
    loss: str = ""
    """What taking it back now would lose."""
    can_keep: bool = False
    """Mine for an hour and so on can be said."""
    kept: bool = False
    """It is mine, and can be given back."""

    @property
    def short(self) -> str:
        """For a tooltip; empty where it does not matter."""
        return "" if self.state in (MachineState.STRANGER, MachineState.UNKNOWN) else self.title


_LABEL: Mapping[MachineState, str] = {
    MachineState.AVAILABLE: "client-available",
    MachineState.IN_USE: "client-busy",
    MachineState.MINE: "client-onhold",
    MachineState.LEAVING: "client-onhold",
    MachineState.OFF_HOURS: "client-unavailable",
    MachineState.DISABLED: "client-disabled",
    MachineState.AWAY: "client-offline",
}


def machine_of(facts: MachineFacts, now: float, zone: tzinfo | None = None) -> Machine:
    """What is shown; `now` is the server's time, the zone this machine's own (None: the system's)."""
    rules = _rules(facts.rows)
    local = _local(now, zone)
    idle = max((int(row["idleTime"]) for row in facts.rows), default=-1)
    override, until = _override(facts)
    running = _running(facts)
    state = _state(facts, override, bool(running), override is Override.OPEN or judge(rules, local, idle).now)
    known = state not in (MachineState.STRANGER, MachineState.UNKNOWN)
    reachable = known and state not in (MachineState.AWAY, MachineState.DISABLED)
    kept = reachable and override in CLOSED
    lines = tuple(_line(job, now) for job in running)
    return Machine(
        state=state,
        title=_title(state, len(running), until, rules, local, now, zone),
        detail=_detail(facts, state, running, idle, now, zone),
        glyph=_LABEL.get(state, ""),
        on=state in (MachineState.AVAILABLE, MachineState.IN_USE, MachineState.OFF_HOURS),
        can_switch=reachable,
        strip=strip_of(rules, local, idle) if known and rules else None,
        rules=_rules_words(override, until, rules, now, zone) if known and facts.rows else "",
        can_change=facts.online and bool(facts.rows),
        running=lines,
        can_take_back=reachable and bool(lines),
        leaving=state is MachineState.LEAVING,
        loss=_loss(running, now),
        can_keep=reachable,
        kept=kept,
    )


def rules_of(row: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The availability rules of a client's row; none where they cannot be read."""
    try:
        return read_rules([dict(rule) for rule in row.get("availabilityRules") or ()], "availabilityRules")
    except (BadValue, TypeError, ValueError):
        return ()


def _rules(rows: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    return rules_of(rows[0]) if rows else ()


def _override(facts: MachineFacts) -> tuple[Override, float | None]:
    """What was said last over the rules: of several agents here, what keeps the machine longest, else what opens it."""
    said: list[tuple[Override, float | None]] = [(agent.override, agent.until) for agent in facts.agents]
    if not said:
        said = [(_as_override(row.get("override")), row.get("overrideUntil")) for row in facts.rows]
    given = [one for one in said if one[0] is not Override.NONE]
    if not given:
        return Override.NONE, None
    return max(given, key=lambda one: (one[0] in CLOSED, one[1] is None, one[1] or 0.0))


def _rules_words(
    override: Override, until: float | None, rules: Sequence[Rule], now: float, zone: tzinfo | None
) -> str:
    """The schedule in words, or that somebody opened the machine in spite of it."""
    if override is not Override.OPEN:
        return rules_words(rules)
    if until is None:
        return translate("Tray", "Open to the farm whatever the schedule says")
    words = translate("Tray", "Open to the farm until {time}, whatever the schedule says")
    return words.replace("{time}", formats.when(int(until), now, zone))


def _as_override(word: object) -> Override:
    return next((mode for mode in Override if mode == word), Override.NONE)


def _running(facts: MachineFacts) -> list[RunningJob]:
    """What runs here, with what each side knows of it."""
    told = {job.id: job for job in facts.running}
    if not facts.agents:
        ids = dict.fromkeys(job for row in facts.rows for job in row["runningJobs"])
        return [told.get(job) or RunningJob(job, f"#{job}") for job in ids]
    found = []
    for at, job in ((agent, job) for agent in facts.agents for job in agent.jobs):
        farm = None if at.elsewhere else told.get(job.id)  # of another farm the same number is another job
        found.append(
            job
            if farm is None
            else RunningJob(
                job.id,
                farm.name,
                farm.owner or job.owner,
                max(job.progress, farm.progress),
                farm.left,
                job.since if job.since is not None else farm.since,
                job.stopped,
            )
        )
    return found


def _state(facts: MachineFacts, override: Override, running: bool, hours: bool) -> MachineState:
    here = bool(facts.agents)
    statuses = {str(row["status"]) for row in facts.rows} if facts.online else set()
    if not here and not facts.rows:
        return MachineState.STRANGER if facts.online else MachineState.UNKNOWN
    if not here and not facts.online:
        return MachineState.UNKNOWN
    if not here and statuses == {ClientStatus.OFFLINE}:
        return MachineState.AWAY
    if facts.online and facts.rows and all(row["disabled"] for row in facts.rows):
        return MachineState.DISABLED
    if override in CLOSED:
        return MachineState.LEAVING if running else MachineState.MINE
    if running:
        return MachineState.IN_USE
    return MachineState.AVAILABLE if hours else MachineState.OFF_HOURS


def _title(
    state: MachineState,
    running: int,
    until: float | None,
    rules: Sequence[Rule],
    local: datetime,
    now: float,
    zone: tzinfo | None,
) -> str:
    if state is MachineState.MINE:
        return until_words(until, now, zone)
    if state is MachineState.LEAVING:
        return counted(
            running, translate("Tray", "Yours after this frame"), translate("Tray", "Yours after these frames")
        )
    if state is MachineState.OFF_HOURS:
        opens = judge(rules, local, -1).until
        if opens is None:
            return translate("Tray", "Free for the farm when idle")
        time = f"{opens:%H:%M}"
        return translate("Tray", "Free for the farm at {time}").replace("{time}", time)
    return {
        MachineState.AVAILABLE: translate("Tray", "My machine is available"),
        MachineState.IN_USE: translate("Tray", "In use by the farm"),
        MachineState.DISABLED: translate("Tray", "Disabled on the farm"),
        MachineState.AWAY: translate("Tray", "No agent is running here"),
        MachineState.STRANGER: translate("Tray", "This machine is not in the farm"),
        MachineState.UNKNOWN: translate("Tray", "Not known while the server is away"),
    }[state]


def _detail(
    facts: MachineFacts,
    state: MachineState,
    running: Sequence[RunningJob],
    idle: int,
    now: float,
    zone: tzinfo | None,
) -> str:
    host = formats.one_line(facts.host, 60)
    if state in (MachineState.IN_USE, MachineState.LEAVING):
        others = {agent.elsewhere: None for agent in facts.agents if agent.elsewhere and agent.jobs}
        if others:
            host = translate("Tray", "{host} for {farm}").format(
                host=host, farm=formats.one_line(", ".join(others), 60)
            )
        since = min((job.since for job in running if job.since is not None), default=None)
        if since is not None:
            return translate("Tray", "{host}, since {time}").format(host=host, time=formats.when(int(since), now, zone))
        return host
    if state is MachineState.STRANGER:
        return translate("Tray", "{host} gets no jobs; yours are below").replace("{host}", host)
    if state is MachineState.AWAY:
        return translate("Tray", "{host}: start it with hqagent run").replace("{host}", host)
    if state is MachineState.DISABLED:
        reason = next((str(row["outOfService"]) for row in facts.rows if row.get("outOfService")), "")
        return formats.one_line(f"{host}: {reason}" if reason else host, 160)
    if idle > 0 and facts.online:
        words = translate("Tray", "{host}, no input for {time}")
        return words.format(host=host, time=formats.rough_duration(idle * 60))
    return host


def _line(job: RunningJob, now: float) -> RunningLine:
    name = formats.one_line(job.name, 200)
    percent = formats.percent(job.progress, done=False) if job.progress >= 0 else ""
    left = translate("Tray", "{time} left").replace("{time}", formats.rough_duration(job.left)) if job.left >= 0 else ""
    if job.stopped:
        left = translate("Tray", "stopped")
    elif not left and job.since is not None:
        ran = formats.rough_duration(max(now - job.since, 0.0))
        left = translate("Tray", "running {time}").replace("{time}", ran)
    owner = formats.one_line(job.owner, 60)
    sentence = ", ".join(part for part in (name, owner, percent, left) if part)
    return RunningLine(job.id, name, owner, job.progress, percent, left, sentence)


def _loss(running: Sequence[RunningJob], now: float) -> str:
    """`Taking it back now requeues the frame and loses 15m of work.`"""
    if not running:
        return ""
    spent = sum(max(now - job.since, 0.0) for job in running if job.since is not None)
    words = counted(
        len(running),
        translate("Tray", "Taking it back now requeues the frame and loses {time} of work."),
        translate("Tray", "Taking it back now requeues {n} frames and loses {time} of work."),
    )
    return words.replace("{time}", formats.rough_duration(spent))


def _local(now: float, zone: tzinfo | None) -> datetime:
    here = datetime.fromtimestamp(now, zone) if zone is not None else datetime.fromtimestamp(now, UTC).astimezone()
    return here.replace(tzinfo=None)


def opens_soon(facts: MachineFacts, now: float, seconds: float, zone: tzinfo | None = None) -> datetime | None:
    """When the farm's hours begin, if that is within so many seconds and nothing was said over them; local time."""
    rules = _rules(facts.rows)
    if not rules or _override(facts)[0] is not Override.NONE:
        return None
    local = _local(now, zone)
    found = judge(rules, local, -1)
    if found.now or found.until is None or found.until - local > timedelta(seconds=seconds):
        return None
    return found.until
