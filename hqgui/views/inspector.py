"""The inspector: one job, as it is, what it says, what happened to it.

It follows the selection unless it is pinned. What the feed does not carry (command, output, history) is asked for by
signals and given by the `show_...` methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from hqgui.models.history import HISTORY_COLUMNS, History
from hqgui.models.inspector import facts
from hqgui.session import Session
from hqgui.views.inspector_head import InspectorHead, PathRow
from hqgui.views.output_view import OutputView
from hqgui.views.overview import Overview
from hqgui.views.parts.cell_table import PlainColumn
from hqgui.views.parts.leading import lead
from hqgui.views.parts.rows import Rows
from hqgui.views.parts.tabbed import Tabbed
from hqgui.words import translate


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


class Inspector(Tabbed):
    """Shows one job."""

    job_changed = Signal(object)
    """Another job is shown: its id, or None."""
    tab_changed = Signal(int)
    job_wanted = Signal(int)
    clients_wanted = Signal(object)
    copy_wanted = Signal(str)
    retry_wanted = Signal(int)
    permitted_wanted = Signal(int)
    """Of which job the permitted clients should be edited."""
    details_came = Signal()
    """More is known of the job that is shown: `details`, or its status log."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        nothing = translate("Inspector", "Select a job to see what it does.")
        super().__init__(translate("Inspector", "Inspector"), nothing, parent)
        self.setObjectName("inspector")
        self._session = session
        self.job: int | None = None
        self.pinned = False
        self._details: Mapping[str, Any] | None = None
        self._permitted: int | None = None
        self.path = PathRow()
        self.head = InspectorHead()
        self.overview = Overview(session.frame_map)
        lead(self.overview, self.overview.map_part.map)
        self.output = OutputView()
        lead(self.output, self.output.log)
        self.history = HistoryView(session.history)
        self.add_tab(self.tr("Overview"), self.overview)
        self.add_tab(self.tr("Output"), self.output)
        self.add_tab(self.tr("History"), self.history)
        self._several: QWidget | None = None
        self._shows_several = False
        self.lay_out(self.head)
        self._connect()
        self.show_job(None)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self.tab_changed)
        self.path.job_wanted.connect(self.job_wanted)
        self.path.pinned.connect(self._pin)
        self.path.copy_wanted.connect(lambda: self.copy_wanted.emit(str(self.job)))
        self.head.retry_wanted.connect(lambda: self.retry_wanted.emit(self.job or 0))
        self.overview.job_wanted.connect(self.job_wanted)
        self.overview.clients_wanted.connect(self.clients_wanted)
        self.overview.permitted_wanted.connect(lambda: self.permitted_wanted.emit(self.job or 0))
        self.overview.copy_wanted.connect(self.copy_wanted)
        self.overview.mode_wanted.connect(self._session.frame_map.set_mode)

    def set_several_page(self, page: QWidget) -> None:
        """What stands here instead of one job while several are selected."""
        self._several = page
        page.hide()
        self._column.insertWidget(1, page, 1)

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
        self.show_there(known is not None and not several, known is None and not several)
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
            self.details_came.emit()

    @property
    def details(self) -> Mapping[str, Any]:
        """What was asked of the job that is shown; empty until it came."""
        return self._details or {}

    def show_permitted(self, job: int, number: int | None) -> None:
        """How many clients may run it came."""
        if job == self.job:
            self._permitted = number
            self.refresh()

    def show_history(self, job: int, entries: Sequence[Mapping[str, Any]]) -> None:
        """The status log came."""
        if job == self.job:
            self._session.history.show(entries)
            self.details_came.emit()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.head.set_stale(stale)
        self.overview.set_stale(stale)
        self.history.set_stale(stale)
