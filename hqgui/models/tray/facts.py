"""All that the tray's popup, menu and icon show, put together from the models; nothing of it asks anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hqgui.feed_state import FeedState, Phase
from hqgui.models import formats
from hqgui.models.job_store import JobStore
from hqgui.models.tray import my_jobs
from hqgui.models.tray.icon_state import Icon, IconState, icon_of, tooltip_of
from hqgui.models.tray.machine import Machine, MachineFacts, MachineState, machine_of, rules_of
from hqgui.models.tray.my_jobs import JobLine
from hqgui.models.tray.news import News, NewsDesk, NewsKind
from hqgui.words import translate
from hqserver.wire.availability import Rule

OFFLINE_AFTER_SECONDS: Final = 5.0
"""A server that is restarted comes back sooner; until then the icon stays as it is."""
MOST_NEWS: Final = 20
NOBODY: Final = Machine(MachineState.UNKNOWN, "", "")
OFFLINE: Final = Icon(IconState.OFFLINE)


@dataclass(frozen=True, slots=True)
class NewsLine:
    """One line of the notifications."""

    key: str
    job: int
    glyph: str
    text: str
    tip: str
    time: str
    read: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """How the farm is reached."""

    dot: str = "waiting"
    """live, waiting or offline."""
    words: str = ""
    online: bool = False
    """The server can be asked."""
    shown_online: bool = False
    """As the icon has it: a moment without a server is not yet worth a change."""
    trouble: str = ""
    """A sentence about what is wrong; empty: nothing."""


NO_CONNECTION: Final = Connection()


@dataclass(slots=True)
class TrayKnown:
    """What the tray knows; `assemble` makes of it what is shown."""

    store: JobStore
    desk: NewsDesk
    feed: FeedState
    machine: MachineFacts
    farm: str = ""
    users: frozenset[str] = frozenset()
    login: str = ""
    order: tuple[int, ...] = ()
    """Lines that stay where they are."""
    said: str = ""
    said_failed: bool = False
    pinned: bool = False
    quiet: bool = False
    loud: frozenset[NewsKind] = frozenset(NewsKind)


@dataclass(frozen=True, slots=True)
class TrayFacts:
    """What is shown."""

    farm: str = ""
    """Empty: none was chosen yet."""
    connection: Connection = NO_CONNECTION
    user: str = ""
    """Who I am, in words; empty: to be asked."""
    login: str = ""
    machine: Machine = NOBODY
    jobs: tuple[JobLine, ...] = ()
    job_count: int = 0
    news: tuple[NewsLine, ...] = ()
    unread: int = 0
    all_paused: bool = False
    failed_jobs: tuple[int, ...] = ()
    unfinished: int = 0
    icon: Icon = OFFLINE
    tip: str = ""
    said: str = ""
    """What an action came to; empty: nothing to say."""
    said_failed: bool = False
    pinned: bool = False
    rules_on: bool | None = None
    """Whether the schedule is followed; None: there is none."""
    quiet: bool = False
    loud: frozenset[NewsKind] = frozenset(NewsKind)
    """What is said aloud."""


def connection_of(state: FeedState, now: float, farm: str) -> Connection:
    """How the farm is reached."""
    if not farm:
        return Connection("offline", translate("Tray", "no farm chosen"))
    if state.phase is Phase.LIVE:
        words = translate("Tray", "connected, {n} ms").replace("{n}", f"{state.latency_ms:.0f}")
        return Connection("live", words, online=True, shown_online=True)
    if state.phase in (Phase.LOADING, Phase.IDLE):
        return Connection("waiting", translate("Tray", "connecting"), shown_online=True)
    lost_for = max(now - state.since, 0.0)
    left = None if state.next_try is None else max(state.next_try - now, 0.0)
    words = translate("Tray", "no server")
    if left is not None:
        words = translate("Tray", "no server, next try in {n} s").replace("{n}", f"{left:.0f}")
    first = state.phase is Phase.CONNECTING and not state.words
    if first:
        words = translate("Tray", "connecting")
    shown = first or (state.phase is Phase.RECONNECTING and lost_for < OFFLINE_AFTER_SECONDS)
    return Connection("waiting" if shown else "offline", words, shown_online=shown, trouble=state.words)


def assemble(known: TrayKnown, now: float, clock: float | None = None) -> TrayFacts:
    """All that is shown. `now` is the server's time, `clock` this machine's, by which the connection is judged."""
    connection = connection_of(known.feed, now if clock is None else clock, known.farm)
    machine = machine_of(known.machine, now)
    mine = my_jobs.sum_up(known.store)
    lines = tuple(my_jobs.lines(known.store, now, known.order))
    unread = known.desk.unread()
    rules = my_rules(known.machine)
    return TrayFacts(
        farm=known.farm,
        connection=connection,
        user=", ".join(sorted(known.users)),
        login=known.login,
        machine=machine,
        jobs=lines,
        job_count=sum(my_jobs.is_shown(known.store, row, now) for row in known.store.row_of.values()),
        news=news_lines(known.desk, now),
        unread=unread,
        all_paused=my_jobs.all_paused(known.store),
        failed_jobs=failed_among(lines),
        unfinished=mine.unfinished,
        icon=icon_of(connection.shown_online, known.desk.unread(frozenset({NewsKind.FAILED, NewsKind.NOTE})), mine),
        tip=tooltip_of(known.farm, "" if connection.shown_online else connection.words, mine, unread, machine.short),
        said=known.said,
        said_failed=known.said_failed,
        pinned=known.pinned,
        rules_on=any(rule.enabled for rule in rules) if rules else None,
        quiet=known.quiet,
        loud=known.loud,
    )


def my_rules(machine: MachineFacts) -> tuple[Rule, ...]:
    """The availability rules of this machine."""
    return rules_of(machine.rows[0]) if machine.rows else ()


def news_lines(desk: NewsDesk, now: float) -> tuple[NewsLine, ...]:
    """The newest notifications."""
    return tuple(_line(item, desk.is_read(item), now) for item in desk.items()[:MOST_NEWS])


def _line(item: News, read: bool, now: float) -> NewsLine:
    text = item.short or item.title
    tip = "\n".join(part for part in (item.title, item.body) if part)
    return NewsLine(item.key, item.job, item.glyph, text, tip, formats.when(int(item.at), now), read)


def failed_among(lines: Sequence[JobLine]) -> tuple[int, ...]:
    """Jobs in which something can be tried again."""
    return tuple(line.id for line in lines if line.can_retry)
