"""Fields for more than a line of text: whole numbers, a choice, words as tokens, a command."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIntValidator, QKeyEvent, QPainter, QPaintEvent, QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hqgui.models.formats import one_line
from hqgui.theme import look
from hqgui.views.parts.buttons import IconButton, ToolButton
from hqgui.views.parts.fields import paint_field
from hqgui.views.parts.icons import paint_icon
from hqgui.views.parts.labels import ElidedLabel

_HIGH = 28
_VARIABLE = re.compile(r"\$(?:\{\w+\}|\w+)")


class NumberField(QFrame):
    """A whole number: typed, or changed by keys and buttons."""

    changed = Signal(int)

    def __init__(self, name: str, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self.edit = QLineEdit(str(least))
        self.edit.setProperty("role", "bare")
        self.edit.setAccessibleName(name)
        self.edit.setValidator(QIntValidator(least, most, self.edit))
        self.edit.installEventFilter(self)
        self._less = IconButton(
            "minus", self.tr("{name}, less").replace("{name}", name), lambda: self.step(-1), size=11
        )
        self._more = IconButton("plus", self.tr("{name}, more").replace("{name}", name), lambda: self.step(1), size=11)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.edit, 1)
        for button in (self._less, self._more):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._row.addWidget(button)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(lambda _: self.changed.emit(self.value))
        look().tie(self, self._measure)

    @property
    def value(self) -> int:
        """The number; the least one while nothing is typed."""
        text = self.edit.text().strip()
        number = int(text) if text.lstrip("-").isdigit() else self._least
        return min(max(number, self._least), self._most)

    def set_value(self, value: int) -> None:
        """Show a number."""
        if value != self.value or not self.edit.text():
            self.edit.setText(str(min(max(value, self._least), self._most)))

    def step(self, by: int) -> None:
        """One more or one less."""
        self.set_value(self.value + by)

    def _measure(self) -> None:
        px = look().px
        self.edit.setFont(look().font())
        self.setFixedHeight(px(_HIGH))
        self._row.setContentsMargins(px(8), 0, px(3), 0)
        self._row.setSpacing(0)
        for button in (self._less, self._more):
            button.setFixedSize(px(22), px(22))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the field: arrows change the number."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self.step(step)
                return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        paint_field(QPainter(self), self, self.edit.hasFocus())


class PickField(ToolButton):
    """Looks like a field and opens a menu; a quiet word may stand at its end."""

    def __init__(self, name: str, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._detail = ""
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look().tie(self, self._measure)
        self.show_words("")

    def show_words(self, text: str, detail: str = "") -> None:
        """What is chosen."""
        self._detail = detail
        self.setText(one_line(text, 200))
        self.setAccessibleName(f"{self._name}: {self.text()} {detail}".strip())
        self.update()

    def _measure(self) -> None:
        self.setFont(look().font())
        self.setFixedHeight(look().px(_HIGH))
        self.setMinimumWidth(look().px(90))

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(140), look().px(_HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        paint_field(painter, self, focused=False)
        px, width = look().px, self.width()
        middle = Qt.AlignmentFlag.AlignVCenter
        size = px(10)
        box = QRectF(width - px(19), (self.height() - size) / 2, size, size)
        paint_icon(painter, "chevron-down", box, look().hex("text2" if self.isEnabled() else "textDis"))
        end = width - px(26)
        if self._detail:
            painter.setFont(look().font(11))
            painter.setPen(look().color("text3"))
            room = painter.fontMetrics().horizontalAdvance(self._detail)
            painter.drawText(QRectF(end - room, 0, room + 2, self.height()), middle, self._detail)
            end -= room + px(8)
        painter.setFont(self.font())
        painter.setPen(look().color("text" if self.isEnabled() else "textDis"))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, max(0, end - px(9)))
        painter.drawText(QRectF(px(9), 0, max(0, end - px(9)) + 2, self.height()), middle, shown)


class StayingMenu(QMenu):
    """A menu in which several things are checked before it closes."""

    def mouseReleaseEvent(self, event: object) -> None:
        """A click on what can be checked checks it and no more."""
        action: QAction | None = self.activeAction()
        if action is not None and action.isEnabled() and action.isCheckable():
            action.trigger()
            return
        super().mouseReleaseEvent(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So does Space."""
        action: QAction | None = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.trigger()
            return
        super().keyPressEvent(event)


class _Token(QFrame):
    """A word that can be taken out."""

    def __init__(self, text: str, remove: Callable[[], None], name: str) -> None:
        super().__init__()
        self.setProperty("role", "tag")
        self._row = QHBoxLayout(self)
        self._row.addWidget(ElidedLabel(text, "text", 11))
        button = IconButton("x", name, remove, "text2", 9, 16)
        self._row.addWidget(button)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setFixedHeight(px(20))
        self._row.setContentsMargins(px(5), 0, px(1), 0)
        self._row.setSpacing(px(2))


class TokenField(QFrame):
    """Words, each a token: Enter, comma or leaving the field makes one, Backspace in the empty field takes the last."""

    changed = Signal()

    def __init__(self, name: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tokens: tuple[str, ...] = ()
        self._placeholder = placeholder
        self._tokens = QHBoxLayout()
        self.edit = QLineEdit()
        self.edit.setProperty("role", "bare")
        self.edit.setAccessibleName(name)
        self.edit.installEventFilter(self)
        self._row = QHBoxLayout(self)
        self._row.addLayout(self._tokens)
        self._row.addWidget(self.edit, 1)
        self.setFocusProxy(self.edit)
        self.edit.textEdited.connect(self._typed)
        self.edit.editingFinished.connect(self.take_typed)
        look().tie(self, self._measure)
        self._show()

    def _measure(self) -> None:
        px = look().px
        self.edit.setFont(look().font())
        self.edit.setMinimumWidth(px(70))
        self.setFixedHeight(px(_HIGH))
        self._row.setContentsMargins(px(6), 0, px(6), 0)
        self._row.setSpacing(px(5))
        self._tokens.setSpacing(px(4))

    def offer(self, words: Sequence[str]) -> None:
        """Words that are completed."""
        completer = QCompleter(list(words), self.edit)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.edit.setCompleter(completer)

    def set_tokens(self, tokens: Sequence[str]) -> None:
        """Show these words."""
        if tuple(tokens) != self.tokens:
            self.tokens = tuple(tokens)
            self._show()

    def take_typed(self) -> None:
        """What is typed becomes a token."""
        words = [word.strip() for word in self.edit.text().split(",") if word.strip()]
        self.edit.clear()
        fresh = [word for word in dict.fromkeys(words) if word not in self.tokens]
        if fresh:
            self._set((*self.tokens, *fresh))

    def _typed(self, text: str) -> None:
        if "," in text:
            self.take_typed()

    def _set(self, tokens: tuple[str, ...]) -> None:
        self.tokens = tokens
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        while (item := self._tokens.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for token in self.tokens:
            name = self.tr("Remove {what}").replace("{what}", one_line(token, 60))
            self._tokens.addWidget(_Token(token, self._remover(token), name))
        self.edit.setPlaceholderText(self._placeholder)

    def _remover(self, token: str) -> Callable[[], None]:
        return lambda: self._set(tuple(other for other in self.tokens if other != token))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the field."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Backspace and not self.edit.text() and self.tokens:
                self._set(self.tokens[:-1])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.edit.text().strip():
                self.take_typed()
                return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        paint_field(QPainter(self), self, self.edit.hasFocus())


class _Variables(QSyntaxHighlighter):
    """Variables of a command in their colour."""

    def highlightBlock(self, text: str) -> None:
        """Style a line."""
        style = QTextCharFormat()
        style.setForeground(look().color("link"))
        for match in _VARIABLE.finditer(text):
            self.setFormat(match.start(), match.end() - match.start(), style)


class CommandField(QFrame):
    """A command of a few lines; Tab leaves it."""

    changed = Signal()

    def __init__(self, name: str, lines: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName(name)
        self.edit.setTabChangesFocus(True)
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setStyleSheet("QPlainTextEdit { background: transparent; }")
        self.edit.viewport().setAutoFillBackground(False)
        self.edit.installEventFilter(self)
        self._variables = _Variables(self.edit.document())
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self.changed)
        look().tie(self, self._measure)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a command."""
        if text != self.text:
            self.edit.setPlainText(text)

    def _measure(self) -> None:
        px = look().px
        self.edit.setFont(look().font(11, mono=True))
        self._column.setContentsMargins(px(5), px(4), px(5), px(4))
        self.setFixedHeight(px(20) + self._lines * px(16))
        self._variables.rehighlight()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the field."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        paint_field(QPainter(self), self, self.edit.hasFocus())
