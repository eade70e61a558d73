"""Menus of jobs and clients that stand elsewhere than in their tables: links, frames of a map, rows beside a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from hqgui.actions import ACTIONS, Desk
from hqgui.models.formats import tooltip
from hqgui.views.commands import CLIENT_MENU, ICONS, JOB_MENU
from hqgui.views.parts.icons import icon
from hqgui.views.parts.menu import Menu
from hqgui.words import translate

Act = Callable[[str, tuple[int, ...]], object]
Over = QWidget
"""What a menu or a dialog opens over."""


def thing_menu(
    kind: str, ids: tuple[int, ...], desk: Desk, act: Act, first: Sequence[tuple[str, Callable[[], object]]],
    parent: QWidget,
) -> Menu:  # fmt: skip
    """The menu of jobs (`kind` job) or clients: `first`, then what the tables' own menus have, for these ids."""
    menu = Menu("", parent)
    for words, do in first:
        menu.addAction(words).triggered.connect(lambda _=False, do=do: do())
    for group in JOB_MENU if kind == "job" else CLIENT_MENU:
        menu.addSeparator()
        for name in group:
            if name in ACTIONS:
                menu.addAction(_action(name, ids, desk, act, menu))
            else:
                _add_submenu(name, ids, desk, act, menu)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _add_submenu(title: str, ids: tuple[int, ...], desk: Desk, act: Act, menu: Menu) -> None:
    inner = Menu(translate("Actions", title), menu)
    for name, action in ACTIONS.items():
        if action.menu == title:
            inner.addAction(_action(name, ids, desk, act, inner))
    menu.addMenu(inner)


def _action(name: str, ids: tuple[int, ...], desk: Desk, act: Act, menu: Menu) -> QAction:
    row = ACTIONS[name]
    made = QAction(row.text, menu)
    if row.icon in ICONS:
        made.setIcon(icon(ICONS[row.icon]))
    why_not = desk.why_not(name, ids)
    made.setEnabled(not why_not)
    made.setToolTip(tooltip(why_not))
    made.triggered.connect(lambda: act(name, ids))
    return made
