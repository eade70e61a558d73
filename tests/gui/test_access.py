"""Everything has a keyboard way; that everything has a name is looked for in the pictures of the gallery."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hqgui.actions import ACTIONS, Kind
from hqgui.actions.consequences import Consequence
from hqgui.models.search import HitKind, search
from hqgui.models.server_health import ServerError, ServerHealth
from hqgui.views.commands import GROUP_MENU, RESOURCE_MENU
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.menus import NAVIGATION, client_menu, job_menu
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.chips import Chip, LinkText
from hqgui.views.parts.menu import Menu
from tests.gui.conftest import Opener
from tests.gui.faults import nameless
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import client_row, family_rows, job_row


def test_a_button_without_a_name_is_found(qapp: QApplication) -> None:
    window = QWidget()
    QLineEdit(window)
    window.show()
    assert len(list(nameless(window))) == 1


@pytest.fixture
def opened(open_window: Opener) -> OpenWindow:
    """A window with jobs in several states, live."""
    one: OpenWindow = open_window()
    one.take(
        clients=[{"id": 5, "label": "n5", "hostname": "n5", "status": "busy", "disabled": False, "runningJobs": [11]}],
        jobs=[
            *family_rows(1, range(10, 13), "running", attempt=1),
            job_row(2, status="failed", blockedClients=[5]),
            job_row(3, status="paused"),
        ],
    )
    one.live(("changes", "priority", "setJobAttribs", "unblockClients"))
    one.show_all()
    one.select(1, 2, 3)
    return one


def _keys(action: QAction) -> list[str]:
    return [key.toString() for key in action.shortcuts()]


def test_every_action_is_in_a_menu_that_a_key_opens(opened: OpenWindow) -> None:
    window = opened.window

    def names(actions: list[QAction]) -> set[str]:
        found = {action.objectName() for action in actions}
        for action in actions:
            menu = action.menu()
            found |= names(menu.actions()) if isinstance(menu, QMenu) else set()
        return found

    groups, resources = Menu("", window), Menu("", window)
    window.commands.fill(groups, GROUP_MENU)
    window.commands.fill(resources, RESOURCE_MENU)
    menus = {
        Kind.JOBS: job_menu(window.commands, window),
        Kind.COPY: job_menu(window.commands, window),
        Kind.CLIENTS: client_menu(window.commands, window),
        Kind.GROUPS: groups,
        Kind.RESOURCES: resources,
    }
    for kind, menu in menus.items():
        assert {name for name, row in ACTIONS.items() if row.kind is kind} <= names(menu.actions())


def test_every_action_is_found_by_typing_its_name(opened: OpenWindow) -> None:
    opened.window.show_clients((5,))
    opened.window.commands.refresh()
    words = {name: action.text() for name, action in opened.window.commands.actions.items() if action.isEnabled()}
    selected = (Kind.JOBS, Kind.COPY)
    assert {name for name, row in ACTIONS.items() if row.kind in selected} <= words.keys()
    assert {"disable_client", "upgrade_client", "new_group", "copy_client"} <= words.keys()
    for name, text in words.items():
        hits = [hit.key for hit in search(text, opened.session.farm, words) if hit.kind is HitKind.ACTION]
        assert name in hits


def test_no_key_is_taken_twice(opened: OpenWindow) -> None:
    window = opened.window
    for owner in (window, window.tree):
        keys = [key for action in owner.actions() for key in _keys(action)]
        assert sorted(set(keys)) == sorted(keys)


def test_the_keys_of_the_design_work(opened: OpenWindow) -> None:
    window = opened.window
    tables = {action.text().removesuffix("…"): _keys(action) for action in window.tree.actions()}
    windows = {action.text().removesuffix("…"): _keys(action) for action in window.actions()}
    assert tables["Cancel"] == ["Del"]
    assert tables["Delete"] == ["Shift+Del"]
    assert tables["Set priority"] == ["F2"]
    assert windows["Reschedule"] == ["Ctrl+R"]
    assert windows["Eject"] == ["Ctrl+E"]
    assert windows["Undo"] == ["Ctrl+Z"]
    assert windows["Refresh now"] == ["F5"]
    assert windows["Raise priority"] == ["Ctrl+Shift+Up"]
    assert {QKeySequence(key).toString() for _, _, key, _ in NAVIGATION} <= {
        key for keys in (*tables.values(), *windows.values()) for key in keys
    }


def test_the_keyboard_alone_is_enough(opened: OpenWindow) -> None:
    window = opened.window
    wanted: list[tuple[str, tuple[int, ...]]] = []
    window.action_wanted.connect(lambda name, ids: wanted.append((name, ids)))
    window.activateWindow()
    window.tree.setFocus()
    settle()
    for key, modifiers, name in (
        (Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier, "pause"),
        (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier, "reschedule"),
        (Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier, "eject"),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "cancel"),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier, "delete"),
    ):
        QTest.keyClick(window.tree, key, modifiers)
        assert [one for one, _ in wanted] == [name]
        assert wanted.pop()[1] == (1, 2, 3)


def test_single_letters_are_letters_where_text_is_typed(opened: OpenWindow) -> None:
    window = opened.window
    field = window.filters.field.edit
    field.setFocus()
    settle()
    QTest.keyClicks(field, "f/F")
    assert field.text() == "f/F"
    assert field.hasFocus()


def test_f6_walks_the_panes(opened: OpenWindow) -> None:
    window = opened.window
    window.tree.setFocus()
    seen = []
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_F6)
        settle()
        focused = window.focusWidget()
        assert focused is not None
        seen.append(focused.objectName())
    assert seen[0] != seen[1]
    assert "jobTree" in seen
    assert "clients" in seen


def test_every_toolbar_button_takes_the_keyboard(opened: OpenWindow) -> None:
    buttons = [one for one in opened.window.toolbar.findChildren(QAbstractButton) if one.isVisible()]
    assert len(buttons) >= 7
    for button in buttons:
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus, button.accessibleName() or button.text()


@pytest.mark.parametrize(
    "make",
    [lambda: Button("do"), lambda: IconButton("x", "do"), lambda: LinkText("do"), lambda: Chip("do")],
    ids=("button", "icon", "link", "chip"),
)
def test_enter_presses_the_button_that_has_the_keyboard(qtbot: QtBot, make: Callable[[], QAbstractButton]) -> None:
    button = make()
    qtbot.addWidget(button)
    button.show()
    pressed: list[bool] = []
    button.clicked.connect(lambda _on=False: pressed.append(True))
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert len(pressed) == 2
    control = Qt.KeyboardModifier.ControlModifier
    QApplication.sendEvent(button, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, control))
    assert len(pressed) == 2


def test_enter_does_what_the_button_of_a_question_says_that_is_lit_up(opened: OpenWindow) -> None:
    asked = Consequence(asks=True, linked=0, title="Forget it?", yes="Forget it", no="Keep it")
    for tabs, answered in ((0, False), (1, True)):
        dialog = ConfirmDialog(asked, opened.window)
        dialog.open()
        settle()
        for _ in range(tabs):
            QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
        assert dialog.result() == answered
        assert not dialog.isVisible()


def _stops(window: MainWindow, key: Qt.Key) -> list[str]:
    """What Tab, or Shift+Tab as Backtab, stops at from the tree on until it is there again."""
    found: list[str] = []
    window.tree.setFocus()
    for _ in range(200):
        handle = window.windowHandle()
        assert handle is not None
        QTest.keyClick(handle, key)
        here = QApplication.focusWidget()
        assert here is not None
        if here == window.tree:
            return found
        found.append(here.accessibleName())
    raise AssertionError(found)


def test_tab_passes_over_nothing_and_goes_back_the_same_way(open_window: Opener) -> None:
    one = open_window()
    one.take(jobs=[job_row(7, name="beauty")], clients=[client_row(1)])
    one.live()
    one.show_all()
    window = one.window
    window.activateWindow()
    window.go_to_job(7)
    window.connection.show_health(ServerHealth("", (ServerError("no mail server", 1, 1, 1),)))
    settle()
    forth = _stops(window, Qt.Key.Key_Tab)
    assert _stops(window, Qt.Key.Key_Backtab) == forth[::-1]
    places = [
        forth.index(name) for name in ("Inspector", "Lower panel", "All 1", "Filter clients", "1 server error", "Menu")
    ]
    assert places == sorted(places), forth
    assert forth.index("Menu") == forth.index("1 server error") + 1, "the last one is followed by the first"
    window.lower_dock.open_panel("groups")
    forth = _stops(window, Qt.Key.Key_Tab)
    assert _stops(window, Qt.Key.Key_Backtab) == forth[::-1]
    assert forth.index("New group") == forth.index("Filter the group's clients") - 1
