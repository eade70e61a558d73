"""The JSON of a specification as it is typed: line numbers, colours, mistakes underlined and their lines tinted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from hqgui.models.submit.checking import Finding
from hqgui.theme import look

_PARTS: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b')
_LONGEST: Final = 20_000
"""Longer lines are not coloured."""


class _Colours(QSyntaxHighlighter):
    """Names, texts, numbers and words."""

    def highlightBlock(self, text: str) -> None:
        """Style a line."""
        if len(text) > _LONGEST:
            return
        for match in _PARTS.finditer(text):
            group = 1 if match[1] is not None else match.lastindex or 0
            ink = "text" if match[2] else {1: "succeeded", 3: "runnable", 4: "link"}.get(group, "text")
            style = QTextCharFormat()
            style.setForeground(look().color(ink))
            self.setFormat(match.start(group), match.end(group) - match.start(group), style)


class _Gutter(QWidget):
    """The numbers of lines."""

    def __init__(self, text: JsonText) -> None:
        super().__init__(text)
        self._text = text

    def sizeHint(self) -> QSize:
        """As wide as the numbers."""
        return QSize(self._text.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        self._text.paint_gutter(event)


class JsonText(QPlainTextEdit):
    """The text."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._findings: tuple[Finding, ...] = ()
        self._colours = _Colours(self.document())
        self._gutter = _Gutter(self)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._scrolled)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font(11, mono=True))
        self._colours.rehighlight()
        self._make_room()

    def gutter_width(self) -> int:
        """Pixels for the numbers."""
        digits = max(2, len(str(self.blockCount())))
        return look().px(18) + self.fontMetrics().horizontalAdvance("9") * digits

    def _make_room(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scrolled(self, area: QRect, by: int) -> None:
        if by:
            self._gutter.scroll(0, by)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(area.x(), area.y(), self.gutter_width(), area.height())

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Draw the numbers that are in sight."""
        painter = QPainter(self._gutter)
        painter.fillRect(event.rect(), look().color("base"))
        painter.setFont(self.font())
        wrong = {finding.line - 1 for finding in self._findings if not finding.warns}
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= event.rect().top():
                is_wrong = block.blockNumber() in wrong
                if is_wrong:
                    whole = QRect(0, round(top), self._gutter.width(), round(height))
                    painter.fillRect(whole, look().color("failTint"))
                painter.setPen(look().color("failed" if is_wrong else "text3"))
                box = QRect(0, round(top), self._gutter.width() - look().px(9), round(height))
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(block.blockNumber() + 1)
                )
            top += height
            block = block.next()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Mark what is wrong."""
        self._findings = tuple(findings)
        marks = []
        for finding in findings:
            if not finding.warns:
                marks.append(self._line(finding))
            marks.append(self._underline(finding))
        self.setExtraSelections(marks)
        self._gutter.update()

    def _cursor(self, start: int, end: int) -> QTextCursor:
        last = max(0, self.document().characterCount() - 1)
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(max(end, start), last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _line(self, finding: Finding) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = self._cursor(finding.start, finding.start)
        mark.format.setBackground(look().color("failTint"))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)  # noqa: FBT003
        return mark

    def _underline(self, finding: Finding) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = self._cursor(finding.start, finding.end)
        style = mark.format
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        style.setUnderlineColor(QColor(look().color("runnable" if finding.warns else "failed")))
        return mark

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of another, as if it were typed: Ctrl+Z takes it back."""
        cursor = self._cursor(start, end)
        cursor.insertText(text)
        self.setTextCursor(cursor)
        self.setFocus()

    def go_to(self, finding: Finding) -> None:
        """Put the cursor there."""
        self.setTextCursor(self._cursor(finding.start, finding.start))
        self.centerCursor()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter keeps the indentation of the line."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            line = self.textCursor().block().text()
            before = line[: self.textCursor().positionInBlock()]
            blank = line[: len(line) - len(line.lstrip())]
            more = "  " if before.rstrip().endswith(("{", "[")) else ""
            self.textCursor().insertText("\n" + blank + more)
            return
        super().keyPressEvent(event)
