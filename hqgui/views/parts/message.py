"""A few quiet words in the middle of an empty place, with at most one thing to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import PlainLabel


class Message(QWidget):
    """A title, a sentence, a button."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None, ground: str = "") -> None:
        """`ground`: what it stands on, where it stands in the place of something else: `base` for a table."""
        super().__init__(parent)
        if ground:
            self.setProperty("role", ground)
            self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = PlainLabel("", "text", 13, 600)
        self._words = PlainLabel("", "text3")
        self._button = Button("", clicked=self.pressed.emit)
        self.column = QVBoxLayout(self)
        self.column.addStretch(2)
        for label in (self._title, self._words):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            self.column.addWidget(label)
        self.column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addStretch(3)
        look().tie(self, self._measure)
        self.show_words("", "")

    def _measure(self) -> None:
        px = look().px
        self.column.setContentsMargins(px(24), px(24), px(24), px(24))
        self.column.setSpacing(px(8))

    def show_words(self, title: str, words: str, button: str = "") -> None:
        """Show these words; a button where there is something to do."""
        for widget, text in ((self._title, title), (self._words, words), (self._button, button)):
            widget.setText(text)
            widget.setVisible(bool(text))
