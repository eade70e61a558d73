"""The day of a machine, painted: farm hours full, idleness hatched, a line where now is, and the hours below."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hqgui.models.tray.day_strip import DAY, DayStrip, clock, short_clock
from hqgui.theme import look

_BAR, _MARK, _TEXT, _GAP = 10, 16, 12, 3
_RADIUS: Final = 3
_HATCH: Final = 4
_APART: Final = 8
"""Least distance between two words of the axis, at 100 %."""


class DayStripView(QWidget):
    """The strip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strip = DayStrip()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Today"))
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def show_strip(self, strip: DayStrip) -> None:
        """Show a day."""
        if strip != self._strip:
            self._strip = strip
            spans = ", ".join(f"{clock(start)}–{clock(end % DAY)}" for start, end in strip.farm)
            self.setAccessibleDescription(self.tr("The farm's hours: {hours}").replace("{hours}", spans or "–"))
            self.update()

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(200), look().px(_MARK + _GAP + _TEXT))

    def _x(self, minute: int) -> int:
        return round(minute / DAY * self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = look().px
        top = px((_MARK - _BAR) // 2)
        bar = QRect(0, top, self.width(), px(_BAR))
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(bar), px(_RADIUS), px(_RADIUS))
        painter.setClipPath(clip)
        painter.fillRect(bar, look().color("track"))
        for start, end in self._strip.farm:
            painter.fillRect(self._part(bar, start, end), look().mixed("track", "fSucceeded", 0.8))
        if self._strip.idle is not None:
            self._paint_idle(painter, self._part(bar, *self._strip.idle))
        painter.restore()
        now = self._x(self._strip.now)
        painter.fillRect(QRect(min(max(now - 1, 0), self.width() - 2), 0, px(2), px(_MARK)), look().color("text"))
        self._paint_axis(painter)

    def _part(self, bar: QRect, start: int, end: int) -> QRect:
        left, right = self._x(start), self._x(end)
        return QRect(left, bar.y(), max(right - left, 1), bar.height())

    def _paint_idle(self, painter: QPainter, part: QRect) -> None:
        painter.fillRect(part, look().mixed("track", "fSucceeded", 0.35))
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        step = look().px(_HATCH)
        painter.setPen(look().mixed("track", "fSucceeded", 0.9))
        for x in range(part.left() - part.height(), part.right() + step, step):
            painter.drawLine(x, part.bottom() + 1, x + part.height(), part.top())

    def _paint_axis(self, painter: QPainter) -> None:
        px = look().px
        painter.setFont(look().font(10))
        metrics = painter.fontMetrics()
        now = self._strip.now
        words = [(now, self.tr("now"), "text"), (0, short_clock(0), "text3"), (DAY, "24", "text3")]
        words += [(edge, short_clock(edge), "text3") for edge in self._strip.edges if edge not in (0, DAY)]
        taken: list[tuple[float, float]] = []
        for minute, text, ink in words:
            width = metrics.horizontalAdvance(text)
            left = min(max(self._x(minute) - width / 2, 0), self.width() - width)
            if any(left < end + px(_APART) and start < left + width + px(_APART) for start, end in taken):
                continue
            taken.append((left, left + width))
            painter.setPen(look().color(ink))
            box = QRectF(left, px(_MARK + _GAP), width + 1, px(_TEXT))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
