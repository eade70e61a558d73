"""The Overview of a client: its measures, what runs on it, its groups, description, and every attribute."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from hqgui.models.client_facts import ClientFacts, Gauge, RunningJob
from hqgui.models.formats import count
from hqgui.models.roles import Cell, Segment, Tone
from hqgui.theme import look
from hqgui.views.overview import NotePart
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import BarLabel, ElidedLabel, PlainLabel, show_stale
from hqgui.views.parts.leading import lead
from hqgui.views.parts.overlay_bar import OverlayBar
from hqgui.views.parts.section import Section, clear
from hqgui.views.properties import Tag
from hqgui.words import translate

_OUTPUT: Final = 4
"""The column that opens the output."""
_COLUMNS: Final = (
    PlainColumn("job", 130, stretch=1),
    PlainColumn("bar", 56),
    PlainColumn("percent", 46, right=True),
    PlainColumn("time", 76, right=True),
    PlainColumn("output", 56, right=True),
)
_WIDE: Final = 330
_LONG: Final = 13
"""Characters that fit beside another value in the narrowest inspector."""


class ClientOverview(QScrollArea):
    """What is known of one client."""

    job_wanted = Signal(int)
    output_wanted = Signal(int)
    group_wanted = Signal(int)
    groups_menu_wanted = Signal()
    week_wanted = Signal()
    jobs_wanted = Signal()
    """All jobs on this client should be shown in the tree."""
    notes_wanted = Signal()
    described = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar = OverlayBar(self)
        self._stale = False
        self.gauges = GaugesPart()
        self.running = RunningPart()
        self.availability = AvailabilityPart()
        self.groups = GroupsPart()
        self.description = DescriptionPart()
        self.properties = FactsPart()
        self.note = NotePart()
        self.open_thread = LinkText(self.tr("Open thread"), self.notes_wanted.emit, 11)
        self.note.heading.addWidget(self.open_thread)
        body = QWidget()
        body.setProperty("role", "panel")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(body)
        for part in self._parts():
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.setWidget(body)
        lead(self, self.running.list)
        self.running.job_wanted.connect(self.job_wanted)
        self.running.output_wanted.connect(self.output_wanted)
        self.running.all_wanted.connect(self.jobs_wanted)
        self.availability.edit.clicked.connect(lambda _on=False: self.week_wanted.emit())
        self.groups.group_wanted.connect(self.group_wanted)
        self.groups.change.clicked.connect(lambda _on=False: self.groups_menu_wanted.emit())
        self.description.described.connect(self.described)
        look().tie(self, self._measure)

    def _parts(self) -> tuple[QWidget, ...]:
        return (
            self.gauges,
            self.running,
            self.availability,
            self.groups,
            self.description,
            self.properties,
            self.note,
        )

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(5), px(12), px(8), px(16))
        self._column.setSpacing(px(16))

    def show_facts(self, facts: ClientFacts) -> None:
        """Show a client."""
        self.gauges.show_gauges(facts.gauges)
        self.running.show_jobs(facts.running)
        self.availability.show_facts(facts)
        self.groups.show_groups(facts.groups)
        self.description.show_text(facts.description)
        self.properties.show_pairs([*facts.properties, *(("GPU", gpu) for gpu in facts.gpus)])
        self.note.show_note(facts.latest_note, facts.note_when)
        show_stale(self, self._stale)  # some of it may be new

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self._stale = stale
        self.running.list.set_stale(stale)
        show_stale(self, stale)


class GaugesPart(Section):
    """Load, cpus, memory and disk as bars."""

    def __init__(self) -> None:
        super().__init__(translate("ClientOverview", "Machine"))
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self.column.addLayout(self._grid)
        self._rows: list[tuple[PlainLabel, BarLabel, PlainLabel]] = []
        look().tie(self, self._measure_grid)

    def _measure_grid(self) -> None:
        self._grid.setHorizontalSpacing(look().px(8))
        self._grid.setVerticalSpacing(look().px(5))
        self._grid.setColumnMinimumWidth(0, look().px(64))

    def show_gauges(self, gauges: Sequence[Gauge]) -> None:
        """Show these."""
        self.setVisible(bool(gauges))
        while len(self._rows) < len(gauges):
            row = (PlainLabel("", "text3"), BarLabel(6), PlainLabel("", "text2"))
            row[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate(row):
                self._grid.addWidget(widget, len(self._rows), column)
            self._rows.append(row)
        for place, row in enumerate(self._rows):
            for widget in row:
                widget.setVisible(place < len(gauges))
            if place < len(gauges):
                gauge = gauges[place]
                row[0].setText(gauge.name)
                row[1].show_parts((Segment("failed" if gauge.full else "running", max(gauge.fraction, 0.0)),))
                row[2].setText(gauge.text)


class RunningPart(Section):
    """The jobs that run here; a click goes there, on its last word to its output."""

    job_wanted = Signal(int)
    output_wanted = Signal(int)
    all_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(translate("ClientOverview", "Running jobs"), wide=True)
        self._all = LinkText(translate("ClientOverview", "Show in the tree"), self.all_wanted.emit, 11)
        self.heading.addWidget(self._all)
        self.list = Lines(translate("ClientOverview", "Running jobs"), _COLUMNS)
        self._nothing = PlainLabel(translate("ClientOverview", "Nothing runs here."), "text3")
        row = QHBoxLayout()
        row.setContentsMargins(look().px(8), 0, 0, 0)
        row.addWidget(self._nothing)
        self.column.addWidget(self.list)
        self.column.addLayout(row)
        self._jobs: Sequence[RunningJob] = ()
        self.list.clicked.connect(self._clicked)
        self.list.activated.connect(lambda index: self.job_wanted.emit(self._jobs[index.row()].id))
        look().tie(self, lambda: self.column.setSpacing(0))

    def _clicked(self, index: QModelIndex) -> None:
        job = self._jobs[index.row()].id
        (self.output_wanted if index.column() == _OUTPUT else self.job_wanted).emit(job)

    def show_jobs(self, jobs: Sequence[RunningJob]) -> None:
        """Show these."""
        self._jobs = jobs
        self.show_detail(count(len(jobs)) if jobs else "")
        self._nothing.setVisible(not jobs)
        self.list.show_lines([_running_line(job) for job in jobs])


def _running_line(job: RunningJob) -> Line:
    cells = (
        Cell(job.title, glyph=job.status, weight=500, keep_end=True),
        Cell(fraction=max(job.fraction, 0.0)),
        Cell(job.percent, tone=Tone.SECONDARY),
        Cell(job.time, tone=Tone.SECONDARY),
        Cell(translate("ClientOverview", "Output"), tone=Tone.LINK),
    )
    return Line(job.id, cells, f"{job.title}\n{job.percent} {job.time}".strip())


class AvailabilityPart(Section):
    """What applies now and next."""

    def __init__(self) -> None:
        super().__init__(translate("ClientOverview", "Availability"))
        self.edit = LinkText(translate("ClientOverview", "Paint the week"), size=11)
        self.heading.addWidget(self.edit)
        self.now = PlainLabel("", "text")
        self.now.setWordWrap(True)
        self.then = PlainLabel("", "text2")
        self.then.setWordWrap(True)
        self.column.addWidget(self.now)
        self.column.addWidget(self.then)

    def show_facts(self, facts: ClientFacts) -> None:
        """Show a client's."""
        self.now.setText(facts.standing.text)
        self.then.setText(facts.next_change)
        self.then.setVisible(bool(facts.next_change))


class GroupsPart(Section):
    """The groups it is in, each a link."""

    group_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__(translate("ClientOverview", "Groups"))
        self.change = LinkText(translate("ClientOverview", "Change"), size=11)
        self.heading.addWidget(self.change)
        self._row = QHBoxLayout()
        self.column.addLayout(self._row)
        self._shown: object = None
        look().tie(self, lambda: self._row.setSpacing(look().px(10)))

    def show_groups(self, groups: Sequence[tuple[int, str]]) -> None:
        """Show these."""
        if groups == self._shown:
            return
        self._shown = groups
        clear(self._row)
        for group, name in groups[:6]:
            self._row.addWidget(LinkText(name, partial(self.group_wanted.emit, group)))
        if not groups:
            self._row.addWidget(PlainLabel(translate("ClientOverview", "In none."), "text3"))
        elif len(groups) > 6:
            self._row.addWidget(Tag(f"+{len(groups) - 6}"))
        self._row.addStretch(1)


class DescriptionPart(Section):
    """The description, edited where it stands."""

    described = Signal(str)

    def __init__(self) -> None:
        super().__init__(translate("ClientOverview", "Description"))
        self.edit = LinkText(translate("ClientOverview", "Edit"), self.begin, 11)
        self.heading.addWidget(self.edit)
        self.text = ElidedLabel("", "text2")
        self.field = _Field()
        self.field.setAccessibleName(translate("ClientOverview", "Description"))
        self.column.addWidget(self.text)
        self.column.addWidget(self.field)
        self.field.hide()
        self.field.returnPressed.connect(self._take)
        self.field.left.connect(self._leave)
        look().tie(self, lambda: self.field.setFont(look().font()))

    def show_text(self, text: str) -> None:
        """Show it; what is being typed stays."""
        self._saved = text
        self.text.setText(text or translate("ClientOverview", "None."))
        self.text.set_ink("text2" if text else "text3")

    def begin(self) -> None:
        """Edit it."""
        self.show_draft(self._saved)
        self.field.setFocus()
        self.field.selectAll()

    @property
    def draft(self) -> str | None:
        """What is typed and not saved."""
        typed = self.field.text()
        return typed if self.is_edited() and typed.strip() != self._saved else None

    def show_draft(self, typed: str | None) -> None:
        """Go on with what was typed before; None: nothing is being typed."""
        self.field.setText(typed or "")
        self.text.setVisible(typed is None)
        self.field.setVisible(typed is not None)

    def is_edited(self) -> bool:
        """Whether somebody types."""
        return not self.field.isHidden()

    def _take(self) -> None:
        text = self.field.text().strip()
        self._leave()
        if text != self._saved:
            self.described.emit(text)

    def _leave(self) -> None:
        self.field.hide()
        self.text.show()
        self.edit.setFocus()


class _Field(QLineEdit):
    """A field that Escape leaves."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: Escape leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class FactsPart(Section):
    """Names and values, in two columns where there is room."""

    def __init__(self) -> None:
        super().__init__(translate("ClientOverview", "Properties"))
        self._grid = QGridLayout()
        self.column.addLayout(self._grid)
        self._labels: list[tuple[PlainLabel, ElidedLabel]] = []
        look().tie(self, self._measure_grid)

    def _measure_grid(self) -> None:
        px = look().px
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(0)
        for column, width in ((0, 76), (2, 66)):
            self._grid.setColumnMinimumWidth(column, px(width))
        self._grid.setColumnStretch(1, 10)
        self._grid.setColumnStretch(3, 10)
        for label, value in self._labels:
            label.setFixedHeight(px(22))
            value.setFixedHeight(px(22))

    def show_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show these; a value that is long has a line of its own."""
        while len(self._labels) < len(pairs):
            made = (PlainLabel("", "text3"), ElidedLabel())
            self._labels.append(made)
            for widget in made:
                widget.setFixedHeight(look().px(22))
        while self._grid.takeAt(0) is not None:
            pass
        row, column = 0, 0
        for place, (label, value) in enumerate(self._labels):
            there = place < len(pairs)
            if there:
                name, text = pairs[place]
                label.setText(name)
                value.setText(text)
                value.setToolTip("")
                long = len(text) > _LONG
                if long and column:
                    row, column = row + 1, 0
                self._grid.addWidget(label, row, column)
                self._grid.addWidget(value, row, column + 1, 1, 3 if long else 1)
                row, column = (row + 1, 0) if long or column else (row, 2)
            label.setVisible(there)
            value.setVisible(there)
