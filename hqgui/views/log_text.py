"""The text of a log: lines as they are, errors and warnings tinted, marks in a gutter, ticks beside the scroll bar.

Follow keeps the end in sight; scrolling up lets go of it, so that a reader is never pulled back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from hqgui.models.output import Edit, Line, LineKind, Match
from hqgui.theme import look
from hqgui.views.log_edges import ERROR, GUTTER, JOINED, NUMBERS, TICKS, TINTS, WARNING, Gutter, Ticks
from hqgui.views.parts.menu import Menu
from hqgui.views.parts.overlay_bar import WIDTH, OverlayBar

_TIME: Final = re.compile(r"\[?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\]?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*")
_MOST_QUOTED: Final = 40
_AT_ONCE: Final = 1_000
"""Matches that are highlighted; all are counted."""


class _Dimmer(QSyntaxHighlighter):
    """Times at the start of lines are quiet; notices of the window and bytes that are no text too."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._dim = QTextCharFormat()

    def restyle(self) -> None:
        """Take the colours of the look."""
        self._dim.setForeground(look().color("text3"))
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Style one line."""
        kind = self.currentBlock().userState() & 0xFF
        if kind in (NUMBERS[LineKind.NOTICE], NUMBERS[LineKind.BINARY]):
            self.setFormat(0, len(text), self._dim)
        elif (found := _TIME.match(text)) is not None:
            self.setFormat(0, found.end(), self._dim)


class LogText(QPlainTextEdit):
    """The lines."""

    follow_changed = Signal(bool)
    unseen_changed = Signal(int)
    """Lines that came below while not following."""
    quote_wanted = Signal(object)
    """Lines that should be quoted in a note."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("logText")
        self.setAccessibleName(self.tr("Output"))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setCenterOnScroll(False)
        self.follow = True
        self.unseen = 0
        self._own_scroll = False
        self._empty = True
        self._dimmer = _Dimmer(self.document())
        self._gutter = Gutter(self, self)
        self._ticks = Ticks(self, self)
        self.bar = OverlayBar(self)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.updateRequest.connect(lambda *_: self._repaint_edges())
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setFont(look().font(11, mono=True))
        self.document().setDocumentMargin(px(4))
        self.setViewportMargins(px(GUTTER), 0, px(TICKS + WIDTH), 0)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 8)
        self._dimmer.restyle()
        self._place_margins()

    # Lines

    def forget(self) -> None:
        """Show nothing."""
        self.clear()
        self._empty = True
        self.setExtraSelections([])
        self.set_unseen(0)
        self._ticks.update()

    def apply(self, edit: Edit, news: bool = True) -> None:
        """Bring the text up to date. `news`: the lines were written since, and not only read on."""
        if not edit.lines and not edit.replace_last and not edit.dropped:
            return
        self._own_scroll = True
        place = self.verticalScrollBar().value()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        if edit.replace_last:
            self._drop_last(cursor)
        for line in edit.lines:
            self._append(cursor, line)
        cursor.endEditBlock()
        dropped = self._drop_first(edit.dropped)
        if self.follow:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        else:
            self.verticalScrollBar().setValue(max(0, place - dropped))
            if news:
                self.set_unseen(self.unseen + len(edit.lines) - int(edit.replace_last))
        self._own_scroll = False
        self._gutter.update()
        self._ticks.update()

    def _append(self, cursor: QTextCursor, line: Line) -> None:
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self._empty:
            cursor.insertBlock()
        self._empty = False
        cursor.block().setUserState(NUMBERS[line.kind] | (JOINED if line.joined else 0))
        cursor.insertText(line.text)

    def _drop_last(self, cursor: QTextCursor) -> None:
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        if self.blockCount() > 1:
            cursor.deletePreviousChar()
        else:
            self._empty = True

    def _drop_first(self, number: int) -> int:
        """Remove lines at the front; gives by how many steps of the scroll bar the rest moved up."""
        if number <= 0:
            return 0
        if number >= self.blockCount():
            self.clear()
            self._empty = True
            return 0
        last = self.document().findBlockByNumber(number)
        steps = last.firstLineNumber() if last.isValid() else 0
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.NextBlock, QTextCursor.MoveMode.KeepAnchor, number)
        cursor.removeSelectedText()
        return steps

    # Follow

    def set_follow(self, on: bool) -> None:
        """Keep the end in sight, or not."""
        if on:
            self._own_scroll = True
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
            self._own_scroll = False
            self.set_unseen(0)
        if on != self.follow:
            self.follow = on
            self.follow_changed.emit(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: End goes to the end and follows on, Home to the beginning."""
        if event.key() == Qt.Key.Key_End and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_follow(on=True)
        elif event.key() == Qt.Key.Key_Home and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.verticalScrollBar().setValue(0)
        else:
            super().keyPressEvent(event)

    def set_unseen(self, number: int) -> None:
        """Lines that came and were not seen."""
        if number != self.unseen:
            self.unseen = number
            self.unseen_changed.emit(number)

    def _repaint_edges(self) -> None:
        self._gutter.update()
        self._ticks.update()

    def _scrolled(self, value: int) -> None:
        self._repaint_edges()
        if self._own_scroll:
            return
        at_end = value >= self.verticalScrollBar().maximum()
        if at_end:
            self.set_unseen(0)
        self.set_follow(at_end)

    # Menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        if event.reason() != QContextMenuEvent.Reason.Keyboard and not self.textCursor().hasSelection():
            self.setTextCursor(self.cursorForPosition(event.pos()))
        place = self.viewport().mapToGlobal(self.cursorRect().bottomLeft())
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place if event.reason() == QContextMenuEvent.Reason.Keyboard else event.globalPos())

    def menu(self) -> Menu:
        """What can be done with the lines that are selected, or with the one that the cursor is in."""
        menu = Menu("", self)
        copy = menu.addAction(self.tr("Copy"))
        copy.setEnabled(self.textCursor().hasSelection())
        copy.triggered.connect(self.copy)
        menu.addAction(self.tr("Select all")).triggered.connect(self.selectAll)
        menu.addSeparator()
        quote = menu.addAction(self.tr("Quote in note"))
        lines = self.chosen_lines()
        quote.setEnabled(bool(lines))
        quote.triggered.connect(lambda: self.quote_wanted.emit(lines))
        return menu

    def chosen_lines(self) -> list[str]:
        """The lines that the selection touches, or the one that the cursor is in; blank ones are left out."""
        cursor = self.textCursor()
        block = self.document().findBlock(cursor.selectionStart())
        lines: list[str] = []
        while block.isValid() and block.position() <= cursor.selectionEnd() and len(lines) < _MOST_QUOTED:
            lines.append(block.text())
            block = block.next()
        return [line for line in lines if line.strip()]

    # Search

    def show_matches(self, matches: Sequence[Match], length: int, current: Match | None) -> None:
        """Colour what a search found."""
        plain, strong = QTextCharFormat(), QTextCharFormat()
        plain.setBackground(look().color("sel"))
        strong.setBackground(look().color("accentFill"))
        strong.setForeground(look().color("onAccent"))
        found = [match for match in matches[:_AT_ONCE] if match != current]
        selections = [self._selection(match, length, plain) for match in found]
        if current is not None:
            selections.append(self._selection(current, length, strong))
        self.setExtraSelections([selection for selection in selections if selection is not None])
        if current is not None:
            self._show_line(current)

    def _show_line(self, match: Match) -> None:
        block = self.document().findBlockByNumber(match.line)
        if not block.isValid():
            return
        cursor = QTextCursor(block)
        cursor.setPosition(min(block.position() + match.column, block.position() + block.length() - 1))
        seen = [block.blockNumber() for block, box in self.visible_blocks() if box.bottom() < self.viewport().height()]
        self.setTextCursor(cursor)
        if match.line not in seen:
            self.centerCursor()

    def _selection(self, match: Match, length: int, style: QTextCharFormat) -> QTextEdit.ExtraSelection | None:
        block = self.document().findBlockByNumber(match.line)
        if not block.isValid() or match.column + length >= block.length() + 1:
            return None
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + match.column)
        cursor.setPosition(block.position() + match.column + length, QTextCursor.MoveMode.KeepAnchor)
        selection.cursor = cursor
        selection.format = style
        return selection

    def go_to_kind(self, kind: LineKind, backwards: bool = False) -> bool:
        """Move to the next line of a kind, all around; False when there is none."""
        lines = [number for number, one in self.marked() if one == NUMBERS[kind]]
        if not lines:
            return False
        here = self.textCursor().blockNumber()
        after = next((number for number in lines if number > here), lines[0])
        before = next((number for number in reversed(lines) if number < here), lines[-1])
        self.set_follow(on=False)
        self._show_line(Match(before if backwards else after, 0))
        return True

    def marked(self) -> Iterator[tuple[int, int]]:
        """Numbers and kinds of the lines that are marked and start anew."""
        block = self.document().firstBlock()
        while block.isValid():
            state = block.userState()
            if state in (ERROR, WARNING):
                yield block.blockNumber(), state
            block = block.next()

    # Painting

    def visible_blocks(self) -> Iterator[tuple[QTextBlock, QRect]]:
        """Lines in sight and where they are."""
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(offset).toAlignedRect()
            if box.top() > self.viewport().height():
                return
            yield block, box
            block = block.next()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it: tints first."""
        painter = QPainter(self.viewport())
        for block, box in self.visible_blocks():
            tint = TINTS.get(block.userState() & 0xFF) if block.userState() >= 0 else None
            if tint is not None:
                painter.fillRect(QRect(0, box.y(), self.viewport().width(), box.height()), look().color(tint[0]))
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._place_margins()
        if self.follow:
            self.set_follow(on=True)

    def _place_margins(self) -> None:
        area = self.contentsRect()
        px = look().px
        edge = px(TICKS + WIDTH)
        self._gutter.setGeometry(area.x(), area.y(), px(GUTTER), area.height())
        self._ticks.setGeometry(area.right() + 1 - edge, area.y(), edge, area.height())
        self.bar.setGeometry(area.right() + 1 - px(WIDTH), area.y(), px(WIDTH), area.height())
        self.bar.raise_()
