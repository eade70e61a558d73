"""Paints the cells of tables from what a model's `Cell` says.

Called for every cell of every exposed row, so it avoids Qt's layout of text: widths and shortened texts are kept, bars
and glyphs are pixmaps. On a selected row every text is plain text colour and only the glyph keeps its own; on a stale
one everything steps down one level.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from hqgui.models.roles import Cell, Tone
from hqgui.theme import look
from hqgui.views.parts.bars import bar
from hqgui.views.parts.glyphs import glyph

PADDING: Final = 8
GLYPH: Final = 12
BAR_HEIGHT: Final = 8
PLAIN_HEIGHT: Final = 6
SMALL_GLYPH: Final = 11
PERCENT_ROOM: Final = 44
PLAIN_BAR: Final = 58
STALE: Final = 0.62

_INK: Final = {
    Tone.NORMAL: "text",
    Tone.SECONDARY: "text2",
    Tone.DIM: "text3",
    Tone.FAILED: "failed",
    Tone.WAITING: "runnable",
    Tone.LINK: "link",
}
_STALE_INK: Final = {
    Tone.NORMAL: "text2",
    Tone.SECONDARY: "text3",
    Tone.DIM: "text3",
    Tone.FAILED: "text3",
    Tone.WAITING: "text3",
    Tone.LINK: "text3",
}


class Manner(NamedTuple):
    """How a row is drawn."""

    selected: bool = False
    stale: bool = False
    ratio: float = 1.0


@lru_cache(maxsize=64)
def _metrics(generation: tuple[float, str], size: float, weight: int) -> QFontMetrics:
    return QFontMetrics(look().font(size, weight))


@lru_cache(maxsize=30_000)
def _fit(
    text: str, width: int, size: float, weight: int, generation: tuple[float, str], keep_end: bool
) -> tuple[str, int]:
    metrics = _metrics(generation, size, weight)
    advance = metrics.horizontalAdvance(text)
    if advance <= width:
        return text, advance
    mode = Qt.TextElideMode.ElideLeft if keep_end else Qt.TextElideMode.ElideRight
    shown = metrics.elidedText(text, mode, width)
    return shown, metrics.horizontalAdvance(shown)


def _generation() -> tuple[float, str]:
    return look().zoom, look().mode


def fit(text: str, width: int, size: float = 12, weight: int = 400, keep_end: bool = False) -> tuple[str, int]:
    """`text` shortened to `width` pixels, and how wide it is then."""
    return _fit(text, width, size, weight, _generation(), keep_end)


def ink(tone: Tone, manner: Manner) -> QColor:
    """The colour of a text."""
    if manner.stale:
        return look().color(_STALE_INK[tone])
    if manner.selected:
        return look().color("text2" if tone is Tone.DIM else "text")
    return look().color(_INK[tone])


def draw_text(painter: QPainter, x: float, rect: QRect, text: str, color: QColor, weight: int = 400) -> None:
    """One line of text from `x`, on the row's middle."""
    metrics = _metrics(_generation(), 12, weight)
    baseline = rect.y() + (rect.height() + metrics.ascent() - metrics.descent()) / 2
    painter.setFont(look().font(12, weight))
    painter.setPen(color)
    painter.drawText(QPointF(x, int(baseline)), text)


def paint_cell(painter: QPainter, rect: QRect, cell: Cell, right: bool, bar_cell: bool, manner: Manner) -> None:
    """Draw a cell. `bar_cell`: the column holds bars by state, an empty bar too."""
    pad = look().px(PADDING)
    inner = rect.adjusted(pad, 0, -pad, 0)
    if inner.width() <= 0:
        return
    if bar_cell:
        _paint_progress(painter, inner, cell, manner)
    elif cell.fraction >= 0:
        _paint_fraction(painter, inner, cell, manner)
    else:
        _paint_words(painter, inner, cell, right, manner)


def _paint_progress(painter: QPainter, rect: QRect, cell: Cell, manner: Manner) -> None:
    if not cell.text and not cell.segments:
        return
    width = rect.width() - look().px(PERCENT_ROOM)
    if width > look().px(24):
        _paint_bar(painter, rect, width, BAR_HEIGHT, cell.segments, manner)
    _right_text(painter, rect, cell, manner)


def _paint_fraction(painter: QPainter, rect: QRect, cell: Cell, manner: Manner) -> None:
    fill = {Tone.FAILED: "failed", Tone.WAITING: "full"}.get(cell.tone, "running")
    _, text_width = fit(cell.text, rect.width())
    room = rect.width() - text_width - look().px(6) if cell.text else rect.width()
    width = min(look().px(PLAIN_BAR), room) if cell.text else room
    if width >= look().px(16):
        _paint_bar(painter, rect, width, PLAIN_HEIGHT, ((fill, cell.fraction),), manner)
    _right_text(painter, rect, cell._replace(tone=Tone.SECONDARY), manner)


def _paint_bar(
    painter: QPainter, rect: QRect, width: int, high: int, parts: tuple[tuple[str, float], ...], manner: Manner
) -> None:
    height = look().px(high)
    y = rect.y() + (rect.height() - height) // 2
    with_opacity(painter, manner.stale)
    painter.drawPixmap(rect.x(), y, bar(parts, width, height, manner.ratio))
    painter.setOpacity(1.0)


def with_opacity(painter: QPainter, stale: bool) -> None:
    """Bars and glyphs of a stale picture are faint."""
    if stale:
        painter.setOpacity(STALE)


def _right_text(painter: QPainter, rect: QRect, cell: Cell, manner: Manner) -> None:
    shown, width = fit(cell.text, rect.width(), weight=cell.weight)
    draw_text(painter, rect.right() + 1 - width, rect, shown, ink(cell.tone, manner), cell.weight)


def _paint_words(painter: QPainter, rect: QRect, cell: Cell, right: bool, manner: Manner) -> None:
    x, end = rect.x(), rect.right() + 1
    if cell.upgrade:
        end -= look().px(GLYPH)
        paint_mark(painter, end, rect, "upgrade", manner)
        end -= look().px(6)
    if cell.glyph:
        paint_mark(painter, x, rect, cell.glyph, manner)
        x += look().px(GLYPH + 6)
    tail = _tail_width(cell)
    shown, width = fit(cell.text, max(0, end - x - tail), weight=cell.weight, keep_end=cell.keep_end)
    if right and not cell.glyph:
        x = max(x, end - width - tail)
    draw_text(painter, x, rect, shown, ink(cell.tone, manner), cell.weight)
    x += width
    if cell.detail:
        x += look().px(6)
        detail, _ = fit(cell.detail, max(0, end - x))
        if detail != cell.detail:
            number = cell.detail.partition(" ")[0]
            detail = number if fit(number, max(0, end - x))[0] == number else ""
        draw_text(painter, x, rect, detail, ink(Tone.DIM, manner))
    _paint_tail(painter, x, rect, cell, manner)


def _tail_width(cell: Cell) -> int:
    width = look().px(GLYPH + 6) if cell.warning else 0
    if cell.failed:
        width += look().px(SMALL_GLYPH + 13) + fit(f"{cell.failed:,}", 200)[1]
    return width


def _paint_tail(painter: QPainter, x: int, rect: QRect, cell: Cell, manner: Manner) -> None:
    if cell.failed:
        x += look().px(9)
        paint_mark(painter, x, rect, "failed", manner, SMALL_GLYPH)
        x += look().px(SMALL_GLYPH + 4)
        number = f"{cell.failed:,}"
        draw_text(painter, x, rect, number, ink(Tone.FAILED, manner))
        x += fit(number, 200)[1]
    if cell.warning:
        paint_mark(painter, x + look().px(6), rect, "warning", manner)


def paint_mark(painter: QPainter, x: int, rect: QRect, name: str, manner: Manner, side: int = GLYPH) -> None:
    """A glyph in the row's middle."""
    size = look().px(side)
    with_opacity(painter, manner.stale)
    painter.drawPixmap(x, rect.y() + (rect.height() - size) // 2, glyph(name, size, manner.ratio))
    painter.setOpacity(1.0)
