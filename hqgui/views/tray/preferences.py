"""The tray's preferences: who I am, what is said aloud and when not, how long taking back lasts, start, look."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTime, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from hqgui.models.tray.choices import TrayChoices
from hqgui.models.tray.keeping import Keep, menu_words
from hqgui.models.tray.news import NewsKind
from hqgui.theme import THEMES, look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.tray.form import body_over_foot, check, minutes, time_of_day
from hqgui.words import QT_TRANSLATE_NOOP, translate

_WIDTH: Final = 440
_KINDS: Final = (
    (NewsKind.FINISHED, QT_TRANSLATE_NOOP("TrayPreferences", "A job of mine finished")),
    (NewsKind.FAILED, QT_TRANSLATE_NOOP("TrayPreferences", "Something of mine failed")),
    (NewsKind.NOTE, QT_TRANSLATE_NOOP("TrayPreferences", "Somebody left a note for me")),
    (NewsKind.MACHINE, QT_TRANSLATE_NOOP("TrayPreferences", "The farm is about to use this machine")),
)
_THEMES: Final = {
    "system": QT_TRANSLATE_NOOP("TrayPreferences", "As the system"),
    "dark": QT_TRANSLATE_NOOP("TrayPreferences", "Dark"),
    "light": QT_TRANSLATE_NOOP("TrayPreferences", "Light"),
}


class TrayPreferences(QDialog):
    """The dialog; what was chosen is in `chosen`, once it is accepted."""

    accepted_choices = Signal(object)

    def __init__(self, choices: TrayChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences – HQ tray"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._given = choices
        self.user = QLineEdit(choices.user)
        look().tie_font(self.user)
        self.user.setPlaceholderText(choices.login)
        self.user.setAccessibleName(self.tr("My name on the farm"))
        self.kinds = {kind: check(translate("TrayPreferences", words), kind in choices.loud) for kind, words in _KINDS}
        self.quiet = check(self.tr("Say nothing from"), choices.quiet_from != choices.quiet_to)
        self.quiet_from = time_of_day(choices.quiet_from, self.tr("Quiet from"))
        self.quiet_to = time_of_day(choices.quiet_to, self.tr("Quiet until"))
        self.keep = self._choice(
            {keep.value: menu_words(keep) for keep in Keep}, choices.keep.value, self.tr("Taken back for")
        )
        themes = {name: translate("TrayPreferences", _THEMES[name]) for name in THEMES}
        self.theme = self._choice(themes, choices.theme, self.tr("Look"))
        self.panel = self._choice(themes, choices.panel, self.tr("Panel that the icon stands on"))
        self.starts = check(self.tr("Start with my session"), choices.starts)
        self.cancel = Button(self.tr("Cancel"), clicked=self.reject)
        self.save = Button(self.tr("Save"), "primary", clicked=self._save)
        self.save.setDefault(True)
        self._lay_out()
        self.ring = FocusRing(self)
        self.quiet.toggled.connect(self._quiet_toggled)
        self._quiet_toggled(self.quiet.isChecked())
        fit_height(self)

    def _choice(self, words: dict[str, str], chosen: str, name: str) -> QComboBox:
        box = QComboBox()
        for value, text in words.items():
            box.addItem(text, value)
        box.setCurrentIndex(max(box.findData(chosen), 0))
        box.setAccessibleName(name)
        look().tie_font(box)
        return box

    def _lay_out(self) -> None:
        px = look().px
        self.setFixedWidth(px(_WIDTH))
        body = QVBoxLayout()
        body.setSpacing(px(7))
        body.addWidget(PlainLabel(self.tr("My name on the farm"), "text2", 11, 600))
        body.addWidget(self.user)
        body.addWidget(self._hint(self.tr("Empty: my login. Several names are separated by commas.")))
        body.addSpacing(px(6))
        body.addWidget(PlainLabel(self.tr("Tell me when"), "text2", 11, 600))
        for box in self.kinds.values():
            body.addWidget(box)
        quiet = QHBoxLayout()
        for widget in (self.quiet, self.quiet_from, PlainLabel(self.tr("to"), "text2"), self.quiet_to):
            quiet.addWidget(widget)
        quiet.addStretch(1)
        body.addLayout(quiet)
        body.addSpacing(px(6))
        body.addWidget(PlainLabel(self.tr("This machine"), "text2", 11, 600))
        body.addLayout(self._row(self.tr("When I take it back, it is mine"), self.keep))
        body.addWidget(self.starts)
        body.addSpacing(px(6))
        body.addWidget(PlainLabel(self.tr("Look"), "text2", 11, 600))
        body.addLayout(self._row(self.tr("Windows"), self.theme))
        body.addLayout(self._row(self.tr("Panel that the icon stands on"), self.panel))
        body_over_foot(self, body, [self.cancel, self.save])

    def _hint(self, words: str) -> PlainLabel:
        label = PlainLabel(words, "text2", 11)
        label.setWordWrap(True)
        return label

    def _row(self, words: str, widget: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(PlainLabel(words))
        row.addStretch(1)
        row.addWidget(widget)
        return row

    def _quiet_toggled(self, on: bool) -> None:
        for edit in (self.quiet_from, self.quiet_to):
            edit.setEnabled(on)
        if on and self.quiet_from.time() == self.quiet_to.time():
            self.quiet_from.setTime(QTime(19, 0))
            self.quiet_to.setTime(QTime(9, 0))

    @property
    def chosen(self) -> TrayChoices:
        """As the dialog stands."""
        quiet = self.quiet.isChecked()
        return TrayChoices(
            user=self.user.text().strip(),
            login=self._given.login,
            loud=frozenset(kind for kind, box in self.kinds.items() if box.isChecked()),
            quiet_from=minutes(self.quiet_from) if quiet else 0,
            quiet_to=minutes(self.quiet_to) if quiet else 0,
            keep=Keep(self.keep.currentData()),
            theme=str(self.theme.currentData()),
            panel=str(self.panel.currentData()),
            starts=self.starts.isChecked(),
        )

    def _save(self) -> None:
        self.accepted_choices.emit(self.chosen)
        self.accept()
