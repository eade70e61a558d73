"""The window of preferences. What is chosen is in force and kept at once, so there is nothing to accept."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.key_bindings import KeyBindings
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import Tabs
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leaving import leave_by_keys
from hqgui.views.preferences.keys_page import KeysPage
from hqgui.views.preferences.pages import FarmsPage, LookPage, NoticesPage


class Page(IntEnum):
    """The pages in their order."""

    LOOK = 0
    NOTICES = 1
    KEYS = 2
    FARMS = 3


class Preferences(QDialog):
    """Open it with `show()`: the window behind it stays usable."""

    farm_wanted = Signal(str)

    def __init__(
        self, settings: Settings, keys: KeyBindings, fold: Callable[[bool], None], url: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences – Wrangler"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.keys = KeysPage(keys)
        self.farms = FarmsPage(settings, url)
        self.farms.farm_wanted.connect(self.farm_wanted)
        self.tabs = Tabs(self.tr("Preferences"))
        self._pages = QStackedWidget()
        for title, page in (
            (self.tr("Look"), LookPage(settings, fold)),
            (self.tr("Notifications"), NoticesPage(settings)),
            (self.tr("Keys"), self.keys),
            (self.tr("Farms"), self.farms),
        ):
            self.tabs.addTab(title)
            self._pages.addWidget(page)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.done_button = Button(self.tr("Close"), clicked=self.accept)
        self._lay_out()
        self.ring = FocusRing(self)
        leave_by_keys(self)
        look().tie(self, self._measure)

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.tabs)
        self._head.addStretch(1)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        foot = QFrame()
        foot.setProperty("role", "foot")
        self._foot = QHBoxLayout(foot)
        self._foot.addWidget(PlainLabel(self.tr("Changes are in force at once."), "text3", 11))
        self._foot.addStretch(1)
        self._foot.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(rule)
        column.addWidget(self._pages, 1)
        column.addWidget(foot)

    def _measure(self) -> None:
        px = look().px
        self._head.setContentsMargins(px(14), px(4), px(14), 0)
        self._foot.setContentsMargins(px(24), px(12), px(24), px(12))
        self.resize(px(620), px(470))

    def open_page(self, page: Page) -> None:
        """Show a page."""
        self.tabs.setCurrentIndex(page)
