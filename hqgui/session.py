"""One farm, everything that a window of it needs: link, feed, stores, models, actions.

A window has one session for its whole life; another farm is another session, so models are never reset.
"""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QUrl, Signal

from hqgui.actions import Desk
from hqgui.feed import Feed
from hqgui.feed_state import FeedState, Phase
from hqgui.link import Link, LinkError, Welcome
from hqgui.models.clients import ClientTable
from hqgui.models.farm import FarmChanges, FarmData
from hqgui.models.frame_map import FrameMap
from hqgui.models.history import History
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.job_tree import JobTree
from hqgui.models.summary import Summary
from hqgui.polling import Watched
from hqgui.settings import Settings
from hqgui.tasks import cancel, spawn

REASONS_SECONDS: Final = 2.0
MOST_REASONS: Final = 200
"""Rows that are asked at once why they wait."""


class Session(QObject):
    """One farm."""

    flushed = Signal(object)
    """`FarmChanges`, when all models are up to date."""

    def __init__(
        self,
        url: str,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        user: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self.settings = settings
        self.user = own_name() if user is None else user
        self.welcome: Welcome | None = None
        self.farm = FarmData()
        self.link = Link(url, self)
        self.feed = Feed(self.link, self.farm, clock, self._watched, self)
        self.tree = JobTree(self.farm.jobs, frozenset({self.user}), self.picture_time, self)
        self.clients = ClientTable(self.farm.clients, self.farm.jobs, self.farm.groups, self.picture_time, self)
        self.frame_map = FrameMap(self.farm.jobs, self.picture_time, self)
        self.history = History(self.picture_time, self)
        self.summary = Summary(self.farm, self.picture_time, lambda: self.tree.chip_counts()[Chip.UNFINISHED])
        self.actions = Desk(self.farm, self.link, self.now)
        self.actions.users = frozenset({self.user})
        self.actions.user = self.user
        self._restore()
        self.knows_farm = False
        """Whether the whole farm was ever loaded: until then counts say nothing."""
        self._running: list[asyncio.Task[None]] = []
        self.started = False
        """Whether it follows its farm; a picture's never does, and has no event loop."""
        self.feed.news.connect(self.flush)
        self.feed.welcomed.connect(self._welcomed)
        self.feed.state_changed.connect(self._state_changed)

    def _restore(self) -> None:
        known = {chip.value: chip for chip in Chip}
        chips = frozenset(known[name] for name in self.settings.value("filter/chips") if name in known)
        if chips:
            self.tree.set_filter(JobFilter(chips))
        self.tree.set_folding(self.settings.value("view/fold_frames"))

    @property
    def farm_name(self) -> str:
        """What the farm is called: as somebody named it, else as its machine, with a port where two share that."""
        return self.settings.farm_title(self.link.url)

    @property
    def address(self) -> str:
        """`hq01:5000`."""
        url = QUrl(self.link.url)
        return f"{url.host()}:{self.link.port}"

    def now(self) -> float:
        """Seconds since the epoch by the server's clock."""
        return self._clock() + self.feed.offset_seconds

    def picture_time(self) -> float:
        """The moment of which the farm is shown: now, or when the server was lost."""
        state = self.feed.state
        return state.since + self.feed.offset_seconds if state.phase is Phase.RECONNECTING else self.now()

    def start(self) -> None:
        """Begin to connect and follow. Needs a running event loop."""
        self.started = True
        self._running = [
            spawn(self.feed.run(), f"following {self.link.url}"),
            spawn(self._ask_reasons(), f"asking {self.link.url} why jobs wait"),
        ]

    async def stop(self) -> None:
        """End following."""
        await cancel(*self._running)

    def flush(self) -> None:
        """Bring all models up to date with the stores, and tell."""
        changes = self.farm.take_changes()
        self.tree.apply(changes.jobs)
        self.clients.apply(changes.clients)
        self.frame_map.apply(changes.jobs)
        self._tell(changes)

    def _tell(self, changes: FarmChanges) -> None:
        self.flushed.emit(changes)

    def _welcomed(self, welcome: Welcome) -> None:
        self.welcome = welcome
        self.actions.features = frozenset(welcome.features)
        users = frozenset({self.user, welcome.user}) - {""}
        if users != self.actions.users:
            self.actions.users = users
            self.tree.set_users(users)

    def _state_changed(self, state: FeedState) -> None:
        self.actions.connected = state.phase in (Phase.LIVE, Phase.LOADING)
        self.knows_farm = self.knows_farm or state.phase in (Phase.LIVE, Phase.RECONNECTING)

    def _watched(self) -> Watched:
        return Watched(self.tree.seen_jobs(), self.tree.unfolded_jobs())

    async def _ask_reasons(self) -> None:
        """Ask why the jobs wait that are on the screen: a reason may change without its job, so no feed carries it."""
        while True:
            await asyncio.sleep(REASONS_SECONDS)
            waiting = self.tree.take_reasons_wanted()[:MOST_REASONS]
            if not waiting or self.feed.state.phase is not Phase.LIVE or self.feed.state.plain:
                continue
            try:
                rows = await self.link.call("getJobs", waiting, ["id", "waitingFor", "waitingCode"])
            except LinkError:
                continue
            self._take_reasons(rows or ())

    def _take_reasons(self, rows: object) -> None:
        store = self.farm.jobs
        new = [
            row
            for row in (rows if isinstance(rows, list) else ())
            if row["id"] in store and store.value(row["id"], "waitingFor") != row["waitingFor"]
        ]
        if new:
            store.upsert(new)
            self.flush()


def own_name() -> str:
    """The user of this machine; empty where nobody knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
