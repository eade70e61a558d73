"""Rows of the tray's popup that are pressed as a whole and are walked with the arrow keys; a notification is one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.tray.facts import NewsLine
from hqgui.theme import look
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel, PlainLabel, UnreadDot

PAD: Final = 16


class PressableLine(QWidget):
    """A row. It lights up under the pointer and with the keyboard; Enter or a click is `pressed`."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lit = False

    def _light(self) -> None:
        inner = QApplication.focusWidget()
        within = inner is self or (inner is not None and self.isAncestorOf(inner))
        self.light(self.underMouse() or within)

    def light(self, on: bool) -> None:
        """Light up or go dim."""
        if on != self.lit:
            self.lit = on
            self._lit_changed()
        self.update()

    def _lit_changed(self) -> None:
        """It lights up or goes dim."""

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer comes."""
        super().enterEvent(event)
        self._light()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer goes."""
        super().leaveEvent(event)
        self._light()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard comes."""
        super().focusInEvent(event)
        self._light()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard goes."""
        super().focusOutEvent(event)
        self._light()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, the arrows walk."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        elif event.key() == Qt.Key.Key_Down:
            self._walk(1)
        elif event.key() == Qt.Key.Key_Up:
            self._walk(-1)
        else:
            super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        parent = self.parentWidget()
        rows = [row for row in parent.findChildren(type(self)) if row.isVisible()] if parent is not None else []
        rows.sort(key=lambda row: row.y())
        place = rows.index(self) + step if self in rows else -1
        if 0 <= place < len(rows):
            rows[place].setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, and a bar where the keyboard is."""
        painter = QPainter(self)
        if self.lit:
            painter.fillRect(self.rect(), look().color("hover" if look().mode == "dark" else "line"))
        if self.hasFocus():
            painter.fillRect(0, 0, look().px(2), self.height(), look().color("accent"))


class NewsRow(PressableLine):
    """One notification."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key, self.job = "", 0
        self.glyph = GlyphLabel("", 13)
        self.text = ElidedLabel("", "text", 12)
        self.dot = UnreadDot()
        self.time = PlainLabel("", "text2", 11)
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.glyph)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.dot)
        self._row.addWidget(self.time)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(PAD), px(5), px(PAD), px(5))
        self._row.setSpacing(px(8))
        self.setFixedHeight(px(29))

    def show_line(self, line: NewsLine) -> None:
        """Show a notification."""
        self.key, self.job = line.key, line.job
        self.glyph.show_glyph(line.glyph)
        self.text.setText(line.text)
        self.text.set_ink("text2" if line.read else "text")
        self.dot.show_on(not line.read)
        self.time.setText(line.time)
        self.setToolTip(tooltip(line.tip))
        unread = "" if line.read else self.tr("unread, ")
        self.setAccessibleName(f"{unread}{line.text}, {line.time}")
