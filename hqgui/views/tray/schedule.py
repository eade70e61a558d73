"""Asks when the farm may use this machine: at any time, or in its hours, or when nobody has touched it for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from hqgui.models.tray.day_strip import strip_of
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.tray.day_strip import DayStripView
from hqgui.views.tray.form import body_over_foot, check, indent, minutes, time_of_day
from hqserver.wire.availability import Rule

_WIDTH: Final = 400
_USUAL: Final = (Rule(start=19 * 60, end=8 * 60), Rule(idle_minutes=15))
_LONGEST_IDLE: Final = 24 * 60


class ScheduleDialog(QDialog):
    """The dialog. It shows rules of two kinds; a schedule of another shape is kept as long as nothing is changed."""

    rules_chosen = Signal(object)
    """A tuple of `Rule`s; empty: at any time."""

    def __init__(self, rules: Sequence[Rule], now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("When the farm may use this machine – HQ tray"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._given = tuple(rules)
        self._now = now
        active = [rule for rule in rules if rule.enabled]
        hours = next((rule for rule in active if rule.idle_minutes < 0), None)
        idle = next((rule for rule in active if rule.idle_minutes >= 0), None)
        self.hours = check(self.tr("From"), hours is not None)
        shown = hours or _USUAL[0]
        self.start, self.end = time_of_day(shown.start, self.tr("From")), time_of_day(shown.end, self.tr("To"))
        self.weekend = check(self.tr("and on weekends all day"), any(rule.days == (5, 6) for rule in active))
        self.idle = check(self.tr("After"), idle is not None)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, _LONGEST_IDLE)
        self.minutes.setValue(max((idle or _USUAL[1]).idle_minutes, 1))
        self.minutes.setAccessibleName(self.tr("Minutes without input"))
        look().tie_font(self.minutes)
        indent(self.minutes)
        self.words = PlainLabel("", "text2", 11)
        self.strip = DayStripView()
        self.cancel = Button(self.tr("Cancel"), clicked=self.reject)
        self.save = Button(self.tr("Save"), "primary", clicked=self._save)
        self.save.setDefault(True)
        self._lay_out()
        self.ring = FocusRing(self)
        for box in (self.hours, self.weekend, self.idle):
            box.toggled.connect(self._changed)
        for edit in (self.start, self.end):
            edit.timeChanged.connect(self._changed)
        self.minutes.valueChanged.connect(self._changed)
        self._changed()
        fit_height(self)

    def _lay_out(self) -> None:
        px = look().px
        self.setFixedWidth(px(_WIDTH))
        body = QVBoxLayout()
        body.setSpacing(px(9))
        body.addWidget(PlainLabel(self.tr("The farm may use this machine"), "text", 14, 600))
        body.addLayout(self._row(self.hours, self.start, PlainLabel(self.tr("to"), "text2"), self.end))
        body.addLayout(self._row(self.weekend))
        body.addLayout(self._row(self.idle, self.minutes, PlainLabel(self.tr("minutes without input"))))
        body.addWidget(self.strip)
        body.addWidget(self.words)
        body_over_foot(self, body, [self.cancel, self.save])

    def _row(self, *widgets: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(look().px(7))
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def rules(self) -> tuple[Rule, ...]:
        """As the dialog stands."""
        found: list[Rule] = []
        if self.hours.isChecked():
            found.append(Rule(start=minutes(self.start), end=minutes(self.end)))
        if self.weekend.isChecked():
            found.append(Rule(days=(5, 6)))
        if self.idle.isChecked():
            found.append(Rule(idle_minutes=self.minutes.value()))
        return tuple(found)

    def _changed(self) -> None:
        rules = self.rules()
        for edit in (self.start, self.end):
            edit.setEnabled(self.hours.isChecked())
        self.minutes.setEnabled(self.idle.isChecked())
        self.strip.show_strip(strip_of(rules, self._now, -1))
        self.words.setText(self.tr("Nothing is chosen: at any time.") if not rules else self.tr("Farm hours of today."))

    def _save(self) -> None:
        self.rules_chosen.emit(self.rules())
        self.accept()
