"""Saved views: a button whose menu brings back chips and filter under a name, and keeps those in force."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from hqgui.models import saved_views
from hqgui.models.formats import one_line
from hqgui.models.job_filter import JobFilter
from hqgui.models.saved_views import LONGEST_NAME, SavedView
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.menu import Menu, plain

_KEY: Final = "filter/views"


class NamePopup(QFrame):
    """Asks for a name. Enter takes it, Escape does nothing."""

    chosen = Signal(str)

    def __init__(self, words: str, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(words)
        px = look().px
        self.field = QLineEdit(name)
        self.field.setAccessibleName(words)
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setMinimumWidth(px(200))
        self.field.setFont(look().font())
        self.field.selectAll()
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(8), px(10), px(8))
        row.setSpacing(px(10))
        row.addWidget(PlainLabel(words, "text2"))
        row.addWidget(self.field)
        self.field.returnPressed.connect(self._take)

    def open_under(self, button: QWidget) -> None:
        """Open under a button, the right edges in line."""
        self.adjustSize()
        self.move(button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + look().px(3))))
        self.show()
        self.field.setFocus()

    def _take(self) -> None:
        name = self.field.text().strip()
        self.close()
        if name:
            self.chosen.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


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

    def ask_name(self) -> None:
        """Ask what the view in force shall be called, and keep it."""
        popup = NamePopup(self.tr("Name of the view"), saved_views.name_for(self._now), self)
        popup.chosen.connect(self.save)
        popup.open_under(self)

    def save(self, name: str) -> None:
        """Keep the view in force under a name; one of that name is replaced."""
        self._settings.set(_KEY, saved_views.written(saved_views.with_view(self.views, name, self._now)))

    def forget(self, name: str) -> None:
        """Keep a view no longer."""
        self._settings.set(_KEY, saved_views.written([view for view in self.views if view.name != name]))
