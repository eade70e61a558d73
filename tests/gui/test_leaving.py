"""Windows beside the main one are left by the keyboard, and nothing that somebody wrote is lost by that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from hqgui.models.submit.form import Form
from hqgui.noting import Noting
from hqgui.preferring import Preferring
from hqgui.submissions import Submissions
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.submit.dialog import SubmitDialog
from hqgui.views.why.window import WhyWindow
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle

CONTROL = Qt.KeyboardModifier.ControlModifier


def _why(opened: OpenWindow) -> QWidget:
    return WhyWindow(1, lambda: 0.0, moving=False, parent=opened.window)


def _submit(opened: OpenWindow) -> QWidget:
    return opened.window.findChildren(Submissions)[0].open()


def _notes(opened: OpenWindow) -> QWidget:
    return opened.window.findChildren(Noting)[0].open_browser()


def _preferences(opened: OpenWindow) -> QWidget:
    return opened.window.findChildren(Preferring)[0].open_preferences()


def _about(opened: OpenWindow) -> QWidget:
    return opened.window.findChildren(Preferring)[0].open_about()


Make = Callable[[OpenWindow], QWidget]
WINDOWS: tuple[Make, ...] = (_why, _submit, _notes, _preferences, _about)


def _show(window: QWidget) -> QWidget:
    window.show()
    window.activateWindow()
    settle()
    return window


def _focused(window: QWidget) -> QWidget:
    found: QWidget | None = window.focusWidget()
    return window if found is None else found


def _press(window: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(_focused(window), key, modifiers)
    settle()


def _is_gone(window: QWidget) -> bool:
    return not isValid(window) or not window.isVisible()


def test_a_window_closes_alone(open_window: Opener) -> None:
    opened = open_window()
    for make in WINDOWS:
        window = _show(make(opened))
        _press(window, Qt.Key.Key_W, CONTROL)
        assert _is_gone(window), make
        window = _show(make(opened))
        for _ in range(2):  # in a field it leaves the field first
            if not _is_gone(window):
                _press(window, Qt.Key.Key_Escape)
        assert _is_gone(window), make
        assert opened.window.is_open


@pytest.mark.parametrize("make", [_why, _about])
def test_quitting_from_a_window_ends_everything(open_window: Opener, make: Make) -> None:
    opened = open_window()
    others = [_show(_notes(opened)), _show(_submit(opened))]
    window = _show(make(opened))
    _press(window, Qt.Key.Key_Q, CONTROL)
    assert not opened.window.is_open
    assert all(map(_is_gone, (window, *others)))


def test_another_key_for_quitting_holds_in_every_window(open_window: Opener) -> None:
    opened = open_window()
    opened.window.navigation["quit"].setShortcut("Ctrl+J")
    window = _show(_about(opened))
    _press(window, Qt.Key.Key_Q, CONTROL)
    assert window.isVisible()
    _press(window, Qt.Key.Key_J, CONTROL)
    assert not opened.window.is_open


def _question(window: QWidget) -> ConfirmDialog:
    (found,) = [one for one in window.findChildren(ConfirmDialog) if one.isVisible()]
    return found


@pytest.mark.parametrize("leave", ["quit", "main", "escape"])
def test_a_job_that_was_typed_is_asked_for(open_window: Opener, leave: str) -> None:
    opened = open_window()
    dialog = _show(_submit(opened))
    assert isinstance(dialog, SubmitDialog)
    QTest.keyClicks(dialog.form_page.name, "typed")
    acts = {"quit": opened.window.navigation["quit"].trigger, "main": opened.window.close, "escape": dialog.reject}

    acts[leave]()
    settle()
    _question(dialog).no.click()
    settle()
    assert dialog.isVisible()
    assert opened.window.is_open
    assert dialog.form_page.form.name == "typed"

    acts[leave]()
    settle()
    _question(dialog).yes.click()
    settle()
    assert _is_gone(dialog)
    assert opened.window.is_open == (leave == "escape")


def test_what_can_be_had_again_is_not_asked_for(open_window: Opener) -> None:
    opened = open_window()
    submissions = opened.window.findChildren(Submissions)[0]
    for form in (Form(name="again", command="true"), None):
        dialog = submissions.open(form)
        if form is None:
            dialog.show_text('{"name": "of a file"}')
        dialog.reject()
        settle()
        assert _is_gone(dialog)


def test_json_that_was_typed_is_asked_for(open_window: Opener) -> None:
    dialog = _show(_submit(open_window()))
    assert isinstance(dialog, SubmitDialog)
    dialog.tabs.setCurrentIndex(1)
    QTest.keyClicks(dialog.json_page.text, " ")
    dialog.reject()
    settle()
    assert dialog.isVisible()
    assert _question(dialog).isVisible()
