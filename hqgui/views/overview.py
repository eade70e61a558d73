"""The inspector's Overview: frame map, properties, resources, clients, the latest note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.frame_map import FrameMap, MapMode
from hqgui.models.inspector import ClientFacts, JobFacts, ResourceUse
from hqgui.models.roles import Cell, Segment, Tone
from hqgui.theme import look
from hqgui.views.map_part import MapPart
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import BarLabel, ElidedLabel, PlainLabel, show_stale
from hqgui.views.parts.overlay_bar import OverlayBar
from hqgui.views.parts.section import Section
from hqgui.views.properties import Properties
from hqgui.words import translate

_MOST_CLIENTS: Final = 8
_CLIENT_COLUMNS: Final = (
    PlainColumn("client", 88),
    PlainColumn("job", 96),
    PlainColumn("bar", 80, stretch=1),
    PlainColumn("percent", 48, right=True),
    PlainColumn("time", 73, right=True),
)


class Overview(QScrollArea):
    """What is known of one job."""

    job_wanted = Signal(int)
    clients_wanted = Signal(object)
    """Ids of clients that should be selected in the table."""
    permitted_wanted = Signal()
    copy_wanted = Signal(str)
    """A text for the clipboard."""
    mode_wanted = Signal(MapMode)

    def __init__(self, frames: FrameMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar = OverlayBar(self)
        self._facts: JobFacts | None = None
        self._stale = False
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
        self.map_part.client_wanted.connect(lambda client: self.clients_wanted.emit((client,)))
        self.properties.job_wanted.connect(self.job_wanted)
        self.clients.job_wanted.connect(self.job_wanted)
        self.clients.clients_wanted.connect(self.clients_wanted)
        self.properties.permitted_wanted.connect(self.permitted_wanted)
        self.properties.copy_wanted.connect(self.copy_wanted)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(5), px(12), px(8), px(16))
        self._column.setSpacing(px(16))

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
        show_stale(self, self._stale)  # some of it may be new

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self._stale = stale
        self.map_part.set_stale(stale)
        self.clients.list.set_stale(stale)
        show_stale(self, stale)


class ResourcesPart(Section):
    """What the job takes of the farm's resources."""

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Resources"))
        self._grid = QGridLayout()
        self._grid.setColumnStretch(2, 1)
        self.column.addLayout(self._grid)
        self._rows: list[tuple[ElidedLabel, PlainLabel, BarLabel, PlainLabel]] = []
        look().tie(self, self._measure_grid)

    def _measure_grid(self) -> None:
        self._grid.setHorizontalSpacing(look().px(8))
        self._grid.setVerticalSpacing(look().px(5))
        self._grid.setColumnMinimumWidth(2, look().px(24))

    def show_resources(self, resources: Sequence[ResourceUse]) -> None:
        """Show these."""
        self.setVisible(bool(resources))
        while len(self._rows) < len(resources):
            self._add_row()
        for place, row in enumerate(self._rows):
            for widget in row:
                widget.setVisible(place < len(resources))
            if place < len(resources):
                _fill(row, resources[place])

    def _add_row(self) -> None:
        amount = PlainLabel("", "text2")
        amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = (ElidedLabel(), PlainLabel("", "text3"), BarLabel(6), amount)
        for column, widget in enumerate(row):
            self._grid.addWidget(widget, len(self._rows), column)
        self._rows.append(row)


def _fill(row: tuple[ElidedLabel, PlainLabel, BarLabel, PlainLabel], use: ResourceUse) -> None:
    name, each, bar, amount = row
    name.setText(use.name)
    each.setText(use.each)
    bar.setVisible(use.fraction >= 0)
    bar.show_parts((Segment("full" if use.fraction >= 1 else "running", max(use.fraction, 0.0)),))
    amount.setText(use.text)


class ClientsPart(Section):
    """The clients at work."""

    job_wanted = Signal(int)
    clients_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Clients"), wide=True)
        self._select = LinkText(translate("Overview", "Select in table"), self._ask, 11)
        self.heading.addWidget(self._select)
        self.list = Lines(translate("Overview", "Clients at work"), _CLIENT_COLUMNS)
        self.list.activated.connect(lambda index: self.job_wanted.emit(self._clients[index.row()].job_id))
        self.list.doubleClicked.connect(lambda index: self.job_wanted.emit(self._clients[index.row()].job_id))
        self._more = LinkText("", self._ask, 11)
        self.column.addWidget(self.list)
        row = QHBoxLayout()
        row.setContentsMargins(look().px(8), 0, 0, 0)
        row.addWidget(self._more)
        row.addStretch(1)
        self.column.addLayout(row)
        self._clients: Sequence[ClientFacts] = ()
        look().tie(self, lambda: self.column.setSpacing(0))

    def show_clients(self, clients: Sequence[ClientFacts], earlier: int) -> None:
        """Show these."""
        self._clients = clients
        self.setVisible(bool(clients or earlier))
        words = [self.tr("{n} running").replace("{n}", count(len(clients))) if clients else self.tr("none now")]
        words += [self.tr("{n} earlier").replace("{n}", count(earlier))] if earlier else []
        self.show_detail(", ".join(words))
        self._select.setVisible(bool(clients))
        self.list.show_lines([_line(client) for client in clients[:_MOST_CLIENTS]])
        rest = len(clients) - _MOST_CLIENTS
        self._more.set_text(self.tr("{n} more").replace("{n}", count(rest)))
        self._more.setVisible(rest > 0)

    def _ask(self) -> None:
        self.clients_wanted.emit(tuple(client.id for client in self._clients))


def _line(client: ClientFacts) -> Line:
    cells = (
        Cell(client.label, glyph=f"client-{client.status}", weight=500, keep_end=True),
        Cell(client.job_label, tone=Tone.SECONDARY),
        Cell(fraction=max(client.fraction, 0.0)),
        Cell(client.percent, tone=Tone.SECONDARY),
        Cell(client.time, tone=Tone.SECONDARY),
    )
    return Line(client.job_id, cells, f"{client.label}\n{client.job_label} {client.percent} {client.time}")


class NotePart(Section):
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
        self.show_detail(when)
        self._text.setText(text)
