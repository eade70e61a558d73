"""Asks for a name, a number or a few of them, where the answer is wanted. Enter takes it, Escape does nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIntValidator, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.choices import Check
from hqgui.views.parts.labels import PlainLabel

MOST = 999_999
_WIDEST = 360
"""Of a field; a longer text is seen from its beginning."""


class Ask(NamedTuple):
    """One thing that is asked for: a text, a whole number or a yes, by the type of its first value."""

    label: str
    value: str | int | bool
    hint: str = ""


class AskPopup(QFrame):
    """The popup. `fault` says what is wrong with the values; empty when they may be taken."""

    taken = Signal(object)
    """A tuple with a value for each thing that was asked for."""

    def __init__(
        self,
        title: str,
        asks: Sequence[Ask],
        yes: str,
        fault: Callable[[tuple[Any, ...]], str] = lambda values: "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(title)
        self._fault = fault
        self.fields: list[QLineEdit | Check] = [self._field(ask) for ask in asks]
        self.words = PlainLabel("", "failed", 11)
        self.words.setWordWrap(True)
        self.yes = Button(yes, "primary", clicked=self.take)
        px = look().px
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(6))
        for row, (ask, field) in enumerate(zip(asks, self.fields, strict=True)):
            if isinstance(field, QLineEdit):
                grid.addWidget(PlainLabel(ask.label, "text2"), row, 0)
            grid.addWidget(field, row, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(12), px(14), px(12))
        column.setSpacing(px(8))
        column.addWidget(PlainLabel(title, "text", weight=600))
        column.addLayout(grid)
        column.addLayout(foot)
        self.setMinimumWidth(px(300))
        self._judge()

    def _field(self, ask: Ask) -> QLineEdit | Check:
        if isinstance(ask.value, bool):
            box = Check(ask.label, ask.value)
            box.toggled.connect(self._judge)
            return box
        field = QLineEdit(str(ask.value))
        field.setAccessibleName(ask.label)
        field.setPlaceholderText(ask.hint)
        field.setFont(look().font())
        room = field.fontMetrics().horizontalAdvance(field.text()) + look().px(24)
        field.setMinimumWidth(min(room, look().px(_WIDEST)))
        if isinstance(ask.value, int):
            field.setValidator(QIntValidator(0, MOST, field))
        field.textChanged.connect(self._judge)
        field.returnPressed.connect(self.take)
        return field

    def values(self) -> tuple[Any, ...]:
        """What is typed."""
        return tuple(self._value(field) for field in self.fields)

    @staticmethod
    def _value(field: QLineEdit | Check) -> Any:
        if isinstance(field, Check):
            return field.isChecked()
        text = field.text().strip()
        return (int(text) if text else None) if field.validator() is not None else text

    def _judge(self) -> None:
        if hasattr(self, "yes"):
            words = self._fault(self.values())
            self.words.setText(words)
            self.yes.setEnabled(not words and None not in self.values())

    def take(self) -> None:
        """Take what is typed, if nothing is wrong with it."""
        if self.yes.isEnabled():
            values = self.values()
            self.close()
            self.taken.emit(values)

    def open_at(self, place: QPoint) -> None:
        """Open with its corner at a place, or where there is room for it."""
        self.resize(self.sizeHint())  # adjusting would cut it to two thirds of a small screen
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        x = min(max(place.x(), room.left()), room.right() - self.width())
        y = min(max(place.y(), room.top()), room.bottom() - self.height())
        self.move(x, y)
        self.show()
        first = self.fields[0]
        first.setFocus()
        if isinstance(first, QLineEdit):
            first.end(False)  # noqa: FBT003
            first.home(True)  # noqa: FBT003 - all is selected, and its beginning is seen

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
