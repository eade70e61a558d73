"""The row over the tree: chips that choose trees, the text filter, how old the picture is, the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from hqgui.models.formats import count
from hqgui.models.job_filter import Chip, JobFilter, toggled
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.filter_field import Check, FilterField, Offers
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import Chip as ChipButton
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.views_menu import ViewsButton
from hqgui.words import QT_TRANSLATE_NOOP, translate

TITLES: Final = {
    Chip.UNFINISHED: QT_TRANSLATE_NOOP("Filter", "Unfinished"),
    Chip.FAILED: QT_TRANSLATE_NOOP("Filter", "Failed"),
    Chip.FINISHED: QT_TRANSLATE_NOOP("Filter", "Finished"),
    Chip.MINE: QT_TRANSLATE_NOOP("Filter", "Mine"),
    Chip.ALL: QT_TRANSLATE_NOOP("Filter", "All"),
}
_FIELD_FIRST: Final = 70
"""Room that the field has beyond the least it needs, before the age is shown."""


class FilterRow(QFrame):
    """Chips and filter; it says what is wanted and shows what is in force."""

    filter_wanted = Signal(JobFilter)

    def __init__(
        self,
        columns_menu: Callable[[], QMenu],
        check: Check,
        offers: Offers,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "window")
        self._filter = JobFilter()
        self._counts: Mapping[Chip, int] = {}
        self._columns_menu = columns_menu
        self.chips = {chip: self._chip(chip) for chip in Chip}
        self.field = FilterField(check, offers)
        self.age = PlainLabel("", "text3", 11)
        self.views = ViewsButton(settings)
        self.columns = Button(self.tr("Columns"), "flat", "columns-3", self._open_columns)
        self._row = QHBoxLayout(self)
        for button in self.chips.values():
            self._row.addWidget(button)
        self._row.addSpacing(6)
        self._row.addWidget(self.field, 100)
        self._row.addStretch(1)
        self._row.addWidget(self.age)
        self._row.addWidget(self.views)
        self._row.addWidget(self.columns)
        self.field.understood.connect(self._text_changed)
        self.field.text_changed.connect(lambda _: self._fit())
        self.views.view_wanted.connect(self._want)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(10), 0, px(8), 0)
        self._row.setSpacing(px(6))
        self.field.setMinimumWidth(px(98))
        self.setFixedHeight(px(38))
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the age goes, then the word on the button, then the counts."""
        px = look().px
        gap = self._row.spacing()
        fixed = px(10 + 8 + 6) + self.field.minimumWidth() + gap * (len(self.chips) + 3)
        chips = sum(chip.width_counted(on=True) for chip in self.chips.values())
        words = self.views.width_with_words() + self.columns.width_with_words()
        written = self.field.edit.fontMetrics().horizontalAdvance(self.field.text()) + px(60)
        self.field.setMaximumWidth(min(max(px(258), written), px(520)))
        needed = fixed + chips + words
        age = self.age.sizeHint().width() + gap
        self.age.setVisible(bool(self.age.text()) and needed + age + px(_FIELD_FIRST) <= self.width())
        self.views.show_words(needed <= self.width())
        self.columns.show_words(needed <= self.width())
        counted = fixed + chips + px(64) <= self.width()
        for chip in self.chips.values():
            chip.show_counted(counted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._fit()

    def _chip(self, chip: Chip) -> ChipButton:
        button = ChipButton(translate("Filter", TITLES[chip]), "failed" if chip is Chip.FAILED else "")
        button.clicked.connect(lambda: self._clicked(chip))
        return button

    def show_filter(self, wanted: JobFilter) -> None:
        """Show the filter that is in force. What is typed and wrong stays where only chips are others."""
        other = wanted.text != self._filter.text or self.field.error is None
        self._show(wanted)
        if other and self.field.text() != wanted.text:
            self.field.edit.setText(wanted.text)

    def _show(self, wanted: JobFilter) -> None:
        self._filter = wanted
        self.views.show_filter(wanted)
        for chip, button in self.chips.items():
            button.setChecked(chip in wanted.chips)

    def show_counts(self, counts: Mapping[Chip, int]) -> None:
        """Trees for each chip; of those that are left out nothing is known."""
        if counts == self._counts:
            return
        self._counts = dict(counts)
        for chip, button in self.chips.items():
            button.show_count(count(counts[chip]) if chip in counts else "")
        self._fit()

    def click_chip(self, place: int) -> None:
        """As if the chip at a place were clicked."""
        self._clicked(tuple(Chip)[place])

    def _clicked(self, chip: Chip) -> None:
        self._want(JobFilter(toggled(self._filter.chips, chip), self._filter.text))

    def _text_changed(self, text: str) -> None:
        if text != self._filter.text:
            self._show(JobFilter(self._filter.chips, text))
            self.filter_wanted.emit(self._filter)

    def _want(self, wanted: JobFilter) -> None:
        self.show_filter(wanted)
        self.filter_wanted.emit(wanted)

    def _open_columns(self) -> None:
        menu = self._columns_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.columns.mapToGlobal(QPoint(0, self.columns.height() + 2)))

    def show_age(self, text: str) -> None:
        """How old the picture is."""
        if self.age.text() != text:
            self.age.setText(text)
            self._fit()
