"""The language of states on one sheet: every glyph, bar and cell, dark and light, and as colour-blind eyes see them.

Everything is drawn by what draws the tables, the map and the strip, so the sheet cannot tell of another language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from hqgui.gallery.eyes import EYES, picture_seen
from hqgui.models.frame_map import MapCell
from hqgui.models.status_words import client_label, job_label
from hqgui.theme import look
from hqgui.tokens import INK, MODES
from hqgui.views.parts.bars import paint_bar
from hqgui.views.parts.cells import cell_pixmap
from hqgui.views.parts.glyphs import glyph
from hqserver.wire.statuses import ClientStatus, JobStatus

JOBS: Final = tuple(map(str, JobStatus))
UPGRADE: Final = "upgrade"
CLIENTS: Final = (*(f"client-{status}" for status in ClientStatus), UPGRADE)
_DESK: Final = "#111316"
_ROW: Final = 32
_NAMES: Final = {"deuteranopia": "no green cones", "protanopia": "no red cones", "tritanopia": "no blue cones"}
_SHARES: Final = (0.22, 0.07, 0.14, 0.11, 0.17, 0.11, 0.08, 0.08)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours `#RRGGBB` as WCAG 2 defines it: 1 to 21."""
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: str) -> float:
    def light(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)

    at = QColor(color)
    return 0.2126 * light(at.redF()) + 0.7152 * light(at.greenF()) + 0.0722 * light(at.blueF())


def label_of(name: str) -> str:
    """The words for a state of the sheet."""
    if name == UPGRADE:
        return "Needs upgrade"
    return client_label(name.removeprefix("client-")) if name.startswith("client-") else job_label(name)


class LegendSheet(QWidget):
    """The sheet; it is always as it is at 100 %."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(1600, 800))
        self.setAccessibleName("The language of states")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(_DESK))
        with look().drawn_in("dark"):
            _words(painter, 36, 36, "Status language", "text", 15, 600)
            _words(
                painter,
                912,
                38,
                "The same marks under simulated colour blindness, Machado 2009, full severity",
                "text3",
            )
        self._states(painter, 62, "Job states", JOBS, cells=True)
        self._states(painter, 434, "Client states, square", CLIENTS, cells=False)
        self._panels(painter)

    def _states(self, painter: QPainter, top: int, title: str, names: Sequence[str], cells: bool) -> None:
        with look().drawn_in("dark"):
            _words(painter, 36, top + 9, title, "text2", 11, 600)
            for x, words in ((207, "dark"), (438, "light")):
                _words(painter, x, top + 9, words, "text2", 11)
            for x, words in ((770, "ink on dark"), (880, "ink on light")):
                _words(painter, x, top + 9, words, "text2", 11, right=True)
        first = top + 22
        for mode, x in (("dark", 196), ("light", 428)):
            with look().drawn_in(mode):
                painter.fillRect(QRect(x, first, 232, _ROW * len(names)), look().color("base"))
                for row, name in enumerate(names):
                    self._state(painter, x, first + row * _ROW, name, cells)
        for row, name in enumerate(names):
            self._inks(painter, first + row * _ROW, name)

    def _state(self, painter: QPainter, x: int, y: int, name: str, cells: bool) -> None:
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(x + 10, y + 10, glyph(name, 13, ratio))
        _words(painter, x + 32, y + 16, label_of(name), "text", 12)
        if cells:
            paint_bar(painter, QRect(x + 158, y + 12, 44, 8), ((name, 1.0),))
            painter.drawPixmap(x + 210, y + 10, cell_pixmap(_cell(name, 0.55), 12, ratio))
        elif name != UPGRADE:
            paint_bar(painter, QRect(x + 178, y + 12, 44, 8), ((name, 1.0),))

    def _inks(self, painter: QPainter, y: int, name: str) -> None:
        with look().drawn_in("dark"):
            painter.drawPixmap(44, y + 6, glyph(name, 20, self.devicePixelRatioF()))
            _words(painter, 78, y + 16, name.removeprefix("client-"), "text2", 11, mono=True)
            for x, mode in ((735, "dark"), (845, "light")):
                colors = MODES[mode]
                ink = colors[INK[name]]
                _words(painter, x, y + 16, ink, "text2", 11, mono=True, right=True)
                _words(painter, x + 35, y + 16, f"{contrast(ink, colors['base']):.1f}", "text3", 11, right=True)

    def _panels(self, painter: QPainter) -> None:
        for place, (title, words) in enumerate((("normal vision", ""), *_NAMES.items())):
            top = 62 + place * 184
            with look().drawn_in("dark"):
                end = _words(painter, 912, top + 9, title.capitalize(), "text", 12, 600)
                _words(painter, end + 8, top + 9, words, "text3", 12)
            for mode, x in (("dark", 912), ("light", 1244)):
                picture = self._panel(mode)
                painter.drawImage(x, top + 22, picture_seen(picture, EYES[title]) if words else picture)

    def _panel(self, mode: str) -> QImage:
        ratio = self.devicePixelRatioF()
        image = QImage(round(320 * ratio), round(140 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(_DESK))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        with look().drawn_in(mode):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("base"))
            painter.drawRoundedRect(QRectF(0, 0, 320, 140), 6, 6)
            for y, names in ((15, JOBS), (39, CLIENTS)):
                for place, name in enumerate(names):
                    painter.drawPixmap(16 + place * 24, y, glyph(name, 13, ratio))
            paint_bar(painter, QRect(16, 65, 288, 8), tuple(zip(_BAR, _SHARES, strict=True)))
            for place, cell in enumerate(_cells()):
                row, column = divmod(place, 20)
                painter.drawPixmap(16 + column * 14, 86 + row * 14, cell_pixmap(cell, 12, ratio))
        painter.end()
        return image


_BAR: Final = (
    JobStatus.SUCCEEDED,
    JobStatus.FAILED,
    JobStatus.RUNNING,
    JobStatus.PAUSED,
    JobStatus.RUNNABLE,
    JobStatus.QUEUED,
    JobStatus.CANCELLED,
    JobStatus.ABANDONED,
)


_CELLS: Final = (
    (JobStatus.SUCCEEDED, 22),
    (JobStatus.FAILED, 2),
    (JobStatus.RUNNING, 6),
    (JobStatus.PAUSED, 3),
    (JobStatus.PAUSING, 1),
    (JobStatus.RUNNABLE, 12),
    (JobStatus.QUEUED, 5),
    (JobStatus.CANCELLED, 3),
    (JobStatus.ABANDONED, 3),
    (JobStatus.RESUMING, 1),
)


def _cell(status: str, fraction: float) -> MapCell:
    return MapCell((), "", status, fraction, shade=-1.0, size=1)


def _cells() -> list[MapCell]:
    """A map in which every state has some cells."""
    states = [status for status, count in _CELLS for _ in range(count)]
    return [_cell(str(status), 0.9 - place % 6 * 0.14) for place, status in enumerate(states)]


def _words(
    painter: QPainter,
    x: int,
    middle: int,
    text: str,
    ink: str,
    size: float = 12,
    weight: int = 400,
    mono: bool = False,
    right: bool = False,
) -> int:
    """Text around a height from `x`, or up to `x`; gives where it ends."""
    painter.setFont(look().font(size, weight, mono))
    painter.setPen(look().color(ink))
    metrics = painter.fontMetrics()
    width = metrics.horizontalAdvance(text)
    start = x - width if right else x
    painter.drawText(QPointF(start, middle + (metrics.ascent() - metrics.descent()) / 2), text)
    return start + width
