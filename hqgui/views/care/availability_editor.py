"""Availability of one client or several: a week to paint, minutes of idleness, presets, and what would hold now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.standing import by_rules, next_change
from hqgui.models.week import (
    Paint,
    Reading,
    Week,
    filled,
    nights,
    nights_and_weekends,
    office_when_idle,
    rules_of,
    weekends,
    with_idle,
)
from hqgui.theme import look
from hqgui.views.care.week_grid import WeekGrid
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import LinkText, Segments
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.leading import lead
from hqgui.views.parts.leaving import leave_by_keys
from hqgui.words import QT_TRANSLATE_NOOP, counted, translate
from hqserver.wire.availability import LONGEST_IDLE, Rule

_BRUSHES: Final = (Paint.ON, Paint.IDLE, Paint.OFF)
PRESETS: Final[tuple[tuple[str, Callable[[], Week]], ...]] = (
    (QT_TRANSLATE_NOOP("Availability", "Always"), lambda: filled(Paint.ON)),
    (QT_TRANSLATE_NOOP("Availability", "Nights"), nights),
    (QT_TRANSLATE_NOOP("Availability", "Weekends"), weekends),
    (QT_TRANSLATE_NOOP("Availability", "Nights and weekends"), nights_and_weekends),
    (QT_TRANSLATE_NOOP("Availability", "And when idle"), office_when_idle),
)


class AvailabilityEditor(QWidget):
    """The editor; nothing is saved before somebody says so."""

    save_wanted = Signal(object)
    """Rules as structs."""
    disable_wanted = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._saved: Reading = Reading(filled(Paint.ON), exact=True)
        self._rules: Sequence[Rule] = ()
        """As they are saved."""
        self._clients = 1
        self._moment: Callable[[], tuple[datetime, int] | None] = lambda: None
        self._why_not = ""
        self._differing = ""
        self.grid = WeekGrid()
        self.brushes = Segments(
            self.tr("Paint with"), [self.tr("Takes jobs"), self.tr("When idle"), self.tr("No jobs")]
        )
        self.idle = QLineEdit()
        self.idle.setAccessibleName(self.tr("Minutes without input"))
        self.idle.setValidator(QIntValidator(1, LONGEST_IDLE, self.idle))
        self.presets = [LinkText(translate("Availability", words), size=11) for words, _ in PRESETS]
        self.pointed = PlainLabel("", "text3", 11)
        self.now = PlainLabel("", "text", weight=500)
        self.now.setWordWrap(True)
        self.then = ElidedLabel("", "text2")
        self.warning = PlainLabel("", "runnable", 11)
        self.warning.setWordWrap(True)
        self.disable = LinkText(self.tr("Disable it instead"), self.disable_wanted.emit, 11)
        self.save = Button(self.tr("Save"), "primary", clicked=self._save)
        self.revert = Button(self.tr("Revert"), clicked=self._revert)
        self._lay_out()
        self._connect()
        self.show_rules(Reading(filled(Paint.ON), exact=True), (), 1)

    def _lay_out(self) -> None:
        self._tools = QHBoxLayout()
        self._tools.addWidget(self.brushes)
        self._tools.addStretch(1)
        self._idle_row = QHBoxLayout()
        self._idle_row.addWidget(PlainLabel(self.tr("When idle: after"), "text3", 11))
        self._idle_row.addWidget(self.idle)
        self._idle_row.addWidget(PlainLabel(self.tr("min without input"), "text3", 11))
        self._idle_row.addStretch(1)
        self._presets_row = QHBoxLayout()
        for preset in self.presets:
            self._presets_row.addWidget(preset)
        self._presets_row.addStretch(1)
        self._foot = QHBoxLayout()
        self._foot.addStretch(1)
        self._foot.addWidget(self.revert)
        self._foot.addWidget(self.save)
        warned = QHBoxLayout()
        warned.addWidget(self.warning, 1)
        warned.addWidget(self.disable)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._tools)
        self._column.addLayout(self._presets_row)
        self._column.addWidget(self.grid)
        self._column.addWidget(self.pointed)
        self._column.addLayout(self._idle_row)
        self._column.addLayout(self._foot)  # over the words, which change: buttons stay under the pointer
        self._column.addWidget(self.now)
        self._column.addWidget(self.then)
        self._column.addLayout(warned)
        lead(self, self.grid)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(6))
        self._tools.setSpacing(px(6))
        self._idle_row.setSpacing(px(6))
        self._presets_row.setSpacing(px(10))
        self._foot.setSpacing(px(8))
        self.idle.setFont(look().font())
        self.idle.setFixedWidth(px(52))
        self.pointed.setFixedHeight(px(16))

    def _connect(self) -> None:
        self.brushes.chosen.connect(self._choose_brush)
        self.idle.textEdited.connect(self._idle_typed)
        self.grid.painted.connect(lambda _week: self._refresh())
        self.grid.pointed.connect(self.pointed.setText)
        for button, (_, make) in zip(self.presets, PRESETS, strict=True):
            button.clicked.connect(lambda _on=False, make=make: self.take(make()))

    # What is shown

    def show_rules(self, reading: Reading, rules: Sequence[Rule], clients: int) -> None:
        """Show what is saved; `clients`: for how many it will be saved."""
        self._saved, self._rules, self._clients = reading, tuple(rules), clients
        self.grid.show_week(reading.week)
        self.idle.setText(str(reading.week.idle_minutes))
        self.save.setText(self.tr("Save") if clients == 1 else counted(clients, "", self.tr("Save for {n} clients")))
        self._refresh()

    def show_saved(self, reading: Reading, rules: Sequence[Rule]) -> None:
        """News of what is saved: shown unless somebody has painted since."""
        if tuple(rules) != self._rules:
            if self.is_changed:
                self._saved, self._rules = reading, tuple(rules)
                self._refresh()
            else:
                self.show_rules(reading, rules, self._clients)

    def show_moment(self, moment: Callable[[], tuple[datetime, int] | None]) -> None:
        """From where the client's local time and idle minutes are taken; None for several clients."""
        self._moment = moment
        self.tick()

    def show_differing(self, words: str) -> None:
        """Whose week is painted while the clients' weeks differ; empty when they do not."""
        self._differing = words
        self._show_warning()

    def show_why_not(self, words: str) -> None:
        """Why it cannot be saved; empty when it can."""
        self._why_not = words
        self._refresh()

    def tick(self) -> None:
        """The time has passed."""
        found = self._moment()
        self.grid.show_now(None if found is None else found[0].replace(second=0, microsecond=0))
        self._refresh_words()

    @property
    def week(self) -> Week:
        """As it is painted."""
        return self.grid.week

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what is saved."""
        saved = self._saved.week
        idle = self.week.has(Paint.IDLE) and self.week.idle_minutes != saved.idle_minutes
        return self.week.cells != saved.cells or idle

    @property
    def draft(self) -> Week | None:
        """What is painted and not saved."""
        return self.week if self.is_changed else None

    def show_draft(self, week: Week) -> None:
        """Go on with what was painted before."""
        self.grid.show_week(week)
        self.idle.setText(str(week.idle_minutes))
        self._refresh()

    def take(self, week: Week) -> None:
        """Paint a whole week; the minutes that are typed stay."""
        self.grid.show_week(with_idle(week, self.week.idle_minutes))
        self._refresh()

    def _choose_brush(self, place: int) -> None:
        self.grid.brush = _BRUSHES[place]

    def _idle_typed(self, text: str) -> None:
        if text:
            self.grid.show_week(with_idle(self.week, int(text)))
            self._refresh()

    def _refresh(self) -> None:
        self._refresh_words()
        several = self._clients > 1
        self._enable(self.save, (self.is_changed or several) and not self.week.never and not self._why_not)
        self.save.setToolTip(tooltip(self._why_not))
        self._enable(self.revert, self.is_changed)
        self.changed.emit()

    def _enable(self, button: Button, enabled: bool) -> None:
        """The keyboard of a button that has done its work goes back to the week, not to whatever comes next."""
        if button.hasFocus() and not enabled:
            self.grid.setFocus()
        button.setEnabled(enabled)

    def _refresh_words(self) -> None:
        found = self._moment()
        if self.week.never or found is None:
            self.now.setText(self.tr("Never takes jobs") if self.week.never else "")
            self.then.setText("")
        else:
            local, idle = found
            rules = rules_of(self.week)
            said = by_rules(rules, local, idle)
            prefix = self.tr("If saved, now: {words}") if self.is_changed else self.tr("Now: {words}")
            self.now.setText(prefix.replace("{words}", said.text[:1].lower() + said.text[1:]))
            self.then.setText(next_change(rules, local, idle))
        self.now.setVisible(bool(self.now.text()))
        self.then.setVisible(bool(self.then.text()))
        self._show_warning()

    def _show_warning(self) -> None:
        words = ""
        if self.week.never:
            words = self.tr("Hours that never come are no hours. A client that takes no jobs is disabled.")
        elif not self._saved.exact:
            words = self.tr(
                "Its rules are finer than half hours or know several idle times. Saving replaces them by this week."
            )
        else:
            words = self._differing
        self.warning.setText(words)
        self.warning.setVisible(bool(words))
        self.disable.setVisible(self.week.never)

    def _save(self) -> None:
        if not self.week.never:
            self.save_wanted.emit([rule.as_struct() for rule in rules_of(self.week)])

    def _revert(self) -> None:
        self.show_rules(self._saved, self._rules, self._clients)


class AvailabilityDialog(QDialog):
    """The editor for several clients, or for one that is not shown in the inspector."""

    def __init__(self, title: str, subtitle: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Availability"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        px = look().px
        self.setFixedWidth(px(560))
        self.editor = AvailabilityEditor()
        self.editor.revert.setText(self.tr("Close"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(18), px(20), px(16))
        column.setSpacing(px(8))
        column.addWidget(ElidedLabel(title, "text", 17, 600))
        names = ElidedLabel(subtitle, "text3")
        names.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addWidget(names)
        column.addWidget(_rule())
        column.addWidget(self.editor)
        self.editor.revert.clicked.disconnect()
        self.editor.revert.clicked.connect(self.reject)
        self.editor.changed.connect(self._keep_close)
        self.editor.save_wanted.connect(self.accept)
        self.editor.disable_wanted.connect(self.accept)
        self._keep_close()
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self.editor.grid.setFocus()

    def _keep_close(self) -> None:
        self.editor.revert.setEnabled(True)
        if self.isVisible():
            fit_height(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves nothing by accident: only its button does."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    rule.setFixedHeight(1)
    return rule
