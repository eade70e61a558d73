"""Preferences are in force at once and after a restart; the diagnostics hold no secrets."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel

from hqgui.actions import Outcome
from hqgui.diagnostics import bundle, without_secrets
from hqgui.preferring import Preferring
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.connect_dialog import ConnectDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import LinkText, Segments
from hqgui.views.parts.menu import Menu
from hqgui.views.preferences.dialog import Page
from hqgui.views.strips import Strip
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle


def _part(opened: OpenWindow) -> Preferring:
    found = opened.window.findChild(Preferring)
    assert isinstance(found, Preferring)
    return found


def test_the_look_changes_at_once_and_is_kept(open_window: Opener) -> None:
    opened = open_window()
    dialog = _part(opened).open_preferences()
    theme = next(one for one in dialog.findChildren(Segments) if one.accessibleName() == "Theme")
    fold = next(one for one in dialog.findChildren(QCheckBox) if "Fold frames" in one.text())
    theme.chosen.emit(2)
    assert (look().mode, opened.settings.value("view/theme")) == ("light", "light")
    theme.chosen.emit(1)
    assert (look().mode, opened.settings.value("view/theme")) == ("dark", "dark")
    folded = fold.isChecked()
    fold.click()
    assert opened.session.tree.folding is not folded
    opened.settings.set("view/fold_frames", folded)
    assert fold.isChecked() is folded
    assert _part(opened).open_preferences() is dialog
    dialog.close()
    settle()
    assert _part(opened).open_preferences() is not dialog


def test_what_is_chosen_in_one_place_is_shown_in_the_other(open_window: Opener) -> None:
    opened = open_window()
    dialog = _part(opened).open_preferences()
    dialog.activateWindow()
    settle()
    larger = next(one for one in dialog.actions() if "Ctrl++" in [key.toString() for key in one.shortcuts()])
    larger.trigger()
    assert opened.settings.value("view/zoom") == pytest.approx(1.15)
    size = next(one for one in dialog.findChildren(Segments) if one.accessibleName() == "Size")
    size.chosen.emit(1)
    theme = next(one for one in dialog.findChildren(Segments) if one.accessibleName() == "Theme")
    theme.chosen.emit(1)
    checked = {action.text() for menu in opened.window.findChildren(Menu) for action in menu.actions() if _on(action)}
    assert {"100%", "Dark"} <= checked
    assert not checked & {"115%", "As the system"}


def _on(action: QAction) -> bool:
    return action.isCheckable() and action.isChecked()


def test_the_ring_goes_with_what_has_the_keyboard_when_all_becomes_larger(open_window: Opener) -> None:
    dialog = _part(open_window()).open_preferences()
    dialog.activateWindow()
    settle()
    button = dialog.findChildren(Segments)[0].findChildren(QAbstractButton)[0]
    button.setFocus()
    look().choose(zoom=1.5)
    settle()
    corner = button.mapTo(dialog, QPoint(0, 0))
    assert dialog.ring.geometry().contains(QRect(corner, button.size()))


def test_farms_of_one_machine_are_told_apart(open_window: Opener) -> None:
    opened = open_window()
    url, other = opened.session.link.url, "http://127.0.0.1:2"
    opened.settings.remember_farm(url)
    assert opened.window.windowTitle() == "127.0.0.1 – Wrangler"
    opened.settings.remember_farm(other)
    assert opened.window.windowTitle() == "127.0.0.1:1 – Wrangler"
    opened.settings.name_farm(url, "Night")
    assert opened.window.windowTitle() == "Night – Wrangler"


def test_other_keys_work_at_once_and_are_taken_from_what_had_them(open_window: Opener) -> None:
    opened = open_window()
    part, window = _part(opened), opened.window
    page = part.open_preferences(Page.KEYS).keys
    page.choose("refresh")
    QTest.keyClick(page.field, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    page.field.editingFinished.emit()
    assert window.navigation["refresh"].shortcut() == QKeySequence("Ctrl+E")
    assert window.commands.actions["eject"].shortcut().isEmpty()
    assert "Eject has no key now" in page.said.text()
    QTest.keyClick(page.field, Qt.Key.Key_R)
    page.field.editingFinished.emit()
    assert "Use Ctrl, Alt or a function key" in page.said.text()
    assert window.navigation["refresh"].shortcut() == QKeySequence("Ctrl+E")
    again = open_window()
    assert again.window.navigation["refresh"].shortcut() == QKeySequence("Ctrl+E")
    page.all_before.click()
    assert window.navigation["refresh"].shortcut() == QKeySequence("F5")
    assert window.commands.actions["eject"].shortcut() == QKeySequence("Ctrl+E")


def test_pause_and_resume_go_on_sharing_a_key_that_was_chosen(open_window: Opener) -> None:
    opened = open_window()
    opened.settings.set("keys/chosen", ["pause=Ctrl+J"])
    settle()
    keys = {name: opened.window.commands.actions[name].shortcut().toString() for name in ("pause", "resume")}
    assert sorted(keys.values()) == ["", "Ctrl+J"]


def test_a_farm_has_the_name_that_it_was_given(open_window: Opener) -> None:
    opened = open_window()
    url = opened.session.link.url
    opened.settings.name_farm(url, "Night farm")
    assert opened.session.farm_name == "Night farm"
    opened.settings.name_farm(url, "")
    assert opened.session.farm_name == opened.session.link.host


@pytest.mark.parametrize(
    "text",
    [
        "http://ana:hunter2@hq01:5000/",
        "token=hunter2",
        '{"password": "hunter2"}',
        "Authorization: Bearer hunter2",
        "sent Bearer hunter2 to hq01",
        "api_key: hunter2",
        "ftp://ana:p@hunter2@hq01/x",
        "export MY_API_TOKEN=hunter2",
        "render --db-password hunter2 scene.usd",
        'AWS_SECRET_ACCESS_KEY = "hunter2 with blanks, and \\\\ more hunter2"',
        '"{\\"DB_PASSWORD\\": \\"hunter2\\", \\"x\\": 1}"',
        "Authorization: Basic aHVudGVyMjpodW50ZXIyhunter2",
        "?access_token=hunter2&page=2",
    ],
)
def test_secrets_are_struck_out(text: str) -> None:
    assert "hunter2" not in without_secrets(text)


def test_what_is_no_secret_stays() -> None:
    text = '{"name": "basic lighting", "command": "hython -c key.py", "tags": ["a", "b"], "url": "http://hq01:5000/a"}'
    assert without_secrets(text) == text
    assert without_secrets('{"token": "hunter2", "id": 17}') == '{"token": "•••", "id": 17}'


def test_the_diagnostics_are_texts_without_secrets_and_notes(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.set("farm/url", "http://ana:hunter2@hq01:5000")
    settings.set("notes/drafts", ["what nobody should read"])
    (tmp_path / "wrangler.log").write_text("x" * 400_000 + "\ntoken=hunter2\nthe end\n", encoding="utf-8")
    data = bundle(settings, tmp_path, {"address": "http://ana:hunter2@hq01:5000"}, "hqserver 1")
    with zipfile.ZipFile(BytesIO(data)) as file:
        texts = {name.rpartition("/")[2]: file.read(name).decode() for name in file.namelist()}
    assert set(texts) == {"versions.txt", "settings.txt", "farm.json", "wrangler.log"}
    assert "hunter2" not in "".join(texts.values())
    assert "what nobody should read" not in "".join(texts.values())
    assert "hqserver 1" in texts["versions.txt"]
    assert texts["wrangler.log"].endswith("the end\n")
    assert len(texts["wrangler.log"]) < 300_000
    assert json.loads(texts["farm.json"])["address"].endswith("@hq01:5000")


def test_diagnostics_are_saved_where_one_says_and_failing_is_told(open_window: Opener, tmp_path: Path) -> None:
    opened = open_window()
    part = _part(opened)
    part.save(str(tmp_path / "d.zip"))
    assert zipfile.is_zipfile(tmp_path / "d.zip")
    part.save(str(tmp_path / "no" / "d.zip"))
    settle()
    assert "d.zip: its folder is not there. Choose another folder." in opened.window.telling.activity.entries[0].text


def test_a_password_in_an_address_is_not_shown(open_window: Opener) -> None:
    opened = open_window()
    address = "http://ana:hunter2@127.0.0.1:2"
    opened.settings.remember_farm(address)
    opened.settings.remember_farm("http://127.0.0.1:3")
    dialog = _part(opened).open_preferences(Page.FARMS)
    connect = ConnectDialog(recent=opened.settings.value("farm/recent"))
    wanted: list[str] = []
    connect.connect_wanted.connect(wanted.append)
    menu = opened.window.toolbar.farm.menu()
    menu.aboutToShow.emit()
    texts = [label.text() for label in dialog.findChildren(QLabel)] + [action.text() for action in menu.actions()]
    texts += [link.text() for link in connect.findChildren(LinkText)] + [opened.settings.farm_title(address)]
    assert sum("ana@127.0.0.1:2" in text for text in texts) == 3
    assert "hunter2" not in "".join(texts)
    next(link for link in connect.findChildren(LinkText) if "ana" in link.text()).clicked.emit()
    assert wanted == [address]
    connect.close()
    connect.deleteLater()


def test_only_the_newest_change_offers_to_be_taken_back(open_window: Opener) -> None:
    window = open_window().window
    undone: list[bool] = []
    window.undo_wanted.connect(lambda: undone.append(True))
    window.tell(Outcome("first", undo=True))
    window.tell(Outcome("second", undo=True))
    assert _offers(window) == ["", "Undo"]
    window.navigation["undo"].trigger()
    assert _offers(window) == ["", ""]
    assert undone == [True]


def _offers(window: MainWindow) -> list[str]:
    shown = [strip.findChildren(Button) for strip in window.findChildren(Strip)]
    return ["".join(button.accessibleName() for button in buttons if not button.isHidden()) for buttons in shown]
