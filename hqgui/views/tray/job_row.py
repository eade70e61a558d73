"""One of my jobs in the tray's popup: its line, what can be done about it, a note on it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.roles import Tone
from hqgui.models.tray.my_jobs import JobLine
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.tray.lines import PAD, PressableLine

_INKS: Final = {Tone.FAILED: "failed", Tone.WAITING: "runnable"}
_TIME_WIDTH, _PERCENT_WIDTH, _INSET = 68, 36, 20
_STATE_WIDTH: Final = 180
"""A longer reason is cut, so that the name keeps its place."""


class _Buttons(NamedTuple):
    pause: IconButton
    resume: IconButton
    retry: IconButton
    output: IconButton
    note: IconButton


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


class _Composer(QWidget):
    """A line to type a note in, and its button."""

    sent = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = _Field()
        look().tie_font(self.field)
        self.field.setPlaceholderText(self.tr("A note on this job"))
        self.field.setAccessibleName(self.tr("A note on this job"))
        self.field.returnPressed.connect(self._send)
        self.send = Button(self.tr("Add"), "small", clicked=self._send)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.send)
        self.hide()
        look().tie(self, lambda: self._row.setContentsMargins(look().px(_INSET), 0, 0, 0))

    def _send(self) -> None:
        text = self.field.text().strip()
        if text:
            self.sent.emit(text)


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
        self._made: _Buttons | None = None
        self._composer: _Composer | None = None
        self._lay_out()
        look().tie(self, self._measure)

    def _lay_out(self) -> None:
        self._first = QHBoxLayout()
        self._first.addWidget(self.glyph)
        self._first.addWidget(self.name, 1)
        self._first.addWidget(self.state)
        self._second = QHBoxLayout()
        self._second.addWidget(self.bar, 1)
        self._second.addWidget(self.percent)
        self._second.addWidget(self.time)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._first)
        self._column.addLayout(self._second)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(PAD), px(5), px(PAD), px(8))
        self._column.setSpacing(px(3))
        self._first.setSpacing(px(7))
        self._second.setContentsMargins(px(_INSET), 0, 0, 0)
        self._second.setSpacing(px(2))
        self.percent.setFixedWidth(px(_PERCENT_WIDTH))
        self.time.setFixedWidth(px(_TIME_WIDTH))
        self.state.setFixedHeight(px(22))
        self.state.setMaximumWidth(px(_STATE_WIDTH))
        self.update()

    def _button(self, icon_name: str, name: str, act: Callable[[], object]) -> IconButton:
        button = IconButton(icon_name, name, act, "text", 13, 22, self)
        button.hide()
        button.installEventFilter(self)
        self._first.addWidget(button)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keyboard comes to something in the row, or leaves it."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._light()
        return False

    @property
    def buttons(self) -> _Buttons:
        """What can be done, in order; made when somebody first points at the row: most rows nobody ever does."""
        if self._made is None:
            self._made = _Buttons(
                self._button("pause", self.tr("Pause"), lambda: self._ask("pause")),
                self._button("play", self.tr("Resume"), lambda: self._ask("resume")),
                self._button("rotate-cw", self.tr("Retry what failed"), lambda: self._ask("retry")),
                self._button("terminal", self.tr("Show its output"), lambda: self._ask("output")),
                self._button("message-square", self.tr("Leave a note"), self.open_note),
            )
            for one, following in pairwise((self, *self._made)):
                self.setTabOrder(one, following)
        return self._made

    @property
    def composer(self) -> _Composer:
        """Where a note is typed; made when somebody first leaves one."""
        if self._composer is None:
            self._composer = _Composer(self)
            self._composer.sent.connect(self._send_note)
            self._composer.field.left.connect(self.close_note)
            for part in (self._composer.field, self._composer.send):
                part.installEventFilter(self)
            self._column.addWidget(self._composer)
            for one, following in pairwise((self.buttons.note, self._composer.field, self._composer.send)):
                self.setTabOrder(one, following)
        return self._composer

    @property
    def is_writing(self) -> bool:
        """Whether somebody types a note here."""
        return self._composer is not None and self._composer.field.hasFocus()

    @property
    def last_stop(self) -> QWidget:
        """Where the keyboard stops last, before it leaves the row."""
        return (
            self._composer.send if self._composer is not None else self._made.note if self._made is not None else self
        )

    def show_line(self, line: JobLine, acts: bool, stale: bool) -> None:
        """Show a job; `acts`: the server can be asked to do something."""
        if self.job != line.id and self._composer is not None and self._composer.isVisible():
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
        if self.lit or self._made is not None:
            self._show_buttons(line)
        self.state.setVisible(not self.lit or line.can_retry)

    def _show_buttons(self, line: JobLine) -> None:
        buttons = self.buttons
        can = (line.can_pause, line.can_resume and not line.can_pause, line.can_retry, True, True)
        for button, shown in zip(buttons, can, strict=True):
            button.setVisible(self.lit and shown)
            button.setEnabled(self._acts or button is buttons.output)

    def _ask(self, action: str) -> None:
        if self._line is not None and (self._acts or action == "output"):
            self.action_wanted.emit(action, self.job)

    def open_note(self) -> None:
        """Let a note be typed; what was typed before is still there."""
        self.composer.show()
        self.composer.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reshaped.emit()

    def close_note(self) -> None:
        """Put the note away."""
        self.composer.hide()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.reshaped.emit()

    def _send_note(self, text: str) -> None:
        if self._acts:
            self.note_wanted.emit(self.job, text)
            self.composer.field.clear()
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
