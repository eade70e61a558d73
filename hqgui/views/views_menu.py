"""Saved views: a button whose menu brings back chips and filter under a name, and keeps those in force."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from hqgui.models import saved_views
from hqgui.models.formats import one_line
from hqgui.models.job_filter import JobFilter
from hqgui.models.saved_views import SavedView
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.parts.ask_popup import Ask, AskPopup
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.menu import Menu, plain

_KEY: Final = "filter/views"


class ViewsButton(Button):
    """The button."""

    view_wanted = Signal(JobFilter)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("", "flat", "save", self.open_menu, parent)
        self.setText(self.tr("Views"))
        self._settings = settings
        self._now = JobFilter()

    def show_filter(self, wanted: JobFilter) -> None:
        """The filter that is in force, which would be saved."""
        self._now = wanted

    @property
    def views(self) -> list[SavedView]:
        """What was saved."""
        return saved_views.read(self._settings.value(_KEY))

    def menu_of_views(self) -> Menu:
        """The menu, as it is now."""
        menu = Menu(self.text(), self)
        views = self.views
        for view in views:
            action = menu.addAction(plain(one_line(view.name)))
            action.setCheckable(True)
            action.setChecked(view.filter == self._now)
            action.triggered.connect(partial(self.view_wanted.emit, view.filter))
        if not views:
            menu.addAction(self.tr("No views saved yet")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(self.tr("Save this view…")).triggered.connect(self.ask_name)
        less = Menu(self.tr("Forget"), menu)
        for view in views:
            less.addAction(plain(one_line(view.name))).triggered.connect(partial(self.forget, view.name))
        less.setEnabled(bool(views))
        menu.addMenu(less)
        return menu

    def open_menu(self) -> None:
        """Open the menu under the button."""
        menu = self.menu_of_views()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def ask_name(self) -> AskPopup:
        """Ask what the view in force shall be called, and keep it."""
        title = self.tr("Save this view")
        asks = [Ask(self.tr("Name"), saved_views.name_for(self._now))]
        popup = AskPopup(title, asks, self.tr("Save"), self._name_fault, self)
        popup.taken.connect(lambda values: self.save(values[0]))
        popup.open_at(self.mapToGlobal(QPoint(0, self.height() + look().px(3))))
        return popup

    def _name_fault(self, values: tuple[str, ...]) -> str:
        return "" if values[0] else self.tr("A view needs a name.")

    def save(self, name: str) -> None:
        """Keep the view in force under a name; one of that name is replaced."""
        self._settings.set(_KEY, saved_views.written(saved_views.with_view(self.views, name, self._now)))

    def forget(self, name: str) -> None:
        """Keep a view no longer."""
        self._settings.set(_KEY, saved_views.written([view for view in self.views if view.name != name]))
