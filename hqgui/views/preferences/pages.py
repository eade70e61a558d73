"""The pages with choices: each writes the settings at once and looks as they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.models.formats import address_text
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.tokens import ZOOMS
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import Segments
from hqgui.views.parts.choices import Check
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.section import clear
from hqgui.words import QT_TRANSLATE_NOOP, translate

Choice = tuple[Any, str]
_THEMES: Final[tuple[Choice, ...]] = (
    ("system", QT_TRANSLATE_NOOP("Preferences", "As the system")),
    ("dark", QT_TRANSLATE_NOOP("Preferences", "Dark")),
    ("light", QT_TRANSLATE_NOOP("Preferences", "Light")),
)
_DENSITIES: Final[tuple[Choice, ...]] = (
    ("compact", QT_TRANSLATE_NOOP("Preferences", "Compact")),
    ("default", QT_TRANSLATE_NOOP("Preferences", "Default")),
    ("comfortable", QT_TRANSLATE_NOOP("Preferences", "Comfortable")),
)
_LABEL_WIDTH: Final = 150


class Form(QWidget):
    """Rows of a label and what is chosen."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self._grid = QGridLayout(self)
        self._shown: dict[str, Callable[[Any], None]] = {}
        settings.changed.connect(self._changed)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._grid.setContentsMargins(px(24), px(18), px(24), px(18))
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(14))
        self._grid.setColumnMinimumWidth(0, px(_LABEL_WIDTH))
        self._grid.setColumnStretch(1, 1)

    def add_row(self, label: str, widget: QWidget, words: str = "") -> None:
        """One more row; `words`: what it means, under it."""
        row = self._grid.rowCount()
        shown = PlainLabel(label, "text2")
        look().tie(shown, lambda: shown.setMinimumHeight(widget.sizeHint().height()))
        self._grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignTop)
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        if words:
            hint = PlainLabel(words, "text3", 11)
            hint.setWordWrap(True)
            beside.addWidget(hint)
        self._grid.addLayout(beside, row, 1)

    def end(self) -> None:
        """Nothing comes after this."""
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def segments(self, label: str, key: str, choices: Sequence[Choice], act: Callable[[Any], None]) -> Segments:
        """A row of buttons of which one is on."""
        values = [value for value, _ in choices]
        made = Segments(label, [words for _, words in choices])

        def show(value: Any) -> None:
            if value in values:
                made.choose(values.index(value))

        def chosen(place: int) -> None:
            self.settings.set(key, values[place])
            act(values[place])

        made.chosen.connect(chosen)
        self._shown[key] = show
        show(self.settings.value(key))
        return made

    def check(self, words: str, key: str, act: Callable[[bool], None] = lambda on: None) -> Check:
        """A box to tick."""
        box = Check(words)

        def toggled(on: bool) -> None:
            if on != self.settings.value(key):
                self.settings.set(key, on)
                act(on)

        box.setChecked(bool(self.settings.value(key)))
        box.toggled.connect(toggled)
        self._shown[key] = lambda value: box.setChecked(bool(value))
        return box

    def _changed(self, key: str) -> None:
        if key in self._shown:
            self._shown[key](self.settings.value(key))


class LookPage(Form):
    """Theme, rows, size."""

    def __init__(self, settings: Settings, fold: Callable[[bool], None], parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        themes = [(value, translate("Preferences", words)) for value, words in _THEMES]
        densities = [(value, translate("Preferences", words)) for value, words in _DENSITIES]
        zooms = [(zoom, f"{zoom:.0%}") for zoom in ZOOMS]
        theme = self.segments(self.tr("Theme"), "view/theme", themes, lambda value: look().choose(theme=value))
        self.add_row(self.tr("Theme"), theme)
        density = self.segments(
            self.tr("Row height"), "view/density", densities, lambda value: look().choose(density=value)
        )
        self.add_row(self.tr("Row height"), density)
        zoom = self.segments(self.tr("Size"), "view/zoom", zooms, lambda value: look().choose(zoom=value))
        self.add_row(self.tr("Size"), zoom, self.tr("Of everything. Ctrl + and Ctrl − do the same, Ctrl 0 is 100 %."))
        strong = self.check(self.tr("Strong lines"), "view/high_contrast", lambda on: look().choose(high_contrast=on))
        self.add_row(self.tr("Contrast"), strong, self.tr("Borders of fields, buttons and panels stand out."))
        folded = self.check(self.tr("Fold frames in one state into one row"), "view/fold_frames", fold)
        self.add_row(self.tr("Job tree"), folded)
        self.end()


class NoticesPage(Form):
    """What the desktop is told."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(settings, parent)
        notes = self.check(self.tr("A note on a job of mine, or in a thread that I watch"), "notes/notify")
        words = self.tr("Wrangler tells the desktop of these while it is open. The tray tells when jobs end.")
        self.add_row(self.tr("Tell me of"), notes, words)
        self.end()


class FarmsPage(QWidget):
    """The farms that were used: open, name, forget; and the way to another one."""

    farm_wanted = Signal(str)
    """The address of a farm; empty: another one."""

    def __init__(self, settings: Settings, current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._current = current
        self._rows = QVBoxLayout()
        self._column = QVBoxLayout(self)
        self._column.addWidget(PlainLabel(self.tr("Each farm has a window of its own."), "text3", 11))
        self._column.addLayout(self._rows)
        another = Button(self.tr("Another farm…"), clicked=lambda: self.farm_wanted.emit(""))
        self._column.addWidget(another, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        settings.changed.connect(self._changed)
        look().tie(self, self._measure)
        self._fill()

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(24), px(18), px(24), px(18))
        self._column.setSpacing(px(12))
        self._rows.setSpacing(px(8))

    def _changed(self, key: str) -> None:
        if key == "farm/recent":
            self._fill()

    def _fill(self) -> None:
        clear(self._rows)
        for url in dict.fromkeys([self._current, *self._settings.value("farm/recent")]):
            self._rows.addWidget(self._row(url))

    def _row(self, url: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look().px(8))
        name = QLineEdit(self._settings.farm_name(url))
        name.setPlaceholderText(self.tr("Name"))
        name.setAccessibleName(self.tr("Name of {farm}").replace("{farm}", address_text(url)))
        name.setMaxLength(60)
        name.setFixedWidth(look().px(_LABEL_WIDTH))
        look().tie_font(name, 12)
        name.editingFinished.connect(lambda: self._settings.name_farm(url, name.text()))
        row.addWidget(name)
        row.addWidget(ElidedLabel(address_text(url), "text2"), 1)
        here = url == self._current
        show = Button(self.tr("Shown here") if here else self.tr("Open"), "small")
        show.clicked.connect(lambda: self.farm_wanted.emit(url))
        forget = Button(self.tr("Forget"), "small", clicked=lambda: self._settings.forget_farm(url))
        for button in (show, forget):
            button.setDisabled(here)
            row.addWidget(button)
        return line
