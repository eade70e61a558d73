"""Follows a farm: connects, takes the snapshot, then every change, and comes back after a loss.

One request waits at the server for the next change; its answer is decoded and taken into the stores in slices of a few
milliseconds. `news` is emitted at most ten times a second; whoever shows the farm brings its models up to date then.
What was shown stays when the server is lost: after coming back only what changed is asked for, or a snapshot is
compared with what is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from hqgui.feed_state import FeedState, Phase
from hqgui.json_parts import members
from hqgui.link import Link, Slices, Welcome, greet
from hqgui.models.farm import KINDS, FarmData, Snapshot
from hqgui.polling import Watched, poll
from hqgui.tasks import cancel
from hqgui.troubles import LinkError, Trouble, words_for

TICK_MS: Final = 100
LOADING_TICK_MS: Final = 400
"""While a snapshot comes in: what is painted then is soon painted again, and keeps the rest waiting."""
WAIT_SECONDS: Final = 25
"""How long the server holds a request that has nothing to tell."""
GRACE_SECONDS: Final = 20
HEART_SECONDS: Final = 10.0
FIRST_BEAT_SECONDS: Final = 2.0
"""The greeting is slow: it opens the connection while the window paints for the first time."""
RETRY_SECONDS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
ROWS_A_SLICE: Final = 64
PERSONAL: Final = ("jobs", "clients", "threads")
"""What a person's own follower is told."""
_CLOCKS_DIFFER_SECONDS: Final = 2.0


class Feed(QObject):
    """Keeps the stores of one farm up to date."""

    state_changed = Signal(object)
    """A `FeedState`, when phase, words or next try changed."""
    news = Signal()
    """The stores changed; at most ten times a second."""
    welcomed = Signal(object)
    """A `Welcome`, after each connect."""

    def __init__(
        self,
        link: Link,
        farm: FarmData,
        clock: Callable[[], float],
        watched: Callable[[], Watched] = Watched,
        parent: QObject | None = None,
        only: Callable[[], Mapping[str, Any]] | None = None,
        heart_seconds: float = HEART_SECONDS,
    ) -> None:
        """`only`: what of the farm is followed, where the server can tell that alone."""
        super().__init__(parent)
        self._only = only
        self._heart_seconds = heart_seconds
        self._narrow = False
        self._link = link
        self._farm = farm
        self._clock = clock
        self._watched = watched
        self._state = FeedState()
        self._last_news = 0.0
        self._again = asyncio.Event()
        self._epoch = ""
        self._seq = 0
        self._snapshot: Snapshot | None = None
        self._failures = 0
        self.offset_seconds = 0.0
        """What to add to this machine's clock to get the server's; 0 while they differ by less than seconds."""
        self._tick = QTimer(self, singleShot=True, interval=TICK_MS)
        self._tick.timeout.connect(self._tell)
        self._untold = False

    @property
    def state(self) -> FeedState:
        """How the connection stands now."""
        state = self._state
        return FeedState(
            state.phase,
            state.since,
            state.next_try,
            state.words,
            state.plain,
            self._link.latency_ms,
            self._last_news,
        )

    def try_now(self) -> None:
        """Do not wait for the next try."""
        self._again.set()

    def stand(self, state: FeedState) -> None:
        """Stand in a state without a server, for pictures; `run` goes on from there."""
        self._state, self._last_news = state, state.last_news
        self.state_changed.emit(self.state)

    async def run(self) -> None:
        """Connect and follow until cancelled."""
        self._enter(Phase.CONNECTING)
        try:
            while True:
                try:
                    await self._session()
                except LinkError as error:
                    await self._wait_for_next_try(error)
        finally:
            self._enter(Phase.IDLE)

    async def _session(self) -> None:
        welcome = await greet(self._link)
        self.welcomed.emit(welcome)
        self._narrow = self._only is not None and "only" in welcome.features
        await self._compare_clocks()
        if welcome.plain:
            await self._poll(welcome)
        else:
            await _together(self._follow(), self._heart())

    async def _compare_clocks(self) -> None:
        before = self._clock()
        answer = await self._link.call("getServerTime")
        if isinstance(answer, datetime):
            offset = answer.replace(tzinfo=UTC).timestamp() - (before + self._clock()) / 2
            self.offset_seconds = offset if abs(offset) > _CLOCKS_DIFFER_SECONDS else 0.0

    async def _heart(self) -> None:
        """Notices a lost server that does not say so, and how fast it answers."""
        await asyncio.sleep(FIRST_BEAT_SECONDS)
        while True:
            await self._link.measure()
            await asyncio.sleep(self._heart_seconds)

    async def _poll(self, welcome: Welcome) -> None:
        self._live(plain=True)
        await _together(poll(self._link, self._farm, self._watched, self._took), self._heart())

    # The feed

    async def _follow(self) -> None:
        if self._state.phase is Phase.CONNECTING:
            self._enter(Phase.LOADING)
        wait, more = 0, True
        loop = asyncio.get_running_loop()
        while True:
            start = loop.time()
            text = await self._link.call("getChanges", *self._asked(wait), seconds=wait + GRACE_SECONDS)
            more = await self._take(text)
            if not more:
                self._live(plain=False)
                wait = WAIT_SECONDS
                await asyncio.sleep(max(0.0, start + TICK_MS / 1000 - loop.time()))

    def _asked(self, wait: int) -> tuple[object, ...]:
        if self._only is None or not self._narrow:
            return self._seq, wait
        return self._seq, wait, list(PERSONAL), dict(self._only())

    def start_anew(self) -> None:
        """Ask for everything with the next call: something else is followed now."""
        self._seq = 0

    async def _take(self, text: str) -> bool:
        """Take an answer in; says whether more waits."""
        try:
            return await self._take_members(text)
        except (ValueError, KeyError, TypeError) as error:
            words = words_for(Trouble.UNREADABLE, self._link.host, self._link.port, str(error))
            raise LinkError(Trouble.UNREADABLE, words) from error

    async def _take_members(self, text: str) -> bool:
        head: dict[str, Any] = {}
        slices = Slices()
        for name, value in members(text, ROWS_A_SLICE):
            if name in KINDS:
                self._begin_snapshot(head)
                self._farm.upsert(name, value)
                if self._snapshot is not None:
                    self._snapshot.saw(name, value)
                self._took()
            else:
                head[name] = value
            await slices.breathe()
        self._begin_snapshot(head)
        for kind, ids in head.get("removed", {}).items():
            self._farm.remove(kind, ids)
        more = bool(head["more"])
        self._seq, self._epoch = head["seq"], head["epoch"]
        if self._snapshot is not None and not more:
            self._snapshot.end()
            self._snapshot = None
        self._took()
        return more

    def _begin_snapshot(self, head: dict[str, Any]) -> None:
        """A reset begins a snapshot, once for each answer that says so."""
        if head.pop("reset", False):
            self._snapshot = Snapshot(self._farm)

    def _took(self) -> None:
        self._last_news = self._clock()
        if self._tick.isActive():
            self._untold = True
        else:
            self._tell_now()

    def _tell(self) -> None:
        if self._untold:
            self._tell_now()

    def _tell_now(self) -> None:
        self._untold = False
        self._tick.start(TICK_MS if self._snapshot is None else LOADING_TICK_MS)
        self.news.emit()

    # The state

    def _live(self, plain: bool) -> None:
        self._failures = 0
        if self._state.phase is not Phase.LIVE:
            self._enter(Phase.LIVE, plain=plain)

    def _enter(self, phase: Phase, **values: Any) -> None:
        self._state = FeedState(phase, values.pop("since", self._clock()), **values)
        self.state_changed.emit(self.state)

    async def _wait_for_next_try(self, error: LinkError) -> None:
        seconds = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._failures += 1
        known = self._state.phase
        lost = Phase.CONNECTING if known in (Phase.CONNECTING, Phase.LOADING) else Phase.RECONNECTING
        since = self._state.since if known is lost else self._clock()
        plain = self._state.plain
        self._enter(lost, since=since, next_try=self._clock() + seconds, words=error.words, plain=plain)
        self._again.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._again.wait()
        except TimeoutError:
            pass
        self._enter(lost, since=since, words=error.words, plain=plain)


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Run until the first of them fails; the others are ended."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        await cancel(*tasks)
