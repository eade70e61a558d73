"""The inspector's Overview: frame map, properties, resources, clients, the latest note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QLayoutItem, QScrollArea, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.frame_map import FrameMap, MapMode
from hqgui.models.inspector import ClientFacts, JobFacts, ResourceUse
from hqgui.models.roles import Cell, Segment, Tone
from hqgui.theme import look
from hqgui.views.frame_map import FrameMapView
from hqgui.views.parts.buttons import IconButton
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.chips import LinkText, Segments
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.statuses import JobStatus

_MOST_CLIENTS: Final = 8
_CLIENT_COLUMNS: Final = (
    PlainColumn("client", 86, stretch=1),
    PlainColumn("job", 56),
    PlainColumn("bar", 118),
    PlainColumn("percent", 50, right=True),
    PlainColumn("time", 69, right=True),
)
_LEGEND: Final[dict[str, str]] = {
    JobStatus.SUCCEEDED: QT_TRANSLATE_NOOP("Overview", "done"),
    JobStatus.FAILED: QT_TRANSLATE_NOOP("Overview", "failed"),
    JobStatus.RUNNING: QT_TRANSLATE_NOOP("Overview", "running"),
    JobStatus.PAUSED: QT_TRANSLATE_NOOP("Overview", "paused"),
    JobStatus.RUNNABLE: QT_TRANSLATE_NOOP("Overview", "waiting"),
    JobStatus.QUEUED: QT_TRANSLATE_NOOP("Overview", "need children"),
    JobStatus.CANCELLED: QT_TRANSLATE_NOOP("Overview", "cancelled"),
    JobStatus.ABANDONED: QT_TRANSLATE_NOOP("Overview", "abandoned"),
}
_LEGEND_ORDER: Final[tuple[str, ...]] = (
    JobStatus.SUCCEEDED,
    JobStatus.RUNNING,
    JobStatus.FAILED,
    JobStatus.RUNNABLE,
    JobStatus.PAUSED,
    JobStatus.QUEUED,
    JobStatus.CANCELLED,
    JobStatus.ABANDONED,
)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        _discard(item)


def _discard(item: QLayoutItem) -> None:
    widget = item.widget()
    if widget is not None:
        widget.hide()
        widget.deleteLater()


class Overview(QScrollArea):
    """What is known of one job."""

    job_wanted = Signal(int)
    clients_wanted = Signal(object)
    """Ids of clients that should be selected in the table."""
    copy_wanted = Signal(str)
    """A text for the clipboard."""
    mode_wanted = Signal(MapMode)

    def __init__(self, frames: FrameMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._facts: JobFacts | None = None
        self.map_part = MapPart(frames)
        self.properties = Properties()
        self.resources = ResourcesPart()
        self.clients = ClientsPart()
        self.note = NotePart()
        body = QWidget()
        body.setProperty("role", "panel")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(body)
        for part in (self.map_part, self.properties, self.resources, self.clients, self.note):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.setWidget(body)
        self.map_part.mode_wanted.connect(self.mode_wanted)
        self.map_part.map.opened.connect(self.job_wanted)
        self.clients.job_wanted.connect(self.job_wanted)
        self.clients.clients_wanted.connect(self.clients_wanted)
        self.properties.copy_wanted.connect(self.copy_wanted)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(8), px(12), px(8), px(16))
        self._column.setSpacing(px(17))

    def show_facts(self, facts: JobFacts) -> None:
        """Show a job."""
        if facts == self._facts:
            return
        self._facts = facts
        self.map_part.show_counts()
        self.properties.show_facts(facts)
        self.resources.show_resources(facts.resources)
        self.clients.show_clients(facts.clients, facts.finished_clients)
        self.note.show_note(facts.latest_note, facts.note_when)


class Part(QWidget):
    """A part with a quiet heading. `wide`: rows reach to the edges, because they have a padding of their own."""

    def __init__(self, title: str, wide: bool = False) -> None:
        super().__init__()
        self._wide = wide
        self.heading = QHBoxLayout()
        self.heading.addWidget(PlainLabel(title, "text2", 11, 600))
        self.detail = PlainLabel("", "text3", 11)
        self.heading.addWidget(self.detail)
        self.heading.addStretch(1)
        self.column = QVBoxLayout(self)
        self.column.addLayout(self.heading)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        pad = look().px(8)
        outer, inner = (0, pad) if self._wide else (pad, 0)
        self.column.setContentsMargins(outer, 0, outer, 0)
        self.heading.setContentsMargins(inner, 0, inner, 0)
        self.column.setSpacing(look().px(6))
        self.heading.setSpacing(look().px(7))


class MapPart(Part):
    """The frame map with its modes, what is under the pointer, and a legend."""

    mode_wanted = Signal(MapMode)

    def __init__(self, frames: FrameMap) -> None:
        super().__init__(translate("Overview", "Frame map"))
        self._frames = frames
        self.modes = Segments(translate("Overview", "Colour by"), [self.tr("State"), self.tr("Time")])
        self.heading.addWidget(self.modes)
        self.map = FrameMapView()
        self.map.show_map(frames)
        self.column.addWidget(self.map)
        self._inset = QFrame()
        self._inset.setProperty("role", "inset")
        self._row = QHBoxLayout(self._inset)
        self._glyph = GlyphLabel("", 12)
        self._label = PlainLabel("", "text", weight=500)
        self._words = ElidedLabel("", "text2")
        for widget, stretch in ((self._glyph, 0), (self._label, 0), (self._words, 1)):
            self._row.addWidget(widget, stretch)
        self.column.addWidget(self._inset)
        self._legend = Legend()
        self.column.addWidget(self._legend)
        self.modes.chosen.connect(lambda place: self.mode_wanted.emit(tuple(MapMode)[place]))
        self.map.looked_at.connect(self._read_out)
        look().tie(self, self._measure_inset)

    def _measure_inset(self) -> None:
        px = look().px
        self._inset.setFixedHeight(px(24))
        self._row.setContentsMargins(px(9), 0, px(9), 0)
        self._row.setSpacing(px(7))

    def show_counts(self) -> None:
        """The legend, and the words for the cell that is looked at."""
        counts = self._frames.counts()
        self.setVisible(bool(counts))
        self._legend.show_counts(counts)
        self._read_out(self.map.currentIndex())

    def _read_out(self, index: QModelIndex) -> None:
        cell = self._frames.cell(index) if index.isValid() else None
        self._glyph.show_glyph(cell.status if cell is not None else "")
        self._label.setText(cell.label if cell is not None else "")
        for widget in (self._glyph, self._label):
            widget.setVisible(cell is not None)
        if cell is None:
            self._words.setText(self.tr("Point at a frame"))
            self._words.set_ink("text3")
            return
        self._words.setText(self._frames.readout(index))
        self._words.set_ink("text2")


class Legend(QWidget):
    """Counts by state, each with its glyph."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._shown: tuple[tuple[str, int], ...] | None = None
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look().px(14))

    def show_counts(self, counts: tuple[tuple[str, int], ...]) -> None:
        """Show these counts."""
        if counts == self._shown:
            return
        self._shown = counts
        clear(self._row)
        order = {status: place for place, status in enumerate(_LEGEND_ORDER)}
        for status, n in sorted(counts, key=lambda item: order.get(item[0], 99))[:4]:
            word = translate("Overview", _LEGEND[status]) if status in _LEGEND else status
            self._row.addWidget(_LegendItem(status, count(n), word))
        self._row.addStretch(1)


class _LegendItem(QWidget):
    def __init__(self, status: str, number: str, word: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look().px(4))
        row.addWidget(GlyphLabel(status, 11))
        row.addWidget(PlainLabel(number, "text", weight=600))
        row.addWidget(PlainLabel(word, "text3", 11))


class Properties(Part):
    """Labels and values in two columns, then tags and the command."""

    copy_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Properties"))
        self.grid = QGridLayout()
        self.column.addLayout(self.grid)
        self._labels = [(PlainLabel("", "text3"), ElidedLabel()) for _ in range(14)]
        for place, (label, value) in enumerate(self._labels):
            self.grid.addWidget(label, place // 2, place % 2 * 2)
            self.grid.addWidget(value, place // 2, place % 2 * 2 + 1)
        self._tags_word = PlainLabel(translate("Overview", "Tags"), "text3")
        self._tags = QWidget()
        self._tags_row = QHBoxLayout(self._tags)
        self.grid.addWidget(self._tags_word, 7, 0)
        self.grid.addWidget(self._tags, 7, 1, 1, 3)
        self._command_word = PlainLabel(translate("Overview", "Command"), "text3")
        self._command = ElidedLabel("", "text2", 11, mono=True)
        self._copy = IconButton("copy", translate("Overview", "Copy command"), self._copy_command, "text3", 13, 22)
        self._full_command = ""
        self.grid.addWidget(self._command_word, 8, 0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._command, 1)
        row.addWidget(self._copy)
        self.grid.addLayout(row, 8, 1, 1, 3)
        look().tie(self, self._measure_grid)

    def _measure_grid(self) -> None:
        px = look().px
        self.grid.setHorizontalSpacing(px(8))
        self.grid.setVerticalSpacing(px(3))
        self.grid.setColumnMinimumWidth(0, px(76))
        self.grid.setColumnMinimumWidth(2, px(66))
        self.grid.setColumnStretch(1, 10)
        self.grid.setColumnStretch(3, 12)
        for label, value in self._labels:
            label.setFixedHeight(px(19))
            value.setFixedHeight(px(19))
        self._tags_row.setContentsMargins(0, 0, 0, 0)
        self._tags_row.setSpacing(px(5))

    def show_facts(self, facts: JobFacts) -> None:
        """Show a job's properties."""
        for place, (label, value) in enumerate(self._labels):
            there = place < len(facts.properties)
            label.setVisible(there)
            value.setVisible(there)
            if there:
                label.setText(facts.properties[place][0])
                value.setText(facts.properties[place][1])
        clear(self._tags_row)
        for tag in facts.tags[:6]:
            self._tags_row.addWidget(Tag(tag))
        self._tags_row.addStretch(1)
        self._tags.setVisible(bool(facts.tags))
        self._tags_word.setVisible(bool(facts.tags))
        self._full_command = facts.command
        self._command.setText(facts.command)
        for widget in (self._command_word, self._command, self._copy):
            widget.setVisible(bool(facts.command))

    def _copy_command(self) -> None:
        self.copy_wanted.emit(self._full_command)


class Tag(QFrame):
    """A word in a box."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setProperty("role", "tag")
        row = QHBoxLayout(self)
        row.setContentsMargins(look().px(5), 0, look().px(5), 0)
        row.addWidget(ElidedLabel(text, "text2", 11))
        self.setFixedHeight(look().px(18))


class ResourcesPart(Part):
    """What the job takes of the farm's resources."""

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Resources"))
        self._grid = QGridLayout()
        self.column.addLayout(self._grid)
        self._shown: Sequence[ResourceUse] | None = None

    def show_resources(self, resources: Sequence[ResourceUse]) -> None:
        """Show these."""
        self.setVisible(bool(resources))
        if resources == self._shown:
            return
        self._shown = resources
        clear(self._grid)
        self._grid.setHorizontalSpacing(look().px(10))
        self._grid.setVerticalSpacing(look().px(5))
        for row, resource in enumerate(resources):
            self._grid.addWidget(ElidedLabel(resource.name), row, 0)
            if resource.fraction >= 0:
                bar = BarLabel(6)
                full = "full" if resource.fraction >= 1 else "running"
                bar.show_parts((Segment(full, resource.fraction),))
                self._grid.addWidget(bar, row, 1)
            text = PlainLabel(resource.text, "text2")
            text.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(text, row, 2)
        self._grid.setColumnStretch(1, 1)


class ClientsPart(Part):
    """The clients at work."""

    job_wanted = Signal(int)
    clients_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Clients"), wide=True)
        self._select = LinkText(translate("Overview", "Select in table"), self._ask)
        self.heading.addWidget(self._select)
        self.list = Lines(translate("Overview", "Clients at work"), _CLIENT_COLUMNS)
        self.list.activated.connect(lambda index: self.job_wanted.emit(self._clients[index.row()].job_id))
        self.list.doubleClicked.connect(lambda index: self.job_wanted.emit(self._clients[index.row()].job_id))
        self._more = LinkText("", self._ask)
        self.column.addWidget(self.list)
        row = QHBoxLayout()
        row.setContentsMargins(look().px(8), 0, 0, 0)
        row.addWidget(self._more)
        row.addStretch(1)
        self.column.addLayout(row)
        self._clients: Sequence[ClientFacts] = ()

    def show_clients(self, clients: Sequence[ClientFacts], earlier: int) -> None:
        """Show these."""
        self._clients = clients
        self.setVisible(bool(clients or earlier))
        words = self.tr("{n} running").replace("{n}", count(len(clients)))
        if earlier:
            words = self.tr("{running}, {n} earlier").format(running=words, n=count(earlier))
        self.detail.setText(words)
        self._select.setVisible(bool(clients))
        self.list.show_lines([_line(client) for client in clients[:_MOST_CLIENTS]])
        rest = len(clients) - _MOST_CLIENTS
        self._more.set_text(self.tr("{n} more").replace("{n}", count(rest)))
        self._more.setVisible(rest > 0)

    def _ask(self) -> None:
        self.clients_wanted.emit(tuple(client.id for client in self._clients))


def _line(client: ClientFacts) -> Line:
    cells = (
        Cell(client.label, glyph=f"client-{client.status}", weight=500),
        Cell(client.job_label, tone=Tone.SECONDARY),
        Cell(fraction=max(client.fraction, 0.0)),
        Cell(client.percent, tone=Tone.SECONDARY),
        Cell(client.time, tone=Tone.SECONDARY),
    )
    return Line(client.job_id, cells, f"{client.label}\n{client.job_label} {client.percent} {client.time}")


class NotePart(Part):
    """The latest note."""

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Latest note"))
        self._frame = QFrame()
        self._frame.setProperty("role", "quote")
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(look().px(12), look().px(3), 0, look().px(3))
        self._text = PlainLabel("", "text2")
        self._text.setWordWrap(True)
        row.addWidget(self._text)
        self.column.addWidget(self._frame)

    def show_note(self, text: str, when: str) -> None:
        """Show a note; empty: nothing."""
        self.setVisible(bool(text))
        self.detail.setText(when)
        self._text.setText(text)
