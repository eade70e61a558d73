"""The toolbar: which farm, what is selected, what can be done with it, and the omnibox.

It shows actions that are made elsewhere; where there is too little room it drops words, then the address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from hqgui.models.formats import count
from hqgui.theme import look
from hqgui.views.farm_button import FarmButton, FarmState
from hqgui.views.parts.action_button import ActionButton
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.fields import FieldButton
from hqgui.views.parts.labels import PlainLabel, dot_rect

SHOWN: Final = ("pause", "resume", "reschedule", "cancel", "eject")
"""Actions with a button of their own; priority has a menu."""
ICONS: Final = {
    "pause": "pause",
    "resume": "play",
    "reschedule": "rotate-cw",
    "cancel": "circle-x",
    "eject": "eject",
    "priority": "chevrons-up",
}


class Bell(IconButton):
    """What happened lately; a dot while there is news that was not seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bell", "", ink="text", size=14, parent=parent)
        self._unseen = False
        self.set_icon("bell", self.tr("What happened"))

    def show_unseen(self, unseen: bool) -> None:
        """Whether there is something new."""
        if unseen != self._unseen:
            self._unseen = unseen
            self.setAccessibleName(self.tr("What happened, something new") if unseen else self.tr("What happened"))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        super().paintEvent(event)
        if self._unseen:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(look().color("window"))
            painter.setBrush(look().color("failed"))
            radius = 3.2 * look().zoom
            painter.drawEllipse(dot_rect(self.width() * 0.66, self.height() * 0.3, radius * 2))


class _Rule(QWidget):
    """A short line with room around it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        QPainter(self).fillRect(self.width() // 2, 0, 1, self.height(), look().color("line"))


class Toolbar(QFrame):
    """The first row of the window."""

    omnibox_wanted = Signal()

    def __init__(
        self,
        actions: Mapping[str, QAction],
        priority_menu: QMenu,
        main_menu: QMenu,
        farms_menu: QMenu,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setObjectName("toolbar")
        self.menu_button = IconButton("menu", self.tr("Menu"), ink="text", size=15)
        self.menu_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(main_menu)
        self.farm = FarmButton()
        self.farm.setMenu(farms_menu)
        self.selected = PlainLabel("", "text3", 11)
        self.buttons = [ActionButton(actions[name], ICONS[name]) for name in SHOWN]
        priority = ActionButton(priority_menu.menuAction(), ICONS["priority"], arrow=True)
        self.buttons.append(priority)
        self.omnibox = FieldButton(self.tr("Search jobs, clients, notes, actions"), self.tr("Ctrl K"))
        self.omnibox.clicked.connect(self.omnibox_wanted)
        self.bell = Bell()
        self.submit = Button(self.tr("Submit job"), "primary", "plus")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.menu_button)
        self._row.addSpacing(1)
        self._row.addWidget(self.farm)
        self._line = _Rule()
        self._row.addWidget(self._line)
        self._row.addWidget(self.selected)
        for button in self.buttons:
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._row.addWidget(self.omnibox, 20)
        self._row.addWidget(self.bell)
        self._row.addWidget(self.submit)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(10), 0, px(10), 0)
        self._row.setSpacing(px(3))
        self._line.setFixedSize(px(14), px(20))
        self.selected.setContentsMargins(px(9), 0, px(7), px(1))
        self.setFixedHeight(px(42))
        self._fit()

    def show_farm(self, state: FarmState) -> None:
        """Show another farm or state."""
        self.farm.show_state(state)
        self._fit()

    def show_selected(self, number: int) -> None:
        """How many rows are selected."""
        text = self.tr("%n selected", "", number).replace(str(number), count(number), 1) if number else ""
        self.selected.setText(text)
        self.selected.setVisible(bool(text))
        self._line.setVisible(True)
        self._fit()

    def _fit(self) -> None:
        px = look().px
        fixed = (
            px(2 * 10 + 26 + 26 + 46)
            + self.submit.width_with_words()
            + (self.selected.sizeHint().width() if self.selected.text() else 0)
        )
        buttons = sum(button.width_with_words() + px(3) for button in self.buttons)
        self.farm.show_short(fixed + buttons + self.farm.full_width() + px(200) > self.width())
        wanted = fixed + buttons + self.farm.sizeHint().width() + px(170)
        for button in self.buttons:
            button.show_words(wanted <= self.width())
        self.submit.show_words(fixed + px(520) <= self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._fit()
