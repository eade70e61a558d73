"""The inspector: one job, as it is, what it says, what happened to it.

It follows the selection unless it is pinned. What the feed does not carry (command, output, history) is asked for by
signals and given by the `show_...` methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hqgui.models.history import HISTORY_COLUMNS, History
from hqgui.models.inspector import facts
from hqgui.session import Session
from hqgui.theme import look
from hqgui.views.inspector_head import InspectorHead, PathRow
from hqgui.views.output_view import OutputView
from hqgui.views.overview import Overview
from hqgui.views.parts.cell_table import PlainColumn
from hqgui.views.parts.chips import Tabs
from hqgui.views.parts.message import Message
from hqgui.views.parts.rows import Rows


class Tab(IntEnum):
    """The tabs in their order."""

    OVERVIEW = 0
    OUTPUT = 1
    HISTORY = 2


class HistoryView(Rows):
    """What happened to the job."""

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        columns = [PlainColumn(one.key, one.width, stretch=one.stretch) for one in HISTORY_COLUMNS]
        super().__init__("", columns, parent)
        self.setAccessibleName(self.tr("History"))
        self.setObjectName("history")
        self.cover("base")
        self.setRootIsDecorated(False)
        self.show_model(history)


class Inspector(QWidget):
    """Shows one job."""

    job_changed = Signal(object)
    """Another job is shown: its id, or None."""
    tab_changed = Signal(int)
    job_wanted = Signal(int)
    clients_wanted = Signal(object)
    copy_wanted = Signal(str)
    retry_wanted = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.job: int | None = None
        self.pinned = False
        self._details: Mapping[str, Any] | None = None
        self._permitted: int | None = None
        self.path = PathRow()
        self.head = InspectorHead()
        self.tabs = Tabs(self.tr("Inspector"))
        for title in (self.tr("Overview"), self.tr("Output"), self.tr("History")):
            self.tabs.addTab(title)
        self.overview = Overview(session.frame_map)
        self.overview.setFocusProxy(self.overview.map_part.map)
        self.output = OutputView()
        self.output.setFocusProxy(self.output.log)
        self.history = HistoryView(session.history)
        self._pages = QStackedWidget()
        for page in (self.overview, self.output, self.history):
            self._pages.addWidget(page)
        self._several: QWidget | None = None
        self._shows_several = False
        self._nothing = Message()
        self._nothing.show_words("", self.tr("Select a job to see what it does."))
        self._lay_out()
        self._connect()
        self.show_job(None)

    def _lay_out(self) -> None:
        self._tabs_row = QHBoxLayout()
        self._tabs_row.addWidget(self.tabs)
        self._tabs_row.addStretch(1)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        self._something = QWidget()
        inner = QVBoxLayout(self._something)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.head)
        inner.addLayout(self._tabs_row)
        inner.addWidget(rule)
        inner.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._something, 1)
        column.addWidget(self._nothing, 1)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self._tabs_row.setContentsMargins(look().px(5), 0, 0, 0)
        self.setMinimumWidth(look().px(300))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self.fit_tabs()

    def fit_tabs(self) -> None:
        """There is another tab, or another number after one."""
        self.tabs.fit(self.width() - look().px(10))

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.tabs.currentChanged.connect(self.tab_changed)
        self.path.job_wanted.connect(self.job_wanted)
        self.path.pinned.connect(self._pin)
        self.path.copy_wanted.connect(lambda: self.copy_wanted.emit(str(self.job)))
        self.head.retry_wanted.connect(lambda: self.retry_wanted.emit(self.job or 0))
        self.overview.job_wanted.connect(self.job_wanted)
        self.overview.clients_wanted.connect(self.clients_wanted)
        self.overview.copy_wanted.connect(self.copy_wanted)
        self.overview.mode_wanted.connect(self._session.frame_map.set_mode)

    def set_several_page(self, page: QWidget) -> None:
        """What stands here instead of one job while several are selected."""
        self._several = page
        page.hide()
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(1, page, 1)

    def show_several(self, on: bool) -> None:
        """Several jobs are selected, or not. A pinned job stays."""
        if self._several is not None:
            self._shows_several = on and not self.pinned
            self.refresh()

    def _pin(self, on: bool) -> None:
        self.pinned = on

    def follow(self, job: int | None) -> None:
        """The selection is another job: show it unless pinned."""
        if not self.pinned:
            self.show_job(job)

    def show_job(self, job: int | None) -> None:
        """Show a job, or that none is chosen."""
        if job != self.job or job is None:
            self.job = job
            self._details, self._permitted = None, None
            self._session.frame_map.show(self._mapped(job))
            self._session.history.show([])
            self.job_changed.emit(job)
        self.refresh()
        self._mark_in_map()

    def _mapped(self, job: int | None) -> int | None:
        """The job whose frames the map shows: itself, or what a frame is one of."""
        jobs = self._session.farm.jobs
        if job is None or job not in jobs or not jobs.is_leaf(job):
            return job
        return next(iter(jobs.known_parents(job)), job)

    def _mark_in_map(self) -> None:
        index = self._session.frame_map.index_of(self.job) if self.job is not None else None
        view = self.overview.map_part.map
        if index is not None and index.isValid():
            view.setCurrentIndex(index)
        else:
            view.clearSelection()

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        session = self._session
        known = None
        if self.job is not None:
            known = facts(session.farm, self.job, session.picture_time(), self._details, self._permitted)
        several = self._shows_several
        if self._several is not None:
            self._several.setVisible(several)
        self._something.setVisible(known is not None and not several)
        self._nothing.setVisible(known is None and not several)
        self.path.show_facts(None if several else known)
        if known is not None:
            self.head.show_facts(known)
            self.head.set_enabled(session.actions.why_not("retry_failed", (known.id,)))
            self.overview.show_facts(known)

    def show_details(self, job: int, details: Mapping[str, Any]) -> None:
        """Command and the like came."""
        if job == self.job:
            self._details = details
            self.refresh()

    def show_permitted(self, job: int, number: int | None) -> None:
        """How many clients may run it came."""
        if job == self.job:
            self._permitted = number
            self.refresh()

    def show_history(self, job: int, entries: Sequence[Mapping[str, Any]]) -> None:
        """The status log came."""
        if job == self.job:
            self._session.history.show(entries)

    @property
    def tab(self) -> int:
        """The tab that is open: one of `Tab`, or what `add_tab` gave."""
        return self.tabs.currentIndex()

    @property
    def page(self) -> QWidget:
        """The open tab's page. F6 gives it the keyboard: its focus proxy says to which part."""
        return self._pages.currentWidget() or self

    def add_tab(self, title: str, page: QWidget) -> int:
        """A tab behind the others; its number opens it. It follows `job_changed`."""
        self._pages.addWidget(page)
        number = self.tabs.addTab(title)
        self.fit_tabs()
        return number

    def open_tab(self, tab: int) -> None:
        """Open a tab."""
        self.tabs.setCurrentIndex(tab)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.head.set_stale(stale)
        self.overview.map_part.map.set_stale(stale)
        self.overview.clients.list.set_stale(stale)
        self.history.set_stale(stale)
