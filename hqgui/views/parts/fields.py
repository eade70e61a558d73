"""Fields to type in: an icon before, a hint of the key or a button to clear behind."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import IconButton, ToolButton
from hqgui.views.parts.icons import paint_icon
from hqgui.views.parts.labels import PlainLabel


class IconLabel(QWidget):
    """An icon of the set."""

    def __init__(self, name: str, ink: str = "text3", size: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._ink = ink
        self._size = size
        look().tie(self, self._measure)

    def show_icon(self, name: str, ink: str) -> None:
        """Another icon."""
        self._name, self._ink = name, ink
        self.update()

    def _measure(self) -> None:
        self.setFixedSize(look().px(self._size), look().px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        ink = self._ink if self.isEnabled() else "textDis"
        paint_icon(QPainter(self), self._name, QRectF(self.rect()), look().hex(ink))


class SearchField(QFrame):
    """A field for words; Escape empties it, and gives the keyboard back when it is empty."""

    text_changed = Signal(str)
    left = Signal()
    """Escape was pressed in the empty field."""
    submitted = Signal(bool)
    """Enter was pressed; True with Shift."""

    def __init__(
        self,
        name: str,
        placeholder: str,
        icon_name: str = "list-filter",
        hint: str = "",
        height: int = 24,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._high = height
        self.wrong = False
        """Whether what is typed cannot be used; its border says so."""
        self.setProperty("field", True)  # noqa: FBT003
        self.edit = QLineEdit(self)
        self.edit.setProperty("role", "bare")
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(placeholder)
        self.edit.installEventFilter(self)
        self._hint = PlainLabel(hint, "text3", 10)
        self._hint.setProperty("role", "key")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._clear = IconButton("x", self.tr("Clear"), self.edit.clear, "text3", 12, 18)
        self._clear.hide()
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel(icon_name, size=12))
        self._row.addWidget(self.edit, 1)
        self._row.addWidget(self._hint)
        self._row.addWidget(self._clear)
        self._hint.setVisible(bool(hint))
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._changed)
        look().tie(self, self._measure)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the field's end."""
        self._row.addWidget(widget)

    def _measure(self) -> None:
        px = look().px
        self.edit.setFont(look().font())
        self._row.setContentsMargins(px(9), 0, px(7), 0)
        self._row.setSpacing(px(8))
        self._hint.setFixedHeight(px(16))
        self.setFixedHeight(px(self._high))
        self.update()

    def text(self) -> str:
        """What is typed."""
        return self.edit.text()

    def _changed(self, text: str) -> None:
        has_hint = bool(self._hint.text())
        self._hint.setVisible(has_hint and not text)
        self._clear.setVisible(bool(text))
        self.text_changed.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the other widget."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            if self.edit.text():
                self.edit.clear()
            else:
                self.left.emit()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submitted.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        paint_field(QPainter(self), self, self.edit.hasFocus(), self.wrong)


def paint_field(painter: QPainter, widget: QWidget, focused: bool, wrong: bool = False) -> None:
    """The ground and border of a field."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look().color("failed" if wrong else "accent" if focused else "lineStrong"), 1))
    painter.setBrush(look().color("field"))
    radius = look().px(5)
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class FieldButton(ToolButton):
    """Looks like a field, opens something to type in."""

    def __init__(self, text: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self._hint = hint
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(26))
        self.setMaximumWidth(look().px(352))
        self.setMinimumWidth(look().px(120))

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(352), look().px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        paint_field(painter, self, focused=False)
        px, height = look().px, self.height()
        size = px(12)
        paint_icon(painter, "search", QRectF(px(11), (height - size) / 2, size, size), look().hex("text3"))
        painter.setFont(look().font(10, 500))
        hint_width = painter.fontMetrics().horizontalAdvance(self._hint) + px(10)
        box = QRectF(self.width() - hint_width - px(8) + 0.5, (height - px(16)) / 2 + 0.5, hint_width, px(16) - 1)
        painter.setPen(look().color("lineStrong"))
        painter.setBrush(look().color("window"))
        painter.drawRoundedRect(box, px(3), px(3))
        painter.setPen(look().color("text3"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._hint)
        painter.setFont(look().font())
        room = round(box.left()) - px(30) - px(8)
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(px(30), 0, room + 4, height), Qt.AlignmentFlag.AlignVCenter, shown)
