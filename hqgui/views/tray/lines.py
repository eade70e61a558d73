"""Rows of the tray's popup that are pressed as a whole and are walked with the arrow keys: a job, a notification."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.roles import Tone
from hqgui.models.tray.facts import NewsLine
from hqgui.models.tray.my_jobs import JobLine
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel, UnreadDot

PAD: Final = 16
_INKS: Final = {Tone.FAILED: "failed", Tone.WAITING: "runnable"}
_TIME_WIDTH, _PERCENT_WIDTH = 68, 36
_STATE_WIDTH: Final = 180
"""A longer reason is cut, so that the name keeps its place."""


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


class _Field(QLineEdit):
    """One line to type; Escape leaves it and what is in it."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # Enter sends what was typed, and does not press the row as well


class JobRow(PressableLine):
    """One of my jobs."""

    action_wanted = Signal(str, int)
    """pause, resume, retry or output, and the job."""
    note_wanted = Signal(int, str)
    reshaped = Signal()
    """It is higher or lower now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = 0
        self._line: JobLine | None = None
        self._acts = True
        self.glyph = GlyphLabel("", 13)
        self.name = ElidedLabel("", "text", 12, 500)
        self.state = ElidedLabel("", "text2", 11)
        self.bar = BarLabel(6)
        self.percent = PlainLabel("", "text", 11)
        self.time = PlainLabel("", "text2", 11)
        for label in (self.percent, self.time):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.pause = self._button("pause", self.tr("Pause"), lambda: self._ask("pause"))
        self.resume = self._button("play", self.tr("Resume"), lambda: self._ask("resume"))
        self.retry = self._button("rotate-cw", self.tr("Retry what failed"), lambda: self._ask("retry"))
        self.output = self._button("terminal", self.tr("Show its output"), lambda: self._ask("output"))
        self.note = self._button("message-square", self.tr("Leave a note"), self.open_note)
        self.field = _Field()
        look().tie_font(self.field)
        self.field.setPlaceholderText(self.tr("A note on this job"))
        self.field.setAccessibleName(self.tr("A note on this job"))
        self.field.returnPressed.connect(self._send_note)
        self.field.left.connect(self.close_note)
        self.send = Button(self.tr("Add"), "small", clicked=self._send_note)
        self._lay_out()
        look().tie(self, self._measure)

    def _button(self, icon_name: str, name: str, act: Callable[[], object]) -> IconButton:
        button = IconButton(icon_name, name, act, "text", 13, 22, self)
        button.installEventFilter(self)
        button.hide()
        return button

    def _lay_out(self) -> None:
        self._first = QHBoxLayout()
        self._first.addWidget(self.glyph)
        self._first.addWidget(self.name, 1)
        self._first.addWidget(self.state)
        for button in self.buttons():
            self._first.addWidget(button)
        self._second = QHBoxLayout()
        self._second.addWidget(self.bar, 1)
        self._second.addWidget(self.percent)
        self._second.addWidget(self.time)
        self._composer = QWidget()
        row = QHBoxLayout(self._composer)
        row.setContentsMargins(look().px(20), 0, 0, 0)
        row.addWidget(self.field, 1)
        row.addWidget(self.send)
        self._composer.hide()
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._first)
        self._column.addLayout(self._second)
        self._column.addWidget(self._composer)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(PAD), px(5), px(PAD), px(8))
        self._column.setSpacing(px(3))
        self._first.setSpacing(px(7))
        self._second.setContentsMargins(px(20), 0, 0, 0)
        self._second.setSpacing(px(2))
        self.percent.setFixedWidth(px(_PERCENT_WIDTH))
        self.time.setFixedWidth(px(_TIME_WIDTH))
        self.state.setFixedHeight(px(22))
        self.state.setMaximumWidth(px(_STATE_WIDTH))
        self.update()

    def buttons(self) -> Sequence[IconButton]:
        """What can be done, in order."""
        return (self.pause, self.resume, self.retry, self.output, self.note)

    def stops(self) -> Sequence[QWidget]:
        """Where the keyboard stops, in order."""
        return (self, *self.buttons(), self.field, self.send)

    def show_line(self, line: JobLine, acts: bool, stale: bool) -> None:
        """Show a job; `acts`: the server can be asked to do something."""
        if self.job != line.id and self._composer.isVisible():
            self.close_note()
        self.job, self._acts = line.id, acts
        for part in (self.glyph, self.bar):
            part.set_stale(stale)
        if line == self._line and self.lit == self.state.isHidden():
            return
        self._line = line
        self.glyph.show_glyph(line.glyph)
        self.name.setText(line.name)
        self.state.setText(line.state)
        self.state.set_ink(_INKS.get(line.tone, "text2"))
        self.bar.show_parts(line.segments)
        self.percent.setText(line.percent)
        self.time.setText(line.time)
        self.setToolTip(tooltip(line.tip))
        self.setAccessibleName(line.sentence)
        self._lit_changed()

    def _lit_changed(self) -> None:
        line = self._line
        if line is None:
            return
        can = {
            self.pause: line.can_pause,
            self.resume: line.can_resume and not line.can_pause,
            self.retry: line.can_retry,
        }
        for button in self.buttons():
            button.setVisible(self.lit and can.get(button, True))
            button.setEnabled(self._acts or button is self.output)
        self.state.setVisible(not self.lit or line.can_retry)

    def _ask(self, action: str) -> None:
        if self._line is not None and (self._acts or action == "output"):
            self.action_wanted.emit(action, self.job)

    def open_note(self) -> None:
        """Let a note be typed; what was typed before is still there."""
        self._composer.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reshaped.emit()

    def close_note(self) -> None:
        """Put the note away."""
        self._composer.hide()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reshaped.emit()

    def _send_note(self) -> None:
        text = self.field.text().strip()
        if text and self._acts:
            self.note_wanted.emit(self.job, text)
            self.field.clear()
            self.close_note()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Single letters do what the buttons do."""
        line = self._line
        key = event.key()
        if line is None or not self.hasFocus():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_P) and (line.can_pause or line.can_resume):
            self._ask("pause" if line.can_pause else "resume")
        elif key == Qt.Key.Key_R and line.can_retry:
            self._ask("retry")
        elif key == Qt.Key.Key_O:
            self._ask("output")
        elif key == Qt.Key.Key_N:
            self.open_note()
        else:
            super().keyPressEvent(event)


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
