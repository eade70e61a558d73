"""The inspector of clients: what one is and does, its week, the jobs that ran on it, the errors of its agent.

It stands where the inspector of jobs stands, while a clients table has the keyboard. What the feed does not carry is
asked for by signals and given by the `show_...` methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from hqgui.models.client_facts import ClientError, ClientFacts, PastJob
from hqgui.models.formats import ago, count, several_lines
from hqgui.models.roles import Cell, Tone
from hqgui.models.week import Week
from hqgui.theme import look
from hqgui.views.care.availability_editor import AvailabilityEditor
from hqgui.views.care.client_head import ClientHead, ClientPath
from hqgui.views.care.client_overview import ClientOverview
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_table import CellTable, Line, PlainColumn
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leading import lead
from hqgui.views.parts.message import Message
from hqgui.views.parts.overlay_bar import OverlayBar
from hqgui.views.parts.rows import Rows
from hqgui.views.parts.tabbed import Tabbed
from hqgui.words import translate
from hqserver.wire.statuses import JobStatus

_JOB_COLUMNS: Final = (
    PlainColumn("job", 130, stretch=1),
    PlainColumn("state", 84),
    PlainColumn("when", 52, right=True),
    PlainColumn("took", 68, right=True),
    PlainColumn("output", 56, right=True),
)
_ERROR_COLUMNS: Final = (
    PlainColumn("when", 74),
    PlainColumn("error", 260, stretch=1),
)


class ClientTab(IntEnum):
    """The tabs in their order."""

    OVERVIEW = 0
    AVAILABILITY = 1
    JOBS = 2
    ERRORS = 3


class _SparingRows(Rows):
    """Leaves columns out that say in words what glyphs say, where there is little room."""

    def __init__(self, name: str, columns: Sequence[PlainColumn], spared: Mapping[str, int]) -> None:
        self._spared = spared
        super().__init__(name, columns)

    def arrange_columns(self) -> None:
        """Give columns their widths."""
        room = self.viewport().width() / look().zoom
        for key, least in self._spared.items():
            (self.columns.shown.add if room >= least else self.columns.shown.discard)(key)
        super().arrange_columns()


class ListPage(QWidget):
    """A list, or words when there is nothing; `spared`: columns that need so much room to be seen."""

    def __init__(
        self, name: str, columns: Sequence[PlainColumn], spared: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        super().__init__()
        self.rows = _SparingRows(name, columns, spared)
        self.rows.cover("base")
        self.rows.setRootIsDecorated(False)
        self.rows.header().hide()
        self.table = CellTable(columns, self)
        self.rows.show_model(self.table)
        self.empty = Message()
        self.stack = QStackedLayout(self)
        self.stack.addWidget(self.rows)
        self.stack.addWidget(self.empty)
        self.setFocusProxy(self.rows)

    def show_lines(self, lines: Sequence[Line], nothing: str) -> None:
        """Show these lines."""
        self.table.show(lines)
        self.empty.show_words("", nothing)
        self.stack.setCurrentWidget(self.rows if lines else self.empty)


class ErrorsPage(QWidget):
    """The errors of an agent, and what it logged of the one that is selected."""

    copy_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.list = ListPage(self.tr("Errors"), _ERROR_COLUMNS)
        self.details = PlainLabel("", "text2", 11, mono=True)
        self.details.setWordWrap(True)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.details)
        self._bar = OverlayBar(self._scroll)
        self.copy = Button(self.tr("Copy all"), "small", clicked=self._copy)
        self._errors: Sequence[ClientError] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, look().px(8))
        column.addWidget(self.list, 2)
        column.addWidget(self._scroll, 3)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, look().px(12), 0)
        foot.addStretch(1)
        foot.addWidget(self.copy)
        column.addLayout(foot)
        self.setFocusProxy(self.list.rows)
        self.list.rows.selection_moved.connect(self._show_details)
        look().tie(self, lambda: self.details.setContentsMargins(look().px(13), look().px(6), look().px(13), 0))

    def show_errors(self, errors: Sequence[ClientError], now: float) -> None:
        """Show these."""
        self._errors = errors
        self.tick(now)
        self.copy.setVisible(bool(errors))
        self._scroll.setVisible(bool(errors))
        self._show_details()

    def tick(self, now: float) -> None:
        """The time has passed: each says how long ago it was."""
        lines = [_error_line(error, now) for error in self._errors]
        self.list.show_lines(lines, self.tr("Its agent reported no errors."))

    def _show_details(self) -> None:
        current = self.list.rows.currentIndex().row()
        shown = self._errors[current] if 0 <= current < len(self._errors) else None
        self.details.setText(several_lines(f"{shown.message}\n\n{shown.traceback}".strip(), 8000) if shown else "")

    def _copy(self) -> None:
        parts = (f"{error.times} x {error.message}\n{error.traceback}".strip() for error in self._errors)
        self.copy_wanted.emit("\n\n".join(parts))


def _error_line(error: ClientError, now: float) -> Line:
    first = error.message.strip().partition("\n")[0]
    often = f"{error.times} × " if error.times > 1 else ""
    cells = (
        Cell(ago(max(0.0, now - error.last)) if error.last else "", tone=Tone.DIM),
        Cell(f"{often}{first}", glyph="failed"),
    )
    return Line(error.id, cells, error.message)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What somebody began on a client and did not save."""

    week: Week | None = None
    description: str | None = None


class ClientInspector(Tabbed):
    """Shows one client."""

    client_changed = Signal(object)
    """Another client is shown: its id, or None."""
    job_wanted = Signal(int)
    output_wanted = Signal(int)
    rules_wanted = Signal(int, object)
    disable_wanted = Signal(int)
    described = Signal(int, str)
    copy_wanted = Signal(str)

    def __init__(self, enable: QAction, disable: QAction, wake: QAction, parent: QWidget | None = None) -> None:
        nothing = translate("ClientInspector", "Select a client to see what it is and does.")
        super().__init__(translate("ClientInspector", "Inspector of clients"), nothing, parent)
        self.setObjectName("clientInspector")
        self.client: int | None = None
        self.facts: ClientFacts | None = None
        self._why_not = ""
        self.path = ClientPath()
        self.head = ClientHead(enable, disable, wake)
        self.overview = ClientOverview()
        self.editor = AvailabilityEditor()
        self.jobs = ListPage(self.tr("Recent jobs"), _JOB_COLUMNS, {"state": 440})
        self.errors = ErrorsPage()
        self._past: Sequence[PastJob] = ()
        self._unsaved: dict[int, Unsaved] = {}
        """Of clients that were left in the middle of it."""
        self.add_tab(self.tr("Overview"), self.overview)
        self.add_tab(self.tr("Availability"), self._editor_page())
        self.add_tab(self.tr("Jobs"), self.jobs)
        self.add_tab(self.tr("Errors"), self.errors)
        self.lay_out(self.head)
        look().tie(self.editor, self._measure_editor)
        self._connect()
        self.show_client(None, None)

    def _editor_page(self) -> QScrollArea:
        body = QWidget()
        body.setProperty("role", "panel")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor_column = QVBoxLayout(body)
        self._editor_column.addWidget(self.editor)
        self._editor_column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        lead(area, self.editor.grid)
        self._editor_bar = OverlayBar(area)
        return area

    def _measure_editor(self) -> None:
        px = look().px
        self._editor_column.setContentsMargins(px(13), px(12), px(13), px(12))

    def _connect(self) -> None:
        self.path.copy_wanted.connect(lambda: self.copy_wanted.emit(self.facts.label if self.facts else ""))
        self.overview.job_wanted.connect(self.job_wanted)
        self.overview.output_wanted.connect(self.output_wanted)
        self.overview.week_wanted.connect(lambda: self.open_tab(ClientTab.AVAILABILITY))
        self.overview.described.connect(lambda text: self.described.emit(self.client or 0, text))
        self.editor.save_wanted.connect(lambda rules: self.rules_wanted.emit(self.client or 0, rules))
        self.editor.disable_wanted.connect(lambda: self.disable_wanted.emit(self.client or 0))
        self.editor.show_moment(self._moment)
        self.editor.changed.connect(self._mark_week)
        self.jobs.rows.clicked.connect(self._job_clicked)
        self.jobs.rows.activated.connect(lambda index: self.job_wanted.emit(self._past[index.row()].id))
        self.errors.copy_wanted.connect(self.copy_wanted)

    def _moment(self) -> tuple[datetime, int] | None:
        return None if self.facts is None else (self.facts.local, self.facts.idle_minutes)

    def show_client(self, client: int | None, facts: ClientFacts | None) -> None:
        """Show a client, or that none is chosen."""
        other = client != self.client
        if other:
            self._put_aside()
        self.client, self.facts = client, facts
        self.show_there(facts is not None, facts is None)
        self.path.show_facts(facts)
        if facts is not None:
            self.head.show_facts(facts)
            self.overview.show_facts(facts)
            self._show_week(facts, other)
        if other:
            self._go_on()
            self.show_past(client, ())
            self.show_errors(client, (), 0.0)
            self.client_changed.emit(client)

    def _put_aside(self) -> None:
        """What is painted and typed belongs to its client, and is there again when that is."""
        if self.client is not None and self.facts is not None:
            begun = Unsaved(self.editor.draft, self.overview.description.draft)
            if begun == Unsaved():
                self._unsaved.pop(self.client, None)
            else:
                self._unsaved[self.client] = begun

    def _go_on(self) -> None:
        begun = self._unsaved.pop(self.client or 0, Unsaved()) if self.facts is not None else Unsaved()
        self.overview.description.show_draft(begun.description)
        if begun.week is not None:
            self.editor.show_draft(begun.week)

    def _mark_week(self) -> None:
        self.show_count(ClientTab.AVAILABILITY, "•" if self.editor.is_changed else "")

    def _show_week(self, facts: ClientFacts, other: bool) -> None:
        if other:
            self.editor.show_rules(facts.reading, facts.rules, 1)
        else:
            self.editor.show_saved(facts.reading, facts.rules)
        self.editor.tick()

    def set_why_not(self, words: str) -> None:
        """Why nothing can be changed now; empty when it can."""
        if words != self._why_not:
            self._why_not = words
            self.editor.show_why_not(words)
            self.overview.description.edit.setEnabled(not words)
            self.overview.groups.change.setEnabled(not words)

    def show_past(self, client: int | None, jobs: Sequence[PastJob]) -> None:
        """The jobs that ran here came."""
        if client == self.client:
            self._past = jobs
            self.jobs.show_lines([_past_line(job) for job in jobs], self.tr("No job has ended here lately."))
            self.show_count(ClientTab.JOBS, count(len(jobs)) if jobs else "")

    def show_errors(self, client: int | None, errors: Sequence[ClientError], now: float) -> None:
        """The errors of its agent came."""
        if client == self.client:
            self.errors.show_errors(errors, now)
            self.show_count(ClientTab.ERRORS, count(len(errors)) if errors else "")

    def _job_clicked(self, index: QModelIndex) -> None:
        job = self._past[index.row()].id
        last = len(_JOB_COLUMNS) - 1
        (self.output_wanted if index.column() == last else self.job_wanted).emit(job)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.head.set_stale(stale)
        self.overview.set_stale(stale)
        self.jobs.rows.set_stale(stale)
        self.errors.list.rows.set_stale(stale)


def _past_line(job: PastJob) -> Line:
    cells = (
        Cell(job.title, glyph=job.status, keep_end=True),
        Cell(job.words, tone=Tone.FAILED if job.status == JobStatus.FAILED else Tone.SECONDARY),
        Cell(job.when, tone=Tone.SECONDARY),
        Cell(job.took, tone=Tone.SECONDARY),
        Cell(translate("ClientOverview", "Output"), tone=Tone.LINK),
    )
    return Line(job.id, cells, f"{job.title}\n{job.words} {job.when} {job.took}".strip())
