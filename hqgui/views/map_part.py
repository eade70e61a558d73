"""The frame map under its heading: how it is coloured, what is under the pointer, how many are in which state."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from hqgui.models.formats import count, tooltip
from hqgui.models.frame_map import FrameMap, MapMode, Readout
from hqgui.theme import look
from hqgui.views.frame_map import FrameMapView
from hqgui.views.parts.cell_paint import with_opacity
from hqgui.views.parts.chips import LinkText, Segments, look_width
from hqgui.views.parts.glyphs import glyph
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.parts.section import Section
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.statuses import JobStatus

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


class MapPart(Section):
    """The frame map with its modes, what is under the pointer, and a legend."""

    mode_wanted = Signal(MapMode)
    client_wanted = Signal(int)

    def __init__(self, frames: FrameMap) -> None:
        super().__init__(translate("Overview", "Frame map"))
        self._frames = frames
        self.modes = Segments(
            translate("Overview", "Colour by"), [self.tr("State"), self.tr("Time"), self.tr("Memory")]
        )
        self.heading.addWidget(self.modes)
        self.map = FrameMapView()
        self.map.show_map(frames)
        self.column.addWidget(self.map)
        self._inset = QFrame()
        self._inset.setProperty("role", "inset")
        self._row = QHBoxLayout(self._inset)
        self._glyph = GlyphLabel("", 12)
        self._label = PlainLabel("", "text", 11, 500)
        self._words = ElidedLabel("", "text2", 11)
        self._client = LinkText("", self._ask_client, 11)
        self._time = ElidedLabel("", "text2", 11)
        self._client_id = 0
        for widget in (self._glyph, self._label, self._words, self._client):
            self._row.addWidget(widget)
        self._row.addWidget(self._time, 1)
        self.column.addWidget(self._inset)
        self.legend = Legend()
        self.column.addWidget(self.legend)
        self.modes.chosen.connect(lambda place: self.mode_wanted.emit(tuple(MapMode)[place]))
        self.map.looked_at.connect(self._read_out)
        look().tie(self, self._measure_inset)

    def _measure_inset(self) -> None:
        px = look().px
        self._inset.setFixedHeight(px(24))
        self._row.setContentsMargins(px(8), 0, px(8), 0)
        self._row.setSpacing(px(6))

    def show_counts(self) -> None:
        """The legend, and the words for the cell that is looked at."""
        counts = self._frames.counts()
        self.setVisible(bool(counts))
        self.legend.show_counts(counts)
        self._read_out(self.map.currentIndex())

    def _read_out(self, index: QModelIndex) -> None:
        cell = self._frames.cell(index) if index.isValid() else None
        self._glyph.show_glyph(cell.status if cell is not None else "")
        self._label.setText(cell.label if cell is not None else "")
        for widget in (self._glyph, self._label):
            widget.setVisible(cell is not None)
        said = Readout(self.tr("Point at a frame")) if cell is None else self._frames.readout(index)
        self._client_id = said.client_id
        self._words.setText(said.words)
        self._words.set_ink("text3" if cell is None else "text2")
        self._client.set_text(said.client or "–")
        self._client.setVisible(bool(said.client))
        self._time.setText(said.time)

    def _ask_client(self) -> None:
        self.client_wanted.emit(self._client_id)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.map.set_stale(stale)
        self.legend.set_stale(stale)
        self._glyph.set_stale(stale)


class Legend(QWidget):
    """Counts by state, each with its glyph; where there is little room the words go."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[tuple[str, str, str]] = []
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(16))
        self.update()

    def show_counts(self, counts: tuple[tuple[str, int], ...]) -> None:
        """Show these counts."""
        order = {status: place for place, status in enumerate(_LEGEND_ORDER)}
        items = [
            (status, count(n), translate("Overview", _LEGEND[status]) if status in _LEGEND else status)
            for status, n in sorted(counts, key=lambda item: order.get(item[0], 99))
        ]
        if items != self._items:
            self._items = items
            words = ", ".join(f"{number} {word}" for _, number, word in items)
            self.setAccessibleName(words)
            self.setToolTip(tooltip(words))
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def _width(self, number: str, word: str) -> int:
        px = look().px
        return px(11 + 5) + look_width(number, 600, 11) + (px(4) + look_width(word, 400, 11) if word else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter, px = QPainter(self), look().px
        gap, size = px(14), px(11)
        items = self._items[:4]
        if sum(self._width(number, word) + gap for _, number, word in items) - gap > self.width():
            items = [(status, number, "") for status, number, _ in self._items]
        x = 0
        for status, number, word in items:
            width = self._width(number, word)
            if x + width > self.width():
                return
            with_opacity(painter, self._stale)
            painter.drawPixmap(x, (self.height() - size) // 2, glyph(status, size, self.devicePixelRatioF()))
            painter.setOpacity(1.0)
            end = self._text(painter, x + px(11 + 5), number, 600, "text")
            self._text(painter, end + px(4), word, 400, "text3")
            x += width + gap

    def _text(self, painter: QPainter, x: int, text: str, weight: int, ink: str) -> int:
        painter.setFont(look().font(11, weight))
        painter.setPen(look().color(ink))
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QRect(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return x + width
