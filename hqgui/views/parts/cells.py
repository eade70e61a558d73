"""Cells of the frame map, drawn as the legend of states has them, and the ramp of times."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from hqgui.models.frame_map import MapCell
from hqgui.theme import look
from hqgui.tokens import FILL
from hqgui.views.parts.bars import fill_of
from hqserver.wire.statuses import ON_CLIENT, JobStatus

_STEPS: Final = 10
"""Progress is shown in tenths, times in as many shades."""


def cell_pixmap(cell: MapCell, size: int, ratio: float) -> QPixmap:
    """One cell, kept."""
    shade = -1 if cell.shade < 0 else round(cell.shade * _STEPS)
    timed = cell.shade >= 0
    progress = (
        round(min(max(cell.fraction, 0.0), 1.0) * _STEPS) if cell.status == JobStatus.RUNNING and not timed else 0
    )
    return _cell(cell.status, progress, shade, size, ratio, f"{look().mode}{look().high_contrast}")


@lru_cache(maxsize=2000)
def _cell(status: str, progress: int, shade: int, size: int, ratio: float, mode: str) -> QPixmap:
    side = round(size * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(0, 0, side / ratio, side / ratio)
    outline = QPainterPath()
    outline.addRoundedRect(box, size / 6, size / 6)
    if shade >= 0:
        painter.fillPath(outline, _ramp(shade / _STEPS))
    else:
        _paint_state(painter, outline, box, status, progress / _STEPS)
    painter.end()
    return pixmap


def _ramp(share: float) -> QColor:
    """From quick (quiet) to slow (loud); the slowest are the colour of waiting."""
    return look().mixed("track", "fRunnable", 0.12 + 0.88 * share)


def _paint_state(painter: QPainter, outline: QPainterPath, box: QRectF, status: str, progress: float) -> None:
    if status in ON_CLIENT:
        _paint_outlined(painter, outline, box, status, progress)
        return
    brush = fill_of(status, painter.device().devicePixelRatioF())
    if brush.texture().isNull():
        painter.fillPath(outline, brush)
    else:
        _paint_hatched(painter, outline, status)
    if status == JobStatus.FAILED:
        _cross(painter, box, look().color("onFail"))
    elif status == JobStatus.PAUSED:
        _bars(painter, box, look().color("onPause"))


def _paint_hatched(painter: QPainter, outline: QPainterPath, status: str) -> None:
    ratio = painter.device().devicePixelRatioF()
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    painter.fillPath(QTransform.fromScale(ratio, ratio).map(outline), fill_of(status, ratio))
    painter.restore()


def _paint_outlined(painter: QPainter, outline: QPainterPath, box: QRectF, status: str, progress: float) -> None:
    fill = FILL[status]
    painter.fillPath(outline, look().mixed("track", fill, 0.16))
    if status == JobStatus.RUNNING:
        level = QPainterPath()
        top = round(box.height() * (1 - progress))
        level.addRect(QRectF(0, top, box.width(), box.height() - top))
        painter.fillPath(outline.intersected(level), look().color(fill))
    width = max(1.0, box.width() / 12)
    painter.setPen(QPen(look().color(fill), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRoundedRect(box.adjusted(half, half, -half, -half), box.width() / 7, box.width() / 7)
    if status == JobStatus.PAUSING:
        _bars(painter, box, look().color("paused"))
    elif status == JobStatus.RESUMING:
        _triangle(painter, box, look().color("running"))


def _cross(painter: QPainter, box: QRectF, color: QColor) -> None:
    painter.setPen(QPen(color, box.width() / 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
    low, high = box.width() * 0.32, box.width() * 0.68
    painter.drawLine(QPointF(low, low), QPointF(high, high))
    painter.drawLine(QPointF(low, high), QPointF(high, low))


def _bars(painter: QPainter, box: QRectF, color: QColor) -> None:
    unit = box.width() / 12
    painter.fillRect(QRectF(3.7 * unit, 3 * unit, 1.6 * unit, 6 * unit), color)
    painter.fillRect(QRectF(6.7 * unit, 3 * unit, 1.6 * unit, 6 * unit), color)


def _triangle(painter: QPainter, box: QRectF, color: QColor) -> None:
    unit = box.width() / 12
    painter.setPen(QPen(color, 1.1 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolygon(
        [QPointF(4.5 * unit, 3.5 * unit), QPointF(8.5 * unit, 6 * unit), QPointF(4.5 * unit, 8.5 * unit)]
    )
