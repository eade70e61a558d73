"""Bars by state: progress, load, memory, and the hatches that tell pending work from work that is done.

Done is saturated, pending is dim and hatched, so a bar that looks full means finished work. Parts are whole pixels with
gaps of one pixel, and a part that is not zero is at least three pixels wide, so one failed frame among 5,000 is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap

from hqgui.theme import look
from hqgui.tokens import FILL
from hqserver.wire.statuses import JobStatus

LEAST: Final = 3
GAP: Final = 1
_GAP_FROM: Final = 7
"""Lower bars are plain values and have no gap before the track."""
RADIUS: Final = 2
_PERIOD: Final = 6
_STRIPE: Final = 2
_DIM: Final = {"dark": (0.12, 0.38), "light": (0.16, 0.62)}
"""How much of the colour the ground and the stripes of waiting work have."""
_TINTED: Final = {"client-available": 0.43}
"""Outlined parts, and how much of the colour is inside."""


def _hatch_colors(status: str) -> tuple[QColor, QColor] | None:
    if status == JobStatus.RUNNABLE:
        ground, stripe = _DIM[look().mode]
        return look().mixed("track", "fRunnable", ground), look().mixed("track", "fRunnable", stripe)
    if status in (JobStatus.CANCELLED, "client-disabled"):
        return look().color("track"), look().color("fCancelled")
    if status == JobStatus.ABANDONED:
        return look().color("track"), look().color("fAbandoned")
    return None


@lru_cache(maxsize=64)
def _hatch(status: str, ground: str, stripe: str, scale: float) -> QBrush:
    """A tile that repeats; `scale` is device pixels for a pixel of the design."""
    period = max(4, round(_PERIOD * scale))
    step = 4 / _PERIOD * period if status == JobStatus.ABANDONED else period
    side = round(step)
    pixmap = QPixmap(side, side)
    pixmap.fill(QColor(ground))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale != round(scale))
    thick = _STRIPE * scale
    if status == JobStatus.ABANDONED:
        painter.fillRect(QRectF(0, 0, max(1, round(scale)), side), QColor(stripe))
    else:
        _diagonals(painter, side, thick, QColor(stripe), rising=status == JobStatus.RUNNABLE)
    painter.end()
    return QBrush(pixmap)


def _diagonals(painter: QPainter, side: int, thick: float, color: QColor, rising: bool) -> None:
    across = round(thick)
    for y in range(side):
        for x in range(side):
            place = (x + y) % side if rising else (x - y) % side
            if place < across:
                painter.fillRect(x, y, 1, 1, color)


def fill_of(status: str, ratio: float) -> QBrush:
    """What a part of a bar is filled with, in device pixels of that ratio."""
    colors = _hatch_colors(status)
    if colors is not None:
        return QBrush(_hatch(status, colors[0].name(), colors[1].name(), ratio * look().zoom))
    if status in _TINTED:
        return QBrush(look().mixed("track", FILL[status], _TINTED[status]))
    return QBrush(look().color(FILL.get(status, "fQueued")))


def widths(shares: Iterable[float], width: int, least: int = LEAST) -> list[int]:
    """Whole pixels for shares (0 to 1), gaps included in the parts before them; what is not zero is seen."""
    wanted = [max(share, 0.0) * width for share in shares]
    parts = [0 if part <= 0 else max(least + GAP, round(part)) for part in wanted]
    room = max(width, 0) if sum(wanted) > width - 0.5 else min(width, round(sum(wanted)))
    excess = sum(parts) - max(room, 0)
    while parts and excess:
        largest = max(range(len(parts)), key=parts.__getitem__)
        change = excess if excess < 0 else min(excess, max(parts[largest] - least - GAP, 0))
        if change == 0:
            break
        parts[largest] -= change
        excess -= change
    return parts


def _paint_parts(painter: QPainter, rect: QRect, parts: Iterable[tuple[str, float]]) -> None:
    listed = list(parts)
    sizes = widths((share for _, share in listed), rect.width())
    x = rect.x()
    ratio = painter.device().devicePixelRatioF()
    for place, ((status, _), size) in enumerate(zip(listed, sizes, strict=True)):
        if size <= 0:
            continue
        more = any(sizes[place + 1 :]) or (x + size < rect.right() + 1 and rect.height() >= look().px(_GAP_FROM))
        _paint_part(painter, QRect(x, rect.y(), size - (GAP if more else 0), rect.height()), status, ratio)
        x += size
    if x <= rect.right():
        painter.fillRect(QRect(x, rect.y(), rect.right() + 1 - x, rect.height()), look().color("track"))


def _round_corners(painter: QPainter, rect: QRect) -> None:
    """Cut what was drawn to a rounded rectangle, smoothly (a clip would leave steps)."""
    mask = QPainterPath()
    mask.addRoundedRect(QRectF(rect), look().px(RADIUS), look().px(RADIUS))
    outside = QPainterPath()
    outside.addRect(QRectF(rect))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    painter.fillPath(outside.subtracted(mask), QColor(0, 0, 0))


def _paint_part(painter: QPainter, rect: QRect, status: str, ratio: float) -> None:
    brush = fill_of(status, ratio)
    if brush.texture().isNull():
        painter.fillRect(rect, brush)
    else:
        _fill_hatched(painter, rect, brush, ratio)
    if status in _TINTED:
        painter.setPen(QPen(look().color(FILL[status]), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))


def _fill_hatched(painter: QPainter, rect: QRect, brush: QBrush, ratio: float) -> None:
    """The tile is in device pixels: draw at scale 1 from the part's corner."""
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(1 / ratio, 1 / ratio)
    painter.setBrushOrigin(QPointF(0, 0))
    painter.fillRect(QRectF(0, 0, rect.width() * ratio, rect.height() * ratio), brush)
    painter.restore()


@lru_cache(maxsize=3000)
def _bar_pixmap(parts: tuple[tuple[str, float], ...], width: int, height: int, ratio: float, mode: str) -> QPixmap:
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    rect = QRect(0, 0, width, height)
    _paint_parts(painter, rect, parts)
    _round_corners(painter, rect)
    painter.end()
    return pixmap


def bar(parts: Iterable[tuple[str, float]], width: int, height: int, ratio: float) -> QPixmap:
    """A bar of (status, share) parts as a pixmap, kept; what the parts leave free is track.

    Shares are rounded to half a pixel, so bars that look the same are one pixmap.
    """
    fine = max(width, 1) * 2
    key = tuple((str(status), max(round(share * fine), 1) / fine) for status, share in parts if share > 0)
    return _bar_pixmap(key, max(width, 1), height, ratio, f"{look().mode}{look().zoom}{look().high_contrast}")


def paint_bar(painter: QPainter, rect: QRect, parts: Iterable[tuple[str, float]]) -> None:
    """Draw a bar."""
    painter.drawPixmap(rect.topLeft(), bar(parts, rect.width(), rect.height(), painter.device().devicePixelRatioF()))
