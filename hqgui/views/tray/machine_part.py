"""The part of the popup that is about this machine: a switch, a sentence, the day, what runs here, whose it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.roles import Segment
from hqgui.models.tray.keeping import Keep, button_words, menu_words
from hqgui.models.tray.machine import Machine, MachineState, RunningLine
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.parts.switch import BigSwitch
from hqgui.views.tray.day_strip import DayStripView
from hqgui.views.tray.lines import PAD
from hqserver.wire.statuses import JobStatus

_MOST_RUNNING: Final = 3


class _RunningBox(QFrame):
    """What runs here: name, owner, how far, how long."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "box")
        self._name = ElidedLabel("", "text", 12, 500)
        self._owner = PlainLabel("", "text2", 11)
        self._left = PlainLabel("", "text2", 11)
        self._bar = BarLabel(8)
        self._percent = PlainLabel("", "text", 11)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._top = QHBoxLayout()
        for widget, share in ((self._name, 1), (self._owner, 0), (self._left, 0)):
            self._top.addWidget(widget, share)
        self._bottom = QHBoxLayout()
        self._bottom.addWidget(self._bar, 1)
        self._bottom.addWidget(self._percent)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addLayout(self._bottom)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(13), px(9), px(13), px(9))
        self._column.setSpacing(px(7))
        self._top.setSpacing(px(10))
        self._percent.setFixedWidth(px(36))

    def show_line(self, line: RunningLine) -> None:
        """Show a job."""
        self._name.setText(line.name)
        self._owner.setText(line.owner)
        self._owner.setVisible(bool(line.owner))
        self._left.setText(line.left)
        self._bar.show_parts((Segment(JobStatus.RUNNING, line.progress),) if line.progress > 0 else ())
        self._percent.setText(line.percent)
        self.setAccessibleName(line.sentence)
        self.setToolTip(tooltip(line.sentence))


class MachinePart(QWidget):
    """The part."""

    switch_wanted = Signal(bool)
    """Whether the farm may use this machine."""
    take_back_wanted = Signal(bool)
    """True: now; False: after this frame."""
    keep_wanted = Signal(str)
    """One of `Keep`."""
    give_back_wanted = Signal()
    change_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = BigSwitch(self.tr("The farm may use this machine"))
        self.switch.clicked.connect(lambda _=False: self.switch_wanted.emit(not self.switch.is_on))
        self.title = PlainLabel("", "text", 14, 600)
        self.detail = ElidedLabel("", "text2", 11)
        self.glyph = GlyphLabel("", 14)
        self.strip = DayStripView()
        self.rules = ElidedLabel("", "text2", 11)
        self.change = LinkText(self.tr("Change"))
        self.change.clicked.connect(lambda _=False: self.change_wanted.emit())
        self.boxes = [_RunningBox() for _ in range(_MOST_RUNNING)]
        self.more = PlainLabel("", "text2", 11)
        self.after = Button(self.tr("Take it back after this frame"), "primary", clicked=self._after_frame)
        self.now = Button(self.tr("Take it back now"), clicked=self._at_once)
        self.loss = PlainLabel("", "text2", 11)
        self.loss.setWordWrap(True)
        self.keeps = {keep: self._keep_button(keep) for keep in Keep}
        self.give_back = Button(self.tr("Give it back to the farm"), "primary", clicked=self.give_back_wanted.emit)
        self._lay_out()
        look().tie(self, self._measure)

    def _after_frame(self) -> None:
        self.take_back_wanted.emit(False)  # noqa: FBT003 - a signal's argument

    def _at_once(self) -> None:
        self.take_back_wanted.emit(True)  # noqa: FBT003 - a signal's argument

    def _keep_button(self, keep: Keep) -> Button:
        icon_name = "user" if keep is Keep.HOUR else ""
        button = Button(button_words(keep), "small", icon_name, lambda: self.keep_wanted.emit(keep.value))
        button.setToolTip(tooltip(menu_words(keep)))
        return button

    def _lay_out(self) -> None:
        self._words = QVBoxLayout()
        self._words.addWidget(self.title)
        self._words.addWidget(self.detail)
        self._top = QHBoxLayout()
        self._top.addWidget(self.switch)
        self._top.addLayout(self._words, 1)
        self._top.addWidget(self.glyph)
        self._rules_row = QWidget()
        self._rules_line = QHBoxLayout(self._rules_row)
        self._rules_line.setContentsMargins(0, 0, 0, 0)
        self._rules_line.addWidget(self.rules, 1)
        self._rules_line.addWidget(self.change)
        self._back_row = QWidget()
        self._back = QHBoxLayout(self._back_row)
        self._keep_row = QWidget()
        self._keep = QHBoxLayout(self._keep_row)
        for row, buttons in (
            (self._back, [self.after, self.now]),
            (self._keep, [self.give_back, *self.keeps.values()]),
        ):
            row.setContentsMargins(0, 0, 0, 0)
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        for part in (self.strip, self._rules_row, *self.boxes, self.more, self._back_row, self.loss, self._keep_row):
            self._column.addWidget(part)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(PAD), px(14), px(PAD), px(14))
        self._column.setSpacing(px(9))
        self._top.setSpacing(px(12))
        self._words.setSpacing(px(1))
        for row in (self._back, self._keep):
            row.setSpacing(px(7))
        for button in self.keeps.values():
            button.setMinimumHeight(px(24))

    def show_machine(self, machine: Machine) -> None:
        """Show how it stands."""
        in_use = machine.state is MachineState.IN_USE
        self.switch.show_on(machine.on, "fRunning" if in_use else "fSucceeded")
        self.switch.setEnabled(machine.can_switch)
        self.title.setText(machine.title)
        self.detail.setText(machine.detail)
        shows_glyph = machine.state not in (MachineState.AVAILABLE, MachineState.STRANGER, MachineState.UNKNOWN)
        self.glyph.show_glyph(machine.glyph if shows_glyph else "")
        self._show_day(machine)
        for place, box in enumerate(self.boxes):
            box.setVisible(place < len(machine.running))
            if place < len(machine.running):
                box.show_line(machine.running[place])
        beyond = len(machine.running) - _MOST_RUNNING
        self.more.setText(self.tr("and {n} more").replace("{n}", str(beyond)))
        self.more.setVisible(beyond > 0)
        self._back_row.setVisible(machine.can_take_back)
        one = len(machine.running) == 1
        words = self.tr("Take it back after this frame") if one else self.tr("Take it back after these frames")
        self.after.setText(words)
        self.after.setVisible(not machine.leaving)
        self.loss.setText(machine.loss)
        self.loss.setVisible(machine.can_take_back)
        self._keep_row.setVisible(machine.can_keep and not in_use)
        self.give_back.setVisible(machine.kept)
        for keep, button in self.keeps.items():
            longer = keep in (Keep.UNTIL_SAID, Keep.TOMORROW)
            button.setVisible(not machine.leaving and not (machine.kept and longer))

    def _show_day(self, machine: Machine) -> None:
        """While it is in use the day matters less than what runs."""
        idle = not machine.running
        if machine.strip is not None:
            self.strip.show_strip(machine.strip)
        self.strip.setVisible(machine.strip is not None and idle)
        self.rules.setText(machine.rules)
        self._rules_row.setVisible(bool(machine.rules) and idle)
        self.change.setVisible(machine.can_change)
