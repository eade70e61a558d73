"""Lets the inspector's Output follow what a job writes, and show what its earlier attempts wrote.

A tail belongs to the job that is shown, and rests while another tab is open; what was read stays. Lost servers are
waited for, and a further attempt of the job is followed from its beginning, unless an earlier one is being read.
"""

from __future__ import annotations

import asyncio
from typing import Final

from PySide6.QtCore import QObject

from hqgui.feed_state import FeedState, Phase
from hqgui.inquiries import MOST_HITS, OutputTail, attempts, search_output
from hqgui.models.attempts import attempt_lines
from hqgui.models.farm import FarmChanges
from hqgui.models.output import Edit, OutputBuffer
from hqgui.models.output_hits import Hits
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.inspector import Inspector, Tab
from hqgui.views.output_view import TailState
from hqgui.words import translate
from hqserver.wire.statuses import FINISHED

SETTLE_SECONDS: Final = 0.06
PAUSE_SECONDS: Final = 0.5


class Tailing(QObject):
    """Of one inspector."""

    def __init__(self, session: Session, inspector: Inspector, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._inspector = inspector
        self._view = inspector.output
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._job: int | None = None
        self._attempt: int | None = None
        self._tail: OutputTail | None = None
        self._buffer = OutputBuffer()
        self._shown = False
        self._happened: tuple[object, ...] = ()
        inspector.job_changed.connect(self._job_changed)
        inspector.tab_changed.connect(lambda _: self._rest_or_go_on())
        session.flushed.connect(self._flushed)
        session.feed.state_changed.connect(self._state_changed)
        self._searching: asyncio.Task[None] | None = None
        self._arriving = False
        """Another part of the log was asked for because of something in it."""
        self._view.load_all_wanted.connect(self._load_all)
        self._view.end_wanted.connect(self._to_end)
        self._view.more_wanted.connect(self._show_more)
        self._view.finder.wanted.connect(self._search)
        self._view.finder.place_wanted.connect(self._show_around)
        self._view.attempts.wanted.connect(self._show_attempt)
        self._view.attempts.menu_wanted.connect(self._ask_attempts)

    @property
    def job(self) -> int | None:
        """Whose output is shown."""
        return self._job

    @property
    def attempt(self) -> int | None:
        """Which attempt was chosen; None: the newest."""
        return self._attempt

    def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._stop_search()

    def look_now(self) -> None:
        """Look as soon as may be."""
        self._news.set()
        if self._tail is not None:
            self._tail.look_now()

    # When

    def _job_changed(self, job: int | None) -> None:
        self._job = job
        self._begin(None)

    def _begin(self, attempt: int | None) -> None:
        """Show an attempt of the job, else the newest, as long as that is the newest."""
        self.stop()
        self._attempt = attempt
        self._buffer = OutputBuffer()
        job = self._job
        self._tail = None if job is None else OutputTail(self._session.link, job, self._buffer, attempt)
        self._shown = self._arriving = False
        self._happened = self._state()
        self._view.finder.forget()
        self._view.show_nothing("", "")
        self._rest_or_go_on()

    def _rest_or_go_on(self) -> None:
        wanted = self._tail is not None and self._inspector.tab == Tab.OUTPUT
        if not wanted:
            self.stop()
        elif self._task is None or self._task.done():
            self._task = spawn(self._follow(), f"following the output of job {self._job}")

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is Phase.LIVE:
            self.look_now()

    def _flushed(self, changes: FarmChanges) -> None:
        if self._job is None or self._job not in changes.jobs.changed:
            return
        state = self._state()
        if state != self._happened:
            self._happened = state
            self.look_now()

    def _state(self) -> tuple[object, ...]:
        jobs = self._session.farm.jobs
        return () if self._job is None else (jobs.value(self._job, "status"), jobs.value(self._job, "attempt"))

    # Following

    async def _follow(self) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        while True:
            self._news.clear()
            try:
                await self._follow_once()
                self._show_status("")
            except LinkError as error:
                self._show_status(error.words)
            await asyncio.sleep(PAUSE_SECONDS)
            await self._news.wait()

    async def _follow_once(self) -> None:
        assert self._tail is not None
        async for edit in self._tail.follow():
            self._show(edit)
            self._show_status("")

    def _show(self, edit: Edit) -> None:
        if self._arriving:
            if self._tail is not None and self._tail.is_there:
                self._arriving, self._shown = False, True
                self._view.show_buffer(self._buffer, follow=False)
                self._view.finder.arrived()
        elif self._shown:
            self._view.apply(edit, news=self._tail is not None and self._tail.is_news)
            self._shown = bool(self._buffer.lines)  # none are left when another attempt, or another farm, begins anew
        elif edit.lines:
            self._shown = True
            self._view.show_buffer(self._buffer)

    def _show_status(self, words: str) -> None:
        if self._tail is None:
            return
        status = self._tail.status
        can = "searchOutput" in self._session.actions.features
        self._view.attempts.show_which(self._attempt or status.attempt or self._newest(), self._newest())
        state = TailState(status.size, status.shown_from, status.live, status.attempt, words, status.is_part, can)
        self._view.show_state(state)
        if not self._shown and not self._arriving:
            self._view.show_nothing(*self._nothing(words))

    def _nothing(self, trouble: str) -> tuple[str, str]:
        """Why there is nothing to read."""
        jobs = self._session.farm.jobs
        if trouble:
            return translate("Output", "No output"), trouble
        job = self._job or 0
        status = jobs.value(job, "status")
        if self._attempt is not None:
            return translate("Output", "No output"), translate("Output", "This attempt wrote nothing.")
        if not jobs.value(job, "attempt"):
            if not jobs.is_leaf(job):
                words = translate("Output", "This job has run no command of its own. Open one of its children.")
            elif status in FINISHED:
                words = translate("Output", "This job ended without having run.")
            else:
                words = translate("Output", "This job has not started yet.")
            return translate("Output", "No output"), words
        if status in FINISHED:
            return translate("Output", "No output"), translate("Output", "This job wrote nothing.")
        return translate("Output", "No output yet"), translate("Output", "What the job writes appears here.")

    def _load_all(self) -> None:
        if self._tail is not None:
            self._tail.load_all()
            self._read_anew()

    def _to_end(self) -> None:
        if self._tail is not None:
            self._tail.show_end()
            self._read_anew()

    def _show_more(self) -> None:
        if self._tail is not None:
            self._tail.show_more()
            self._news.set()

    def _show_around(self, offset: int) -> None:
        if self._tail is not None:
            self._tail.show_around(offset)
            self._read_anew()
            self._arriving = True

    def _read_anew(self) -> None:
        self._shown = self._arriving = False
        self._news.set()

    # Attempts

    def _newest(self) -> int:
        return int(self._session.farm.jobs.value(self._job, "attempt") or 0) if self._job is not None else 0

    def _show_attempt(self, attempt: int) -> None:
        self._begin(attempt if attempt < self._newest() else None)

    def _ask_attempts(self) -> None:
        if self._job is not None:
            spawn(self._tell_attempts(self._job), f"asking for the attempts of job {self._job}")

    async def _tell_attempts(self, job: int) -> None:
        try:
            rows = await attempts(self._session.link, job)
        except LinkError:
            rows = []
        if job == self._job:
            self._view.attempts.open_menu(attempt_lines(rows, self._newest(), self._session.now()))

    # Searching

    def _stop_search(self) -> None:
        if self._searching is not None:
            self._searching.cancel()
            self._searching = None

    def _search(self, text: str) -> None:
        """Search all of the log for a text; nothing more for an empty one."""
        self._stop_search()
        if text and self._job is not None:
            self._searching = spawn(self._search_all(self._job, text), f"searching the output of job {self._job}")

    async def _search_all(self, job: int, text: str) -> None:
        attempt = 0 if self._tail is None else self._tail.status.attempt
        hits = Hits(running=True, complete=False)
        try:
            async for one in search_output(self._session.link, job, attempt, text):
                hits = Hits((*hits.offsets, *one.offsets), one.searched, not one.complete, one.complete)
                if len(hits.offsets) >= MOST_HITS:
                    hits = hits._replace(running=False)
                self._view.finder.show_hits(hits)
                if not hits.running:
                    return
        except LinkError:
            self._view.finder.show_hits(hits._replace(running=False))
