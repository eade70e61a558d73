"""The window's panes for the keyboard: F6 walks them, Ctrl+F searches in the one that has it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from hqgui.views.filter_row import FilterRow
from hqgui.views.inspector import Inspector, Tab
from hqgui.views.lower_dock import LowerDock
from hqgui.views.parts.leading import give_keyboard, has_keyboard


class Panes:
    """Tree, inspector and lower dock."""

    def __init__(self, tree: QWidget, inspector: Inspector, lower: LowerDock, filters: FilterRow) -> None:
        self._tree = tree
        self._inspector = inspector
        self._lower = lower
        self._filters = filters

    def find(self, here: QWidget | None) -> None:
        """Give the keyboard to the search field of the pane that `here` is in."""
        if _holds(self._lower.page, here):
            give_keyboard(self._lower.tools)
        elif self._inspector.tab == Tab.OUTPUT and _holds(self._inspector, here):
            self._inspector.output.search.edit.setFocus()
        else:
            self._filters.field.edit.setFocus()

    def walk(self, step: int) -> None:
        """Give the keyboard to the next pane, or to the one before (-1)."""
        panes = [one for one in (self._tree, self._inspector.page, self._lower.page) if one.isVisible()]
        here = next((place for place, one in enumerate(panes) if has_keyboard(one)), -step)
        if panes:
            give_keyboard(panes[(here + step) % len(panes)], Qt.FocusReason.ShortcutFocusReason)


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (part is widget or part.isAncestorOf(widget))
