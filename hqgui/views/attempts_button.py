"""The button that says which attempt's output is shown, where a job has had several; its menu shows another one's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from hqgui.models.attempts import AttemptLine
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.menu import Menu, plain


class AttemptsButton(Button):
    """Hidden while there is nothing to choose."""

    wanted = Signal(int)
    """The output of this attempt should be shown."""
    menu_wanted = Signal()
    """What there is to choose from should be shown, by `open_menu`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "small", "chevron-down", parent=parent)
        self.clicked.connect(lambda _on=False: self.menu_wanted.emit())
        self._shown = self._newest = 0
        self.hide()

    @property
    def has_choice(self) -> bool:
        """Whether there are several."""
        return self._newest > 1

    def show_which(self, shown: int, newest: int) -> None:
        """The attempt that is shown, and how many there are."""
        if (shown, newest) == (self._shown, self._newest):
            return
        self._shown, self._newest = shown, newest
        self.setText(self.tr("Attempt {n} of {m}").replace("{n}", str(shown)).replace("{m}", str(newest)))
        self.setVisible(self.has_choice)

    def open_menu(self, lines: Sequence[AttemptLine]) -> Menu:
        """Open the menu over the button."""
        menu = Menu(self.text(), self)
        for line in lines:
            action = menu.addAction(plain(line.words))
            action.setCheckable(True)
            action.setChecked(line.number == self._shown)
            action.triggered.connect(partial(self.wanted.emit, line.number))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 2)))
        return menu
