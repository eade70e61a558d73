"""Status glyphs, drawn on a grid of 16 units so that they are crisp at any size and resolution.

Job states have silhouettes of their own, clients are always a rounded square, so a machine never reads as a job. An
outline means "on its way to" the solid. `glyph` gives cached pixmaps for delegates, `paint_glyph` draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from hqgui.theme import look
from hqgui.tokens import INK
from hqgui.views.parts.icons import paint_icon

_GRID: Final = 16.0
_MARKS: Final = {
    "note": "message-square",
    "link": "link",
    "filter": "list-filter",
    "key": "key",
    "machine": "monitor",
    "group": "groups",
}
_BOX: Final = QRectF(2.25, 2.25, 11.5, 11.5)
"""A client's square, as the middle of its line."""


def _pen(color: QColor, width: float, dashes: list[float] | None = None) -> QPen:
    pen = QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if dashes:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern(dashes)
    return pen


def _lines(painter: QPainter, color: QColor, width: float, *points: tuple[float, float]) -> None:
    painter.setPen(_pen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _cross(painter: QPainter, color: QColor, width: float, low: float, high: float) -> None:
    _lines(painter, color, width, (low, low), (high, high))
    _lines(painter, color, width, (low, high), (high, low))


def _solid(painter: QPainter, color: QColor, *points: tuple[float, float], rounding: float = 0.9) -> None:
    painter.setPen(_pen(color, rounding))
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _runnable(painter: QPainter, color: QColor) -> None:
    _solid(
        painter,
        color,
        (3.7, 1.9),
        (12.3, 1.9),
        (12.3, 4.1),
        (9.7, 8.0),
        (12.3, 11.9),
        (12.3, 14.1),
        (3.7, 14.1),
        (3.7, 11.9),
        (6.3, 8.0),
        (3.7, 4.1),
        rounding=0.6,
    )


def _queued(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 1.7, [1.16, 1.52]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 5.8, 5.8)


_TRIANGLE: Final = ((4.2, 2.6), (13.4, 8.0), (4.2, 13.4))


def _running(painter: QPainter, color: QColor) -> None:
    _solid(painter, color, *_TRIANGLE, rounding=1.0)


def _resuming(painter: QPainter, color: QColor) -> None:
    _lines(painter, color, 1.5, *_TRIANGLE, _TRIANGLE[0])


def _paused(painter: QPainter, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(3.1, 2.2, 3.9, 11.6), 0.8, 0.8)
    painter.drawRoundedRect(QRectF(9.0, 2.2, 3.9, 11.6), 0.8, 0.8)


def _pausing(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(3.1, 2.6, 3.2, 10.8), 1, 1)
    painter.drawRoundedRect(QRectF(9.7, 2.6, 3.2, 10.8), 1, 1)


def _succeeded(painter: QPainter, color: QColor) -> None:
    _lines(painter, color, 2.1, (2.3, 8.7), (6.2, 12.3), (13.7, 3.9))


def _octagon(radius: float) -> tuple[tuple[float, float], ...]:
    near = radius * 0.414
    return (
        (8 - near, 8 - radius),
        (8 + near, 8 - radius),
        (8 + radius, 8 - near),
        (8 + radius, 8 + near),
        (8 + near, 8 + radius),
        (8 - near, 8 + radius),
        (8 - radius, 8 + near),
        (8 - radius, 8 - near),
    )


def _failed(painter: QPainter, color: QColor) -> None:
    _solid(painter, color, *_octagon(6.6), rounding=1.0)
    _cross(painter, look().color("onFail"), 2.0, 5.5, 10.5)


def _cancelled(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.1, 6.1)
    _lines(painter, color, 1.6, (4.2, 11.8), (11.8, 4.2))


def _abandoned(painter: QPainter, color: QColor) -> None:
    _lines(painter, color, 1.7, (8, 1.5), (14.5, 8), (8, 14.5), (1.5, 8), (8, 1.5))
    _lines(painter, color, 1.6, (5.9, 8), (10.1, 8))


def _unknown(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 5.6, 5.6)


def _square(painter: QPainter, color: QColor, dashes: list[float] | None = None) -> None:
    painter.setPen(_pen(color, 1.6, dashes))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(_BOX, 2.4, 2.4)


def _busy(painter: QPainter, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 2.9, 2.9)


def _on_hold(painter: QPainter, color: QColor) -> None:
    _square(painter, color)
    lower = QPainterPath()
    lower.addRoundedRect(_BOX, 2.4, 2.4)
    half = QPainterPath()
    half.addRect(QRectF(0, 8, 16, 8))
    painter.fillPath(lower.intersected(half), color)


def _off_hours(painter: QPainter, color: QColor) -> None:
    _square(painter, color)
    _lines(painter, color, 1.5, (7.7, 4.9), (7.7, 8.5), (10.4, 9.9))


def _disabled(painter: QPainter, color: QColor) -> None:
    _square(painter, color)
    _lines(painter, color, 1.6, (4.3, 11.7), (11.7, 4.3))


def _drained(painter: QPainter, color: QColor) -> None:
    _square(painter, color)
    _lines(painter, color, 1.6, (8, 4.7), (8, 10.8))
    _lines(painter, color, 1.6, (5.4, 8.4), (8, 11), (10.6, 8.4))


def _offline(painter: QPainter, color: QColor) -> None:
    _square(painter, color, [1.5, 1.1])
    _cross(painter, color, 1.7, 5.8, 10.2)


def _upgrade(painter: QPainter, color: QColor) -> None:
    _square(painter, color)
    _lines(painter, color, 1.6, (8, 11.3), (8, 5.2))
    _lines(painter, color, 1.6, (5.4, 7.6), (8, 5.0), (10.6, 7.6))


def _warning(painter: QPainter, color: QColor) -> None:
    _lines(painter, color, 1.5, (8, 2.0), (14.6, 13.5), (1.4, 13.5), (8, 2.0))
    _lines(painter, color, 1.6, (8, 6.3), (8, 9.2))
    _lines(painter, color, 1.8, (8, 11.4), (8, 11.42))


def _event(painter: QPainter, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(8, 8), 2.6, 2.6)


def _live(painter: QPainter, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(8, 8), 5.2, 5.2)


_SHAPES: Final[dict[str, Callable[[QPainter, QColor], None]]] = {
    "runnable": _runnable,
    "queued": _queued,
    "running": _running,
    "resuming": _resuming,
    "paused": _paused,
    "pausing": _pausing,
    "succeeded": _succeeded,
    "failed": _failed,
    "cancelled": _cancelled,
    "abandoned": _abandoned,
    "client-busy": _busy,
    "client-available": _square,
    "client-onhold": _on_hold,
    "client-unavailable": _off_hours,
    "client-disabled": _disabled,
    "client-drained": _drained,
    "client-taken back": _drained,
    "client-offline": _offline,
    "upgrade": _upgrade,
    "event": _event,
    "live": _live,
    "warning": _warning,
    "danger": _warning,
}

_PIXMAPS: Final[dict[tuple[str, float, float, str], QPixmap]] = {}


def ink_of(name: str) -> str:
    """The token of a glyph's colour."""
    return INK.get(name, "text2")


def paint_glyph(painter: QPainter, name: str, rect: QRectF, color: QColor | None = None) -> None:
    """Draw a glyph into a square; a name that nobody knows gives a neutral ring."""
    ink = look().color(ink_of(name)) if color is None else color
    if name in _MARKS:
        inset = rect.width() / 13
        paint_icon(painter, _MARKS[name], rect.adjusted(inset, inset, -inset, -inset), ink.name())
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _GRID, rect.height() / _GRID)
    _SHAPES.get(name, _unknown)(painter, ink)
    painter.restore()


def glyph(name: str, size: float, ratio: float, color: QColor | None = None) -> QPixmap:
    """A glyph as a pixmap for a device of that pixel ratio, kept."""
    ink = look().color(ink_of(name)) if color is None else color
    key = (name, size, ratio, ink.name())
    pixmap = _PIXMAPS.get(key)
    if pixmap is None:
        pixmap = _PIXMAPS[key] = _drawn(name, size, ratio, ink)
    return pixmap


def _drawn(name: str, size: float, ratio: float, ink: QColor) -> QPixmap:
    side = round(size * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_glyph(painter, name, QRectF(0, 0, side / ratio, side / ratio), ink)
    painter.end()
    return pixmap
