"""The tray's icon, drawn on the pixel grid of each size that panels ask for.

Four buckets of a renderer. Outlined: nothing of mine is queued; full ones, clockwise, are my progress; an octagon in
the place of the last asks for attention; dimmed and struck through there is no server. Shape alone tells the states
apart, so that the one-coloured template of macOS does too.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from hqgui.models.tray.icon_state import Icon, IconState
from hqgui.theme import look


@unique
class Panel(StrEnum):
    """What the icon stands on."""

    DARK = "dark"
    LIGHT = "light"
    TEMPLATE = "template"
    """The system colours it: only its shape counts."""


class _Grid(NamedTuple):
    """Of one size, in pixels."""

    edge: int
    side: int
    gap: int
    stroke: float
    radius: float
    slash: float


GRIDS: Final[dict[int, _Grid]] = {
    14: _Grid(1, 5, 2, 1.0, 1.5, 1.5),
    16: _Grid(1, 6, 2, 1.0, 1.5, 1.5),
    18: _Grid(1, 7, 2, 1.0, 1.5, 1.5),
    20: _Grid(1, 8, 2, 1.5, 2.0, 1.75),
    22: _Grid(1, 9, 2, 1.5, 2.0, 1.75),
    28: _Grid(2, 11, 2, 2.0, 2.5, 2.0),
    32: _Grid(2, 13, 2, 2.0, 3.0, 2.25),
    40: _Grid(2, 16, 4, 3.0, 4.0, 3.0),
    44: _Grid(2, 18, 4, 3.0, 4.0, 3.5),
    64: _Grid(4, 26, 4, 4.0, 6.0, 4.5),
}
_PADDED: Final[dict[int, int]] = {24: 22, 48: 44, 72: 64}
"""Sizes that get a smaller drawing with a border, so that its lines stay on the grid."""
_DIM: Final = 0.45
_CLOCKWISE: Final = ((0, 0), (1, 0), (1, 1), (0, 1))
_OCTAGON: Final = 0.293
"""How much of its side an octagon's corner cuts off."""


def _colors(panel: Panel) -> tuple[QColor, QColor, QColor]:
    """Of outlines, of full buckets, of the octagon."""
    if panel is Panel.TEMPLATE:
        black = QColor(0, 0, 0)
        return black, black, black
    with look().drawn_in(panel.value):
        return QColor(look().hex("text")), QColor(look().hex("running")), QColor(look().hex("failed"))


def _mark_color(panel: Panel) -> QColor | None:
    """Of the exclamation mark; None: it is cut out."""
    if panel is Panel.TEMPLATE:
        return None
    with look().drawn_in(panel.value):
        return QColor(look().hex("onFail"))


def tray_pixmap(icon: Icon, size: int, panel: Panel) -> QPixmap:
    """The icon at a size of `GRIDS` or a padded one; other sizes are scaled from the next larger one."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    drawn = size if size in GRIDS else _PADDED.get(size, 0)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if drawn:
        painter.translate((size - drawn) // 2, (size - drawn) // 2)
    else:
        drawn = next((known for known in GRIDS if known >= size), max(GRIDS))
        painter.scale(size / drawn, size / drawn)
    _paint(painter, icon, drawn, panel)
    painter.end()
    return pixmap


def _paint(painter: QPainter, icon: Icon, size: int, panel: Panel) -> None:
    grid = GRIDS[size]
    outline, full, alarm = _colors(panel)
    offline = icon.state is IconState.OFFLINE
    attention = icon.state is IconState.ATTENTION
    if offline:
        outline.setAlphaF(_DIM)
    for number, (column, row) in enumerate(_CLOCKWISE):
        if attention and (column, row) == (1, 1):
            continue
        step = grid.side + grid.gap
        box = QRectF(grid.edge + column * step, grid.edge + row * step, grid.side, grid.side)
        is_full = not offline and number < icon.quarters
        painter.fillPath(_bucket(box, grid, is_full), full if is_full else outline)
    if attention:
        _paint_alarm(painter, size, alarm, _mark_color(panel))
    if offline:
        outline.setAlphaF(1.0)
        _paint_slash(painter, size, grid, outline)


def _bucket(box: QRectF, grid: _Grid, is_full: bool) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    path.addRoundedRect(box, grid.radius, grid.radius)
    if not is_full:
        thick = grid.stroke
        inner = max(grid.radius - thick, 0.0)
        path.addRoundedRect(box.adjusted(thick, thick, -thick, -thick), inner, inner)
    return path


def _paint_alarm(painter: QPainter, size: int, color: QColor, mark: QColor | None) -> None:
    side = size / 2
    left = top = size - side
    cut = side * _OCTAGON
    corners = [
        (left + cut, top), (left + side - cut, top), (left + side, top + cut), (left + side, top + side - cut),
        (left + side - cut, top + side), (left + cut, top + side), (left, top + side - cut), (left, top + cut),
    ]  # fmt: skip
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    width = _mark_width(round(side))
    x = left + (side - width) / 2
    tall = max(round(side * 0.38), 2)
    start = top + max(round(side * 0.17), 1)
    dot = start + tall + max(round(side * 0.1), 1)
    if mark is None:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    for box in (QRectF(x, start, width, tall), QRectF(x, dot, width, max(round(side * 0.15), 1))):
        painter.fillRect(box, mark or Qt.GlobalColor.black)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


def _mark_width(side: int) -> int:
    """Of an exclamation mark in the middle of so many pixels: even in even ones, so that its edges lie on the grid."""
    if side % 2 == 0:
        return 2 * max(round(side / 12), 1)
    return 1 if side < 10 else 3


def _paint_slash(painter: QPainter, size: int, grid: _Grid, color: QColor) -> None:
    inset = grid.edge + 0.25
    line = QLineF(inset, size - inset, size - inset, inset)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(QPen(color, grid.slash * 2.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(line)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setPen(QPen(color, grid.slash, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(line)


def tray_icon(icon: Icon, panel: Panel) -> QIcon:
    """All sizes together."""
    made = QIcon()
    for size in sorted((*GRIDS, *_PADDED)):
        made.addPixmap(tray_pixmap(icon, size, panel))
    made.setIsMask(panel is Panel.TEMPLATE)
    return made
