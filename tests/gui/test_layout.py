"""What the user arranged is written at once and is there again in the next window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hqgui.models.job_columns import PLACE
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.first_size import first_size
from hqgui.windows import Windows
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle


def _kept(opened: OpenWindow) -> bool:
    """Whether everything that changed is in the file, read by somebody else."""
    return not opened.window.memory._timer.isActive() and not opened.settings._timer.isActive()


def test_columns_docks_sorting_and_chips(open_window: Opener, tmp_path: Path, qtbot: QtBot) -> None:
    opened = open_window()
    opened.live()
    window = opened.window
    tree = window.tree
    menu = {action.text(): action for action in tree.columns_menu().actions()}
    for title in ("Id", "Peak memory", "Parents"):
        menu[title].trigger()
    menu["ETA"].trigger()
    tree.header().resizeSection(PLACE["status"], 211)
    tree.header().moveSection(tree.header().visualIndex(PLACE["priority"]), 1)
    tree.sort_by(PLACE["name"], Qt.SortOrder.DescendingOrder)
    tree.layout_changed.emit()
    window.lower_dock.hide()
    window._set_filter(JobFilter(frozenset({Chip.MINE})))
    qtbot.waitUntil(lambda: _kept(opened), timeout=10_000)
    stored = (tmp_path / "wrangler.ini").read_text()
    assert "mine" in stored

    # The first window is not closed: as if it had been killed now.
    again = open_window()
    settle()
    other = again.window.tree
    shown = {key for key, section in PLACE.items() if not other.header().isSectionHidden(section)}
    assert {"id", "peakMemory", "parents"} <= other.columns.shown
    assert "eta" not in shown
    assert other.columns.widths["status"] == 211
    assert other.columns.order.index("priority") == 1
    assert again.session.tree.sorted_by == (PLACE["name"], Qt.SortOrder.DescendingOrder)
    assert again.session.tree.filter.chips == {Chip.MINE}
    assert not again.window.lower_dock.isVisible()


def test_a_first_window_leaves_room_for_its_frame(open_window: Opener) -> None:
    window = open_window().window
    screen = window.screen().availableSize()
    assert first_size(window, 640, 480) == QSize(640, 480)
    large = first_size(window, screen.width(), screen.height())
    assert large.width() < screen.width()
    assert large.height() < screen.height()


def test_taste_is_kept_and_put_on_at_the_start(open_window: Opener, tmp_path: Path) -> None:
    opened = open_window()
    view = opened.window.menus.view
    actions = {action.text(): action for menu in view.menu.findChildren(type(view.menu)) for action in menu.actions()}
    for words in ("Light", "Comfortable", "130%"):
        actions[words].trigger()
    assert (look().mode, look().density, look().zoom) == ("light", "comfortable", 1.3)
    opened.settings.save()
    look().choose(theme="dark", zoom=1.0, density="default")
    Windows(Settings(tmp_path)).dress()
    assert (look().mode, look().density, look().zoom) == ("light", "comfortable", 1.3)


def test_a_damaged_file_is_no_reason_not_to_start(open_window: Opener, tmp_path: Path) -> None:
    (tmp_path / "wrangler.ini").write_bytes(
        b"[view]\nzoom=nan\ntheme=pink\n[window]\ngeometry=@ByteArray(\\0\\x1)\nstate=x\n[tree]\nheader=\xff\xfe{[\n"
    )
    opened = open_window()
    assert opened.window.isVisible()
    Windows(opened.settings).dress()
    assert look().zoom == 1.0
    assert look().mode in ("dark", "light")


def test_zoom_reaches_from_85_to_150_percent(open_window: Opener) -> None:
    opened = open_window()
    window = opened.window
    window.activateWindow()
    window.tree.setFocus()
    settle()
    seen = {look().zoom}
    for _ in range(5):
        QTest.keyClick(window.tree, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
        seen.add(look().zoom)
    for _ in range(7):
        QTest.keyClick(window.tree, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        seen.add(look().zoom)
    assert sorted(seen) == [0.85, 1.0, 1.15, 1.3, 1.5]
    QTest.keyClick(window.tree, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert look().zoom == 1.0


def test_docks_get_their_room_back_when_the_window_is_large_again(open_window: Opener) -> None:
    opened = open_window()
    opened.live()
    settle()
    window = opened.window
    window.resizeDocks([window.inspector_dock], [430], Qt.Orientation.Horizontal)
    settle()
    window.memory.sizes.take()
    before = window.inspector_dock.width(), window.lower_dock.height()
    assert before[0] == 430
    window.resize(760, 460)
    settle()
    assert window.inspector_dock.width() < 430
    window.resize(1600, 970)
    settle()
    assert (window.inspector_dock.width(), window.lower_dock.height()) == before


def test_docks_go_and_come_by_keys_and_the_layout_is_reset_and_that_taken_back(open_window: Opener) -> None:
    opened = open_window()
    opened.live()
    opened.show_all()
    settle()
    window = opened.window
    docks = (window.inspector_dock, window.lower_dock)
    window.memory.reset()
    settle()
    as_made = [window.inspector_dock.width(), window.lower_dock.height()]
    for dock, modifiers in zip(docks, (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier), strict=True):
        QTest.keyClick(window.tree, Qt.Key.Key_F9, modifiers)
        assert not dock.isVisible()
        QTest.keyClick(window.tree, Qt.Key.Key_F9, modifiers)
        assert dock.isVisible()
    listed = [action.text() for action in window.menus.view.menu.actions()]
    assert listed[-3:] == ["Inspector", "Lower panel", "Reset layout"]
    window.resizeDocks([window.inspector_dock], [500], Qt.Orientation.Horizontal)
    window.lower_dock.hide()
    settle()
    wide = window.inspector_dock.width()
    assert wide > as_made[0]
    window.navigation["reset_layout"].trigger()
    settle()
    assert [window.inspector_dock.width(), window.lower_dock.height()] == as_made
    assert window.lower_dock.isVisible()
    [undo] = [button for button in window.strips.findChildren(Button) if button.text().strip() == "Undo"]
    undo.click()
    settle()
    assert window.inspector_dock.width() == wide
    assert not window.lower_dock.isVisible()
