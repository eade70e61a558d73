"""How the connection stands: banner, farm button, status bar, and the middle of the window when it is empty.

It reads the session and writes into parts of the window that others made.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from hqgui.feed_state import FeedState, Phase
from hqgui.models.formats import ago, clock, duration, one_line
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.server_health import HEALTHY, ServerHealth
from hqgui.session import Session
from hqgui.views.banners import Banner
from hqgui.views.empty_states import Emptiness
from hqgui.views.farm_button import FarmState
from hqgui.views.filter_row import FilterRow
from hqgui.views.server_errors import errors_popup, errors_words
from hqgui.views.status_bar import StatusBar
from hqgui.views.toolbar import Toolbar
from hqgui.words import capital, counted

_LONG_OFFLINE_SECONDS: Final = 600
_OURS, _HQUEUE = "hqserver", "HQueue"


class ConnectionDisplay(QObject):
    """Of one window."""

    copy_wanted = Signal(str)

    def __init__(
        self,
        session: Session,
        toolbar: Toolbar,
        banner: Banner,
        filters: FilterRow,
        status: StatusBar,
        emptiness: Emptiness,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._toolbar = toolbar
        self._banner = banner
        self._filters = filters
        self._status = status
        self._emptiness = emptiness
        self._health = HEALTHY
        status.errors_wanted.connect(self._open_errors)
        session.link.measured.connect(self._measured)

    def show(self) -> None:
        """Show how the connection stands now, and the time of it."""
        self._show_farm(self._session.feed.state)
        self.tick()
        self.show_emptiness()

    @Slot(float)
    def _measured(self, _milliseconds: float) -> None:
        self._show_farm(self._session.feed.state)

    def _show_farm(self, state: FeedState) -> None:
        name, address = self._session.farm_name, self._session.address
        live = state.phase in (Phase.LIVE, Phase.LOADING)
        detail = f"{state.latency_ms:.0f} ms" if live else self._phase_word(state.phase)
        self._toolbar.show_farm(FarmState(name, address, detail, "live" if live else "waiting"))

    def _phase_word(self, phase: Phase) -> str:
        if phase is Phase.LOADING:
            known = len(self._session.farm.jobs)
            return counted(known, self.tr("Loading, {n} job so far"), self.tr("Loading, {n} jobs so far"))
        return self.tr("reconnecting") if phase is Phase.RECONNECTING else self.tr("connecting")

    def tick(self) -> None:
        """Show what changes with the time alone; the left of the status bar only while the picture is an old one."""
        state, now = self._session.feed.state, self._session.now()
        self._show_banner(state, now)
        if state.phase is Phase.LIVE:
            age = ago(max(0.0, now - state.last_news)) if state.last_news else ""
            self._filters.show_age(self.tr("Live, changed {age}").replace("{age}", age) if age else self.tr("Live"))
        else:
            self._filters.show_age("")
        if state.phase is Phase.RECONNECTING:
            age = duration(max(0.0, now - state.since))
            self._status.show_left(self.tr("Stale, {age} old").replace("{age}", age), warn=True)
        self._show_status_right(state, now)

    def _show_status_right(self, state: FeedState, now: float) -> None:
        if state.phase is Phase.RECONNECTING:
            self._status.show_right("", "", self.tr("Actions wait for the server"))
            return
        welcome = self._session.welcome
        words = "" if welcome is None else f"{_HQUEUE if welcome.plain else _OURS} {welcome.version}".strip()
        if state.phase is Phase.LIVE:
            hour = datetime.fromtimestamp(now, UTC)
            live = self.tr("Polling") if state.plain else self.tr("Live")
            self._status.show_right(live, self.tr("Server {time} UTC").replace("{time}", f"{hour:%H:%M:%S}"), words)
        else:
            phase = "" if state.phase is Phase.IDLE else capital(self._phase_word(state.phase))
            self._status.show_right(phase, "", words)

    def _show_banner(self, state: FeedState, now: float) -> None:
        address = self._session.address
        if state.phase is Phase.RECONNECTING:
            lost = self.tr("Lost {address} at {time}").format(address=address, time=clock(int(state.since)))
            words = f"{self._next_try(state, now)} {self.tr('You see the farm as it was then.')}"
            long = now - state.since > _LONG_OFFLINE_SECONDS
            self._banner.show_banner("fail" if long else "warn", lost, words, self.tr("Try now"))
        elif state.phase is Phase.CONNECTING and state.words:
            title = self.tr("Cannot reach {address}").replace("{address}", address)
            self._banner.show_banner("warn", title, f"{state.words} {self._next_try(state, now)}", self.tr("Try now"))
        elif self._health.stopped:
            title = self.tr("{address} takes no jobs").replace("{address}", address)
            self._banner.show_banner("fail", title, capital(one_line(self._health.stopped)), self.tr("Look again"))
        else:
            self._banner.hide()

    def _next_try(self, state: FeedState, now: float) -> str:
        if state.next_try is None:
            return self.tr("Trying now.")
        seconds = max(0, round(state.next_try - now))
        return self.tr("Next try in {n} s.").replace("{n}", str(seconds)) if seconds else self.tr("Trying now.")

    def show_health(self, health: ServerHealth) -> None:
        """Show what the server says of itself."""
        self._health = health
        self._status.show_errors(errors_words(health))
        self.tick()

    def _open_errors(self) -> None:
        errors_popup(self._health, self._session.now(), self.copy_wanted.emit, self._status).open_over(self._status)

    def show_emptiness(self) -> None:
        """Say in the middle of the tree why it is empty, if it is."""
        tree, state = self._session.tree, self._session.feed.state
        if tree.rowCount() > 0:
            self._emptiness.show_nothing()
        elif tree.hidden_count() > 0:
            title = self._nothing_words(tree.filter)
            words = counted(
                tree.hidden_count(),
                self.tr("{n} tree is hidden by filters."),
                self.tr("{n} trees are hidden by filters."),
            )
            self._emptiness.show_words(title, words, self.tr("Clear filters"))
        elif state.phase is Phase.LIVE:
            free = dict(self._session.summary.read().clients).get("available", 0)
            self._emptiness.show_empty_farm(free)
        elif state.phase is Phase.LOADING:
            self._emptiness.show_words("", self.tr("Loading the farm…"))
        elif state.phase is Phase.CONNECTING and not state.words:
            words = self.tr("Connecting to {address}…").replace("{address}", self._session.address)
            self._emptiness.show_words("", words)
        elif state.phase is Phase.CONNECTING:
            self._emptiness.show_words("", self.tr("Jobs are shown as soon as the server answers."))
        else:
            self._emptiness.show_nothing()

    def _nothing_words(self, wanted: JobFilter) -> str:
        if wanted.text:
            return self.tr("Nothing fits “{text}”").replace("{text}", wanted.text[:60])
        if wanted.chips == {Chip.FAILED}:
            return self.tr("No failed jobs")
        return self.tr("No unfinished jobs") if Chip.UNFINISHED in wanted.chips else self.tr("No such jobs")
