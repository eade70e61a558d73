"""Beside a thread: the job or client that it is about, threads nearby, clients that it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.frame_map import FrameMap
from hqgui.models.thread_subject import Named, Nearby, Subject
from hqgui.theme import look
from hqgui.views.frame_map import FrameMapView
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel, UnreadDot
from hqgui.views.parts.section import Section
from hqgui.words import counted

WIDTH: Final = 300


class LinkRow(QWidget):
    """A glyph, a link, and quiet words at the right."""

    clicked = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self._glyph = GlyphLabel("", 12)
        self.link = LinkText("–", self.clicked.emit)
        self._dot = UnreadDot()
        self._detail = PlainLabel("", "text3", 11)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._glyph)
        self._row.addWidget(self.link)
        self._row.addStretch(1)
        self._row.addWidget(self._dot)
        self._row.addWidget(self._detail)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look().px(8))
        self.setFixedHeight(look().px(27))

    def show_row(self, glyph: str, text: str, detail: str, unread: bool = False) -> None:
        """Show these."""
        self._glyph.show_glyph(glyph)
        self.link.set_text(text)
        self.link.setToolTip(tooltip(text))
        self._detail.setText(detail)
        self._dot.show_on(unread)
        said = self.tr("{title}, unread").replace("{title}", text) if unread else text
        self.link.setAccessibleName(f"{said}, {detail}".strip(", "))

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self._glyph.set_stale(stale)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        self.menu_wanted.emit(event.globalPos())


class LinkRows(Section):
    """A heading with rows; it hides without any."""

    chosen = Signal(int)
    """Place of a row."""
    menu_wanted = Signal(int, QPoint)

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._rows: list[LinkRow] = []
        self.column.setSpacing(0)

    def show_rows(self, rows: Sequence[tuple[str, str, str, bool]]) -> None:
        """Glyph, text, detail, and whether it is unread."""
        self.setVisible(bool(rows))
        while len(self._rows) < len(rows):
            self._add(len(self._rows))
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(rows))
            if place < len(rows):
                row.show_row(*rows[place])

    def _add(self, place: int) -> None:
        row = LinkRow()
        row.clicked.connect(lambda: self.chosen.emit(place))
        row.menu_wanted.connect(lambda spot: self.menu_wanted.emit(place, spot))
        self._rows.append(row)
        self.column.addWidget(row)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        for row in self._rows:
            row.set_stale(stale)


class SubjectPart(Section):
    """The job or client itself."""

    show_wanted = Signal()
    retry_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, frames: FrameMap) -> None:
        super().__init__("")
        self._title = PlainLabel("", "text2", 11, 600)
        self.heading.insertWidget(0, self._title)
        self._glyph = GlyphLabel("", 12)
        self._label = ElidedLabel("", "text", 12, 500)
        self._percent = PlainLabel("", "text", 12, 600)
        self._bar = BarLabel()
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._properties: list[tuple[PlainLabel, ElidedLabel]] = []
        self._frames = frames
        self.map = FrameMapView()
        self.map.show_map(frames)
        self.map.verticalHeader().hide()
        self._above_map = QSpacerItem(0, 0)
        self.show_button = Button("", "", "external-link", self.show_wanted.emit)
        self.retry = Button("", "", "rotate-ccw", self.retry_wanted.emit)
        self._state = QHBoxLayout()
        self._state.addWidget(self._glyph)
        self._state.addWidget(self._label, 1)
        self._state.addWidget(self._percent)
        self.column.addLayout(self._state)
        self.column.addWidget(self._bar)
        self.column.addLayout(self._grid)
        self.column.addItem(self._above_map)
        self.column.addWidget(self.map)
        self.column.addWidget(self.show_button)
        self.column.addWidget(self.retry)
        look().tie(self, self._measure_part)

    def _measure_part(self) -> None:
        px = look().px
        self.column.setSpacing(px(8))
        self._state.setSpacing(px(8))
        self._grid.setHorizontalSpacing(px(10))
        self._grid.setVerticalSpacing(px(10))
        self._grid.setColumnMinimumWidth(0, px(84))
        self._above_map.changeSize(0, px(2))

    def show_subject(self, subject: Subject, why_not_retry: str) -> None:
        """Show it."""
        is_job, there = subject.kind == "job", bool(subject.kind)
        self.setVisible(there or bool(subject.properties))
        titles = {"job": self.tr("Job"), "client": self.tr("Client")}
        self._title.setText(titles.get(subject.kind, self.tr("Thread")))
        self._glyph.show_glyph(subject.status)
        self._label.setText(subject.label)
        self._percent.setText(subject.percent)
        self._bar.show_parts(subject.segments)
        for widget in (self._glyph, self._label, self.show_button):
            widget.setVisible(there)
        self._percent.setVisible(bool(subject.percent))
        self._bar.setVisible(bool(subject.segments))
        self._show_properties(subject.properties)
        self.map.setVisible(is_job and self._frames.rowCount() > 0)
        self.show_button.setText(self.tr("Show in job tree") if is_job else self.tr("Show among the clients"))
        words = counted(subject.failed, self.tr("Retry {n} failed frame"), self.tr("Retry {n} failed frames"))
        self.retry.setText(words if subject.failed else self.tr("Retry"))
        self.retry.setVisible(is_job and subject.failed > 0)
        self.retry.setEnabled(not why_not_retry)
        self.retry.setToolTip(tooltip(why_not_retry))

    def _show_properties(self, properties: Sequence[tuple[str, str]]) -> None:
        while len(self._properties) < len(properties):
            row = PlainLabel("", "text3"), ElidedLabel()
            for column, widget in enumerate(row):
                self._grid.addWidget(widget, len(self._properties), column)
            self._properties.append(row)
        for place, (name, value) in enumerate(self._properties):
            there = place < len(properties)
            name.setVisible(there)
            value.setVisible(there)
            if there:
                name.setText(properties[place][0])
                value.setText(properties[place][1])

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self._glyph.set_stale(stale)
        self._bar.set_stale(stale)
        self.map.set_stale(stale)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        self.menu_wanted.emit(event.globalPos())


class Side(QScrollArea):
    """The whole column."""

    show_wanted = Signal(str)
    """An address should be shown in the main window."""
    thread_wanted = Signal(int)
    retry_wanted = Signal(int)
    menu_wanted = Signal(str, QPoint)
    """A menu for an address."""
    frame_wanted = Signal(int)
    frames_menu_wanted = Signal(object, QPoint)

    def __init__(self, frames: FrameMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notesSide")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._subject: Subject | None = None
        self.part = SubjectPart(frames)
        self.nearby = LinkRows(self.tr("Threads nearby"))
        self.clients = LinkRows(self.tr("Clients named here"))
        self._body = QWidget()
        self._body.setProperty("role", "panel")
        self._body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self._body)
        for part in (self.part, self.nearby, self.clients):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.setWidget(self._body)
        self.part.show_wanted.connect(lambda: self.show_wanted.emit(self._address()))
        self.part.retry_wanted.connect(self._ask_retry)
        self.part.menu_wanted.connect(lambda spot: self._ask_menu(self._address(), spot))
        self.part.map.opened.connect(self.frame_wanted)
        self.part.map.menu_wanted.connect(self._ask_frames_menu)
        self.nearby.chosen.connect(lambda place: self.thread_wanted.emit(self._near(place).thread))
        self.clients.chosen.connect(lambda place: self.show_wanted.emit(self._client(place)))
        self.clients.menu_wanted.connect(lambda place, spot: self._ask_menu(self._client(place), spot))
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(12), px(18), px(14), px(16))
        self._column.setSpacing(px(26))

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(WIDTH), look().px(400))

    def show_subject(self, subject: Subject, why_not_retry: str) -> None:
        """Show what stands beside the thread."""
        self._subject = subject
        self.part.show_subject(subject, why_not_retry)
        self.nearby.show_rows([(one.glyph, one.title, one.notes, one.unread) for one in subject.nearby])
        self.clients.show_rows([(one.glyph, one.label, one.state, False) for one in subject.clients])

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        for part in (self.part, self.nearby, self.clients):
            part.set_stale(stale)

    def _address(self) -> str:
        return f"{self._subject.kind}:{self._subject.id}" if self._subject is not None and self._subject.kind else ""

    def _near(self, place: int) -> Nearby:
        assert self._subject is not None
        return self._subject.nearby[place]

    def _client(self, place: int) -> str:
        assert self._subject is not None
        named: Named = self._subject.clients[place]
        return f"client:{named.id}"

    def _ask_retry(self) -> None:
        if self._subject is not None:
            self.retry_wanted.emit(self._subject.id)

    def _ask_menu(self, address: str, spot: QPoint) -> None:
        if address:
            self.menu_wanted.emit(address, spot)

    def _ask_frames_menu(self, spot: QPoint) -> None:
        ids = self.part.map.selected_ids()
        if ids:
            self.frames_menu_wanted.emit(ids, spot)
