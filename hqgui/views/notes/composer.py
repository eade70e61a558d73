"""Where a note is written: a field with links marked as they are typed, and what can be put into it.

It keeps nothing itself: every change is told, so that a draft is remembered by whoever owns it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.note_text import TOKEN
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import ElidedLabel, PlainLabel

Knows = Callable[[str], str]
"""The address of what a token such as `#17` leads to; empty when it leads nowhere."""
_LINES: Final = (2, 9)
"""How many lines the field shows at least and at most."""
_WIDE: Final = 560
_MIDDLING: Final = 400


class _Marker(QSyntaxHighlighter):
    """Links and quotes look like what they will be."""

    def __init__(self, document: QTextDocument, knows: Knows) -> None:
        super().__init__(document)
        self._knows = knows
        self._link, self._quote = QTextCharFormat(), QTextCharFormat()

    def restyle(self) -> None:
        """Take the colours of the look."""
        self._link.setForeground(look().color("link"))
        self._link.setBackground(look().mixed("field", "sel", 0.75))
        self._link.setFontWeight(500)
        self._quote.setForeground(look().color("text2"))
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Style one line."""
        if text.startswith(">"):
            self.setFormat(0, len(text), self._quote)
            return
        for found in TOKEN.finditer(text):
            token = found[0] if self._knows(found[0]) else found[0].rstrip(".:-")
            if self._knows(token):
                self.setFormat(found.start(), len(token), self._link)


class NoteEdit(QPlainTextEdit):
    """The field. Ctrl+Enter sends, Escape leaves; what is pasted is plain text."""

    sent = Signal()
    left = Signal()
    focused = Signal()

    def __init__(self, knows: Knows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noteEdit")
        self.setAccessibleName(self.tr("New note"))
        self.setPlaceholderText(self.tr("Write a note. #17 links a job, @name a client."))
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._marker = _Marker(self.document(), knows)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font(13))
        self.document().setDocumentMargin(look().px(2))
        self.setStyleSheet("QPlainTextEdit { background: transparent; }")
        self._marker.restyle()
        self._fit()

    def _fit(self) -> None:
        lines = max(_LINES[0], min(_LINES[1], int(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + look().px(6))

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text, whatever else there is."""
        self.insertPlainText(source.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """It has the keyboard."""
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It has it no longer."""
        super().focusOutEvent(event)
        self.focused.emit()


class Composer(QFrame):
    """Field and buttons in one frame."""

    text_changed = Signal(str)
    send_wanted = Signal(str)
    link_job_wanted = Signal()
    link_client_wanted = Signal()
    quote_wanted = Signal()
    left = Signal()

    def __init__(self, knows: Knows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self._busy = False
        self._why_not = ""
        self.edit = NoteEdit(knows)
        self.setFocusProxy(self.edit)
        self.job = Button(self.tr("Link job"), "flat", "link", self.link_job_wanted.emit)
        self.client = Button(self.tr("Link client"), "flat", "server", self.link_client_wanted.emit)
        self.quote = Button(self.tr("Quote log line"), "flat", "terminal", self.quote_wanted.emit)
        self._hint = ElidedLabel("", "text3", 11, whole=True)
        self._key = PlainLabel(self.tr("Ctrl Enter"), "text3", 10)
        self._key.setProperty("role", "key")
        self.add = Button(self.tr("Add note"), "primary", clicked=self._send)
        self._field = QVBoxLayout()
        self._field.addWidget(self.edit)
        self._tools = QHBoxLayout()
        for button in (self.job, self.client, self.quote):
            self._tools.addWidget(button)
        self._tools.addWidget(self._hint, 1)
        self._tools.addWidget(self._key)
        self._tools.addWidget(self.add)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._field)
        self._rule = QFrame()
        self._rule.setProperty("role", "rule")
        self._rule.setFixedHeight(1)
        column.addWidget(self._rule)
        column.addLayout(self._tools)
        self.edit.textChanged.connect(self._changed)
        self.edit.sent.connect(self._send)
        self.edit.left.connect(self.left)
        self.edit.focused.connect(self.update)
        look().tie(self, self._measure)
        self._show_state()

    def _measure(self) -> None:
        px = look().px
        self._field.setContentsMargins(px(11), px(9), px(11), px(7))
        self._tools.setContentsMargins(px(6), px(5), px(7), px(5))
        self._tools.setSpacing(px(4))
        self._key.setFixedHeight(px(16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: where it is narrow, buttons keep their icons alone and hints go."""
        super().resizeEvent(event)
        wide, middling = self.width() >= look().px(_WIDE), self.width() >= look().px(_MIDDLING)
        for button in (self.job, self.client, self.quote):
            button.show_words(wide)
        self._key.setVisible(middling)

    def minimumSizeHint(self) -> QSize:
        """Its buttons give way."""
        return QSize(look().px(220), super().minimumSizeHint().height())

    # Text

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.toPlainText()

    def show_text(self, text: str) -> None:
        """Another draft, with the cursor behind it."""
        if text == self.text:
            return
        self.edit.blockSignals(True)  # noqa: FBT003
        self.edit.setPlainText(text)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        self.edit.blockSignals(False)  # noqa: FBT003
        self._show_state()

    def put(self, words: str) -> None:
        """Put words where the cursor is, set off by spaces."""
        cursor = self.edit.textCursor()
        before = self.text[: cursor.selectionStart()]
        cursor.insertText(f"{'' if not before or before[-1].isspace() else ' '}{words} ")
        self.edit.setTextCursor(cursor)
        self.edit.setFocus()

    def put_lines(self, lines: str) -> None:
        """Put lines behind what is typed, beginning with a line of their own."""
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        gap = "" if not self.text or self.text.endswith("\n") else "\n"
        self.edit.insertPlainText(f"{gap}{lines}")
        self.edit.setFocus()

    # State

    def show_hint(self, words: str) -> None:
        """Quiet words beside the button."""
        self._hint.setText(words)

    def show_state(self, why_not: str, busy: bool = False) -> None:
        """Whether a note can be added now, and if not, why; `busy`: one is on its way."""
        self._why_not, self._busy = why_not, busy
        self._show_state()

    def _changed(self) -> None:
        self._show_state()
        self.text_changed.emit(self.text)

    def _show_state(self) -> None:
        ready = bool(self.text.strip()) and not self._why_not and not self._busy
        self.add.setEnabled(ready)
        self.add.setToolTip(tooltip(self._why_not))

    def _send(self) -> None:
        if self.add.isEnabled():
            self.send_wanted.emit(self.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it: a field with a ring while it has the keyboard."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.edit.hasFocus()
        width = 2 if focused else 1
        painter.setPen(QPen(look().color("accent" if focused else "lineStrong"), width))
        painter.setBrush(look().color("field"))
        inset = width / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, look().px(6), look().px(6))
