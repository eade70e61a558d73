"""The edges of a log: glyphs before the lines that are marked, and beside the scroll bar where in the log they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QTextBlock
from PySide6.QtWidgets import QWidget

from hqgui.models.output import LineKind
from hqgui.theme import look
from hqgui.views.parts.glyphs import glyph
from hqgui.views.parts.overlay_bar import WIDTH

NUMBERS: Final = {kind: number for number, kind in enumerate(LineKind)}
"""What a block's state says of its line, in its lowest byte."""
ERROR, WARNING = NUMBERS[LineKind.ERROR], NUMBERS[LineKind.WARNING]
JOINED: Final = 1 << 8
"""In a block's state: its line goes on where the one before was cut."""
TINTS: Final = {ERROR: ("failTint", "failed"), WARNING: ("warnTint", "runnable")}
GUTTER: Final = 22
TICKS: Final = 7
_GLYPHS: Final = {ERROR: "failed", WARNING: "warning"}


class LogLike(Protocol):
    """What the edges ask a log."""

    def visible_blocks(self) -> Iterator[tuple[QTextBlock, QRect]]:
        """Lines in sight and where they are."""
        ...

    def marked(self) -> Iterator[tuple[int, int]]:
        """Numbers and kinds of the lines that are marked."""
        ...

    def blockCount(self) -> int:
        """How many lines there are."""
        ...

    def fontMetrics(self) -> QFontMetrics:
        """Of the lines."""
        ...


class Gutter(QWidget):
    """Glyphs before marked lines, on the lines' tint."""

    def __init__(self, log: LogLike, parent: QWidget) -> None:
        super().__init__(parent)
        self._log = log

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(GUTTER), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("base"))
        size, line = look().px(11), self._log.fontMetrics().lineSpacing()
        for block, box in self._log.visible_blocks():
            kind = block.userState()
            if kind < 0 or kind & 0xFF not in TINTS:
                continue
            tint, ink = TINTS[kind & 0xFF]
            painter.fillRect(QRect(0, box.y(), self.width(), box.height()), look().color(tint))
            painter.fillRect(QRect(0, box.y(), look().px(2), box.height()), look().color(ink))
            if not kind & JOINED:
                picture = glyph(_GLYPHS[kind], size, self.devicePixelRatioF())
                painter.drawPixmap(look().px(7), box.y() + (line - size) // 2 + 1, picture)


class Ticks(QWidget):
    """The edge under the scroll bar: the lines' tint, and where in the whole log marked lines are."""

    def __init__(self, log: LogLike, parent: QWidget) -> None:
        super().__init__(parent)
        self._log = log
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(TICKS + WIDTH), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("base"))
        for block, box in self._log.visible_blocks():
            tint = TINTS.get(block.userState() & 0xFF) if block.userState() >= 0 else None
            if tint is not None:
                painter.fillRect(QRect(0, box.y(), self.width(), box.height()), look().color(tint[0]))
        lines = max(self._log.blockCount(), 1)
        drawn: set[tuple[int, int]] = set()
        for number, kind in self._log.marked():
            y = round(number / lines * (self.height() - 2))
            if (y, kind) not in drawn:
                drawn.add((y, kind))
                painter.fillRect(0, y, look().px(5), 2, QColor(look().color(TINTS[kind][1])))
