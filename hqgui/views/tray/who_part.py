"""Asks who sits here, once: where a login says nothing, or says something that the farm does not know."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.tray.lines import PAD


class WhoPart(QFrame):
    """The question."""

    answered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._question = PlainLabel(self.tr("Who are you on this farm?"), "text", 12, 600)
        self._words = PlainLabel("", "text2", 11)
        self._words.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Your name on the farm"))
        self.field.setPlaceholderText(self.tr("the name under which you submit"))
        self.go = Button(self.tr("That is me"), "primary", clicked=self._answer)
        look().tie_font(self.field)
        self.field.returnPressed.connect(self._answer)
        self.field.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.go.setEnabled(False)
        self._row = QHBoxLayout()
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.go)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._question)
        self._column.addWidget(self._words)
        self._column.addLayout(self._row)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(PAD), px(12), px(PAD), px(12))
        self._column.setSpacing(px(6))
        self._row.setSpacing(px(8))

    def show_login(self, login: str) -> None:
        """Say why it is asked."""
        if login:
            words = self.tr("You are logged in as {login}, which several people may be. Several names: with commas.")
            self._words.setText(words.replace("{login}", login))
        else:
            self._words.setText(self.tr("This machine does not say who is logged in. Several names: with commas."))

    def _answer(self) -> None:
        text = self.field.text().strip()
        if text:
            self.answered.emit(text)
