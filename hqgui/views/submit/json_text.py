"""The JSON of a specification as it is typed: line numbers, colours, mistakes underlined and their lines tinted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QMimeData, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
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
from hqgui.views.submit.reading import in_lines

_PARTS: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b')
_CHILD: Final = "    {"
"""How a child begins that stands on a line of its own."""
_FOLDED_FROM: Final = 8
_LONGEST: Final = 20_000
"""Longer lines are not coloured."""
_PLAIN_FROM: Final = 512 << 10
"""Characters; a longer text stays without colours and folds, which would hold the window up for seconds."""


class _Colours(QSyntaxHighlighter):
    """Names, texts, numbers and words."""

    def highlightBlock(self, text: str) -> None:
        """Style a line."""
        if len(text) > _LONGEST:
            return
        for match in _PARTS.finditer(text):
            group = 1 if match[1] is not None else match.lastindex or 0
            ink = "link" if match[2] else {1: "succeeded", 3: "runnable", 4: "runnable"}.get(group, "text")
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
        self._folds: dict[int, int] = {}
        """Lines that are followed by hidden ones, and how many these are."""
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

    def show_text(self, text: str) -> None:
        """Show another text."""
        self.unfold()
        self._colours.setDocument(None if len(text) > _PLAIN_FROM else self.document())
        self.setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste, or take what is dropped: one line of megabytes comes in lines that can be shown."""
        text = source.text()
        if len(text) > _PLAIN_FROM:
            self._colours.setDocument(None)
        self.insertPlainText(in_lines(text))

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

    # Folding

    def fold(self) -> None:
        """Fold long runs of children that stand on a line each; what is wrong stays in sight."""
        self.unfold()
        if self.document().characterCount() > _PLAIN_FROM:
            return
        wrong = {finding.line - 1 for finding in self._findings}
        run: list[int] = []
        runs: list[list[int]] = []
        for number in range(self.blockCount() + 1):
            block = self.document().findBlockByNumber(number)
            if block.isValid() and block.text().startswith(_CHILD):
                run.append(number)
                continue
            if len(run) >= _FOLDED_FROM:
                runs.append(run[1:])
            run = []
        for lines in runs:
            if not wrong.intersection(lines):
                self._hide(lines)

    def _hide(self, lines: Sequence[int]) -> None:
        for number in lines:
            self.document().findBlockByNumber(number).setVisible(False)
        self._folds[lines[0] - 1] = len(lines)
        self._changed_blocks()

    def unfold(self) -> None:
        """Show everything."""
        if not self._folds:
            return
        self._folds.clear()
        block = self.document().begin()
        while block.isValid():
            block.setVisible(True)
            block = block.next()
        self._changed_blocks()

    def _changed_blocks(self) -> None:
        self.document().markContentsDirty(0, self.document().characterCount())
        self.viewport().update()
        self._gutter.update()

    def _chip(self, number: int, count_: int) -> QRect:
        """Where the words for a fold stand: below the line before it, at its end."""
        block = self.document().findBlockByNumber(number)
        box = self.blockBoundingGeometry(block).translated(self.contentOffset())
        metrics = self.fontMetrics()
        left = round(box.left()) + metrics.horizontalAdvance(block.text()) + look().px(14)
        width = metrics.horizontalAdvance(self._fold_words(count_)) + look().px(12)
        left = min(left, self.viewport().width() - width - look().px(14))
        return QRect(left, round(box.top()) + 1, width, round(box.height()) - 2)

    def _fold_words(self, count_: int) -> str:
        return self.tr("{n} more").replace("{n}", f"{count_:,}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, and what is folded."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        for number, count_ in self._folds.items():
            box = self._chip(number, count_)
            beside = box.adjusted(-look().px(6), 0, 0, 0)
            beside.setRight(self.viewport().width())
            painter.fillRect(beside, look().color("base"))  # what is left of a long line behind it would read on
            painter.setPen(look().color("lineStrong"))
            painter.setBrush(look().color("raised"))
            painter.drawRoundedRect(box, look().px(3), look().px(3))
            painter.setPen(look().color("text2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._fold_words(count_))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on what is folded unfolds it."""
        place = event.position().toPoint()
        if any(self._chip(number, count_).contains(place) for number, count_ in self._folds.items()):
            self.unfold()
            return
        super().mousePressEvent(event)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of another, as if it were typed: Ctrl+Z takes it back."""
        cursor = self._cursor(start, end)
        cursor.insertText(text)
        self.setTextCursor(cursor)
        self.setFocus()

    def go_to(self, finding: Finding) -> None:
        """Put the cursor there."""
        self.unfold()
        self.setTextCursor(self._cursor(finding.start, finding.start))
        self.centerCursor()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter keeps the indentation of the line. Typing shows what is folded, so that nothing unseen is changed."""
        if event.text() or event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.unfold()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            line = self.textCursor().block().text()
            before = line[: self.textCursor().positionInBlock()]
            blank = line[: len(line) - len(line.lstrip())]
            more = "  " if before.rstrip().endswith(("{", "[")) else ""
            self.textCursor().insertText("\n" + blank + more)
            return
        super().keyPressEvent(event)
