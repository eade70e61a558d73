"""Saved views: a button whose menu brings back chips and filter under a name, and keeps those in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    changed = Signal(str, object)
    """What became of the views, and what takes it back."""

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
        for title, act in ((self.tr("Rename"), self.ask_new_name), (self.tr("Forget"), self.forget)):
            below = Menu(title, menu)
            for view in views:
                below.addAction(plain(one_line(view.name))).triggered.connect(partial(act, view.name))
            below.setEnabled(bool(views))
            menu.addMenu(below)
        return menu

    def open_menu(self) -> None:
        """Open the menu under the button."""
        menu = self.menu_of_views()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def ask_name(self) -> AskPopup:
        """Ask what the view in force shall be called, and keep it."""
        popup = self._ask(self.tr("Save this view"), saved_views.name_for(self._now), self._name_fault)
        popup.taken.connect(lambda values: self.save(values[0]))
        return popup

    def ask_new_name(self, name: str, *_: object) -> AskPopup:
        """Ask what a view shall be called from now on."""
        title = self.tr("Rename {name}").replace("{name}", one_line(name))
        popup = self._ask(title, name, partial(self._new_name_fault, name))
        popup.taken.connect(lambda values: self.rename(name, values[0]))
        return popup

    def _ask(self, title: str, name: str, fault: Callable[[tuple[str, ...]], str]) -> AskPopup:
        popup = AskPopup(title, [Ask(self.tr("Name"), name)], self.tr("Save"), fault, self)
        popup.open_at(self.mapToGlobal(QPoint(0, self.height() + look().px(3))))
        return popup

    def _name_fault(self, values: tuple[str, ...]) -> str:
        return "" if values[0] else self.tr("A view needs a name.")

    def _new_name_fault(self, name: str, values: tuple[str, ...]) -> str:
        taken = values[0] != name and values[0] in {view.name for view in self.views}
        return self.tr("Another view is called that.") if taken else self._name_fault(values)

    def save(self, name: str) -> None:
        """Keep the view in force under a name; one of that name is replaced."""
        replaced = name in {view.name for view in self.views}
        words = self.tr("Replaced the view {name}.") if replaced else self.tr("Saved the view {name}.")
        self._change(saved_views.with_view(self.views, name, self._now), words, name)

    def rename(self, name: str, new: str) -> None:
        """Give a view another name."""
        self._change(saved_views.renamed(self.views, name, new), self.tr("The view is called {name} now."), new)

    def forget(self, name: str, *_: object) -> None:
        """Keep a view no longer."""
        left = [view for view in self.views if view.name != name]
        self._change(left, self.tr("Forgot the view {name}."), name)

    def _change(self, views: Sequence[SavedView], words: str, name: str) -> None:
        before = self._settings.value(_KEY)
        self._settings.set(_KEY, saved_views.written(views))
        self.changed.emit(words.replace("{name}", one_line(name)), lambda: self._settings.set(_KEY, before))
