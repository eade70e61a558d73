"""One farm, as a tray follows it: its person's jobs, its machine, what happens to them.

Little runs while nobody looks: a request that waits at the server, and a question to the agents of this machine now and
then. While the popup is open, or the server is away, they are asked more often, and so are the reasons of what waits.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from hqgui.actions import Desk
from hqgui.feed import Feed
from hqgui.feed_state import FeedState, Phase
from hqgui.link import Link, Welcome
from hqgui.local_agent import LocalAgents
from hqgui.models.farm import FarmChanges
from hqgui.models.thread_store import Thread, who
from hqgui.models.tray import my_jobs
from hqgui.models.tray.facts import TrayKnown
from hqgui.models.tray.machine import Agent, MachineFacts, RunningJob
from hqgui.models.tray.news import NewsDesk, note
from hqgui.models.tray.who import users
from hqgui.same_machine import SameMachine
from hqgui.session import own_name
from hqgui.settings import Settings
from hqgui.tasks import cancel, spawn
from hqgui.tray import asking
from hqgui.tray.my_farm import MyFarm
from hqgui.troubles import LinkError

HEART_SECONDS: Final = 30.0
LOOKED_AT_SECONDS: Final = 2.0
"""How often the machine is asked about while somebody looks."""
AT_REST_SECONDS: Final = 20.0
_RECENT_SECONDS: Final = 24 * 3600


class TraySession(QObject):
    """One farm."""

    changed = Signal()
    """Something is to be shown anew."""

    def __init__(
        self,
        url: str,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        login: str | None = None,
        host: str | None = None,
        agents: LocalAgents | None = None,
        farm_title: Callable[[str], str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._settings = settings
        self._farm_title = settings.farm_title if farm_title is None else farm_title
        self.login = own_name() if login is None else login
        self.host = socket.gethostname() if host is None else host
        self.welcome: Welcome | None = None
        self.farm = MyFarm(self.users, self.host)
        self.link = Link(url, self)
        self.feed = Feed(self.link, self.farm, clock, parent=self, only=self.farm.only, heart_seconds=HEART_SECONDS)
        self.agents = LocalAgents(clock) if agents is None else agents
        self.actions = Desk(self.farm, self.link, self.now)
        self.news = NewsDesk(settings.value("tray/read"))
        self.own_notes: set[str] = set()
        """Notes that were written here: nobody is told of their own."""
        self._looked_at = False
        self._same = SameMachine()
        self._here: tuple[Agent, ...] = ()
        self._running: tuple[RunningJob, ...] = ()
        self._threads: dict[int, int] = {}
        self._live_since: float | None = None
        self._look_now = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.feed.news.connect(self._flush)
        self.feed.welcomed.connect(self._welcomed)
        self.feed.state_changed.connect(self._state_changed)

    # Who and where

    def users(self) -> frozenset[str]:
        """The names under which this person submits; empty: they have to be asked."""
        value = self._settings.value
        return users(value("tray/user"), value("tray/user_map"), self.login)

    def signature(self) -> str:
        """Who writes a note from here: the login, unless several people use it and one said who they are."""
        names = self.users()
        return self.login if self.login in names or not names else min(names)

    @property
    def farm_name(self) -> str:
        """What the farm is called."""
        return self._farm_title(self.link.url)

    def now(self) -> float:
        """Seconds since the epoch by the server's clock."""
        return self._clock() + self.feed.offset_seconds

    @property
    def online(self) -> bool:
        """Whether the server can be asked."""
        return self.feed.state.phase is Phase.LIVE

    # Life

    def start(self) -> None:
        """Begin to follow. Needs a running event loop."""
        self._following = spawn(self.feed.run(), f"following {self.link.url}")
        self._tasks = [spawn(self._mind_machine(), "asking about this machine")]

    async def stop(self) -> None:
        """End following."""
        self.remember()
        await cancel(self._following, *self._tasks)

    async def other_person(self) -> None:
        """Somebody else sits here: follow their jobs instead."""
        await cancel(self._following)
        self.farm.remove("jobs", list(self.farm.jobs.row_of))
        self.feed.start_anew()
        self._live_since = None
        self._following = spawn(self.feed.run(), f"following {self.link.url}")
        self._flush()

    def remember(self) -> None:
        """Keep what was read."""
        self._settings.set("tray/read", self.news.marks())

    def look(self, on: bool) -> None:
        """Whether somebody looks: then what is shown is asked for more often."""
        self._looked_at = on
        if on:
            self.look_now()

    def look_now(self) -> None:
        """Ask about this machine now."""
        self._look_now.set()

    # What is known

    def known(self) -> TrayKnown:
        """What the tray knows of this farm."""
        people = self.users()
        rows = tuple(self.farm.clients.rows.values())
        machine = MachineFacts(self.host, self.online, rows, self._here, self._running)
        return TrayKnown(self.farm.jobs, self.news, self.feed.state, machine, self.farm_name, people, self.login)

    def local_now(self) -> float:
        """Seconds since the epoch by this machine's clock."""
        return self._clock()

    # The feed

    def _welcomed(self, welcome: Welcome) -> None:
        self.welcome = welcome
        self.actions.features = frozenset(welcome.features)

    def _state_changed(self, state: FeedState) -> None:
        self.actions.connected = state.phase is Phase.LIVE
        if state.phase is Phase.LIVE and self._live_since is None:
            self._live_since = self.now()
        self.look_now()
        self.changed.emit()

    def _flush(self) -> None:
        changes = self.farm.take_changes()
        now, fresh = self.now(), self._live_since is not None
        self.news.see(self.farm.jobs, changes.jobs.changed, now, fresh)
        self.news.forget(changes.jobs.removed)
        if fresh:
            self.farm.remove("jobs", my_jobs.outdated(self.farm.jobs, now))
        self._see_threads(changes.threads.changed, now, fresh)
        if changes.clients:
            self._see_clients(changes)
        self.changed.emit()

    def _see_clients(self, changes: FarmChanges) -> None:
        """What runs here changed: ask what it is."""
        ids = {job for row in self.farm.clients.rows.values() for job in row["runningJobs"]}
        if ids != {job.id for job in self._running}:
            self.look_now()

    def _see_threads(self, threads: Iterable[int], now: float, fresh: bool) -> None:
        mine = self.users()
        for thread in map(self.farm.threads.get, threads):
            if thread is None or thread.written == self._threads.get(thread.id, 0):
                continue
            self._threads[thread.id] = thread.written
            if thread.text in self.own_notes or not thread.author or thread.author in mine:
                continue
            if now - thread.last < _RECENT_SECONDS:
                is_news = fresh and thread.last >= int(self._live_since or 0)  # older ones are listed alone
                spawn(self._tell_note(thread, is_news), "telling of a note")

    async def _tell_note(self, thread: Thread, fresh: bool) -> None:
        about, job = "", thread.job or 0
        if job:
            try:
                about, job = await asking.name_of(self.link, job)
            except LinkError:
                about = f"#{job}"
        at, stamp = float(thread.last), str(thread.written)
        item = note(thread.id, job, about, who(thread.author), thread.text, at, stamp, mine_is_machine=not job)
        self.news.say(item, self.now(), aloud=fresh)
        self.changed.emit()

    # This machine

    async def _mind_machine(self) -> None:
        while True:
            self._look_now.clear()
            asking_it = spawn(self._ask_machine(), "asking about this machine")
            try:
                await asyncio.wait([asking_it])  # a turn that fails is logged; the next one may go well
            finally:
                await cancel(asking_it)
            pause = LOOKED_AT_SECONDS if self._looked_at or not self.online else AT_REST_SECONDS
            try:
                async with asyncio.timeout(pause):
                    await self._look_now.wait()
                await asyncio.sleep(0.1)  # what changes together is asked for together
            except TimeoutError:
                pass

    async def _ask_machine(self) -> None:
        before = (self._here, self._running, len(self.farm.jobs))
        self._here = tuple([await self._placed(agent) for agent in await self.agents.states()])
        if self.online:
            with suppress(LinkError):  # the feed notices, and says so
                await self._ask_server()
        if (self._here, self._running, len(self.farm.jobs)) != before or self._looked_at:
            self.changed.emit()

    async def _placed(self, agent: Agent) -> Agent:
        """With its farm's name, where that is not this one."""
        if not agent.server or await self._same.servers(agent.server, self.link.url):
            return agent
        return replace(agent, elsewhere=self._farm_title(agent.server))

    async def _ask_server(self) -> None:
        known = {job for row in self.farm.clients.rows.values() for job in row["runningJobs"]}
        wanted = sorted(known | {job.id for agent in self._here if not agent.elsewhere for job in agent.jobs})
        if not wanted:
            self._running = ()
        elif self._looked_at or set(wanted) != {job.id for job in self._running}:
            self._running = await asking.running_jobs(self.link, wanted)
        if self._looked_at:
            shown = [line.id for line in my_jobs.lines(self.farm.jobs, self.now())]
            waiting = my_jobs.waiting_roots(self.farm.jobs, shown)
            if waiting:
                self.farm.upsert("jobs", await asking.reasons(self.link, waiting))
                self.farm.take_changes()
