"""Clients, groups, resources and folders by mouse and keyboard: what is painted, dropped, typed and asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from hqgui.client_part import ClientPart
from hqgui.feed_state import Phase
from hqgui.folders_part import FoldersPart
from hqgui.models.client_drag import as_mime
from hqgui.models.client_facts import ClientError
from hqgui.models.group_table import EVERYBODY
from hqgui.models.week import Paint, filled, nights_and_weekends, read_week, rules_of
from hqgui.supply_part import SupplyPart
from hqgui.views.care.availability_editor import AvailabilityDialog, AvailabilityEditor
from hqgui.views.care.client_inspector import ClientTab
from hqgui.views.care.folders_window import Folder
from hqgui.views.care.week_grid import Place, WeekGrid
from hqgui.views.parts.ask_popup import AskPopup
from hqgui.views.parts.cell_paint import fit
from hqgui.views.parts.menu import Menu
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import client_row, job_row

FEATURES = (
    "changes", "priority", "multicall", "override", "availability", "removeClients", "terminateClients", "resources",
    "unblockClients",
)  # fmt: skip


@pytest.fixture
def opened(open_window: Opener) -> OpenWindow:
    """A farm of six clients, two groups and two resources."""
    one = open_window()
    rows = [client_row(number, groups=[1] if number < 3 else []) for number in range(1, 6)]
    rows.append(client_row(6, status="offline"))
    rows[0] |= {"status": "busy", "runningJobs": [11]}
    one.take(
        groups=[{"id": 1, "name": "gpu", "clients": [1, 2]}, {"id": 2, "name": "sim", "clients": []}],
        clients=rows,
        jobs=[
            job_row(10, status="queued", childCount=1, blockedClients=[4]),
            job_row(11, parents=[10], status="running", rootId=10, clients=[{"id": 1, "label": "node1"}],
                    resources={"nuke": 1}),
        ],
        resources=[
            {"id": 1, "name": "nuke", "amount": 3, "inUse": 1, "perMachine": False, "holders": [11]},
            {"id": 2, "name": "mari", "amount": 5, "inUse": 1, "perMachine": True, "holders": [1]},
        ],
    )  # fmt: skip
    one.live(FEATURES)
    one.show_all()
    settle()
    return one


def care(one: OpenWindow) -> tuple[SupplyPart, ClientPart]:
    supply, clients = one.window.findChild(SupplyPart), one.window.findChild(ClientPart)
    assert supply is not None
    assert clients is not None
    return supply, clients


def deeds(one: OpenWindow) -> list[tuple[str, tuple[int, ...], Any]]:
    """What is asked for from now on."""
    found: list[tuple[str, tuple[int, ...], Any]] = []
    one.window.deed_wanted.connect(lambda name, ids, value: found.append((name, tuple(ids), value)))
    one.window.action_wanted.connect(lambda name, ids: found.append((name, tuple(ids), None)))
    return found


# The week


@pytest.fixture
def grid(qtbot: QtBot) -> WeekGrid:
    made = WeekGrid()
    qtbot.addWidget(made)
    made.show_week(filled(Paint.OFF))
    made.resize(made.sizeHint())
    made.show()
    made.setFocus()
    settle()
    return made


def middle(grid: WeekGrid, place: Place) -> QPoint:
    return grid.cell_rect(place).center().toPoint()


def drag(grid: WeekGrid, first: Place, last: Place) -> None:
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=middle(grid, first))
    QTest.mouseMove(grid, middle(grid, last))
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=middle(grid, last))


def test_an_area_is_painted_by_dragging_and_taken_back_by_dragging_again(grid: WeekGrid) -> None:
    drag(grid, (0, 38), (4, 47))
    on = {(day, cell) for day in range(5) for cell in range(38, 48)}
    assert {(day, cell) for day in range(7) for cell in range(48) if grid.week.at(day, cell) is Paint.ON} == on
    drag(grid, (0, 38), (4, 47))
    assert grid.week.never


def test_a_day_s_name_paints_the_day(grid: WeekGrid) -> None:
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(4, middle(grid, (5, 0)).y()))
    assert [grid.week.at(5, cell) for cell in range(48)] == [Paint.ON] * 48
    assert grid.week.at(4, 0) is Paint.OFF


def test_the_keyboard_paints_what_the_mouse_can(grid: WeekGrid) -> None:
    grid.brush = Paint.IDLE
    QTest.keyClick(grid, Qt.Key.Key_Home)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    painted = {(day, cell) for day in range(7) for cell in range(48) if grid.week.at(day, cell) is Paint.IDLE}
    assert painted == {(1, 0), (1, 1), (2, 0), (2, 1)}
    assert grid.accessibleDescription() == "Tue – Wed 0:00 – 1:00"
    QTest.keyClick(grid, Qt.Key.Key_Left)
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert grid.week.at(2, 0) is Paint.OFF
    assert grid.accessibleDescription() == "Wed 0:00 – 0:30: no jobs"
    QTest.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert grid.week.never


def test_the_editor_saves_rules_that_mean_the_week_and_refuses_never(qtbot: QtBot) -> None:
    editor = AvailabilityEditor()
    qtbot.addWidget(editor)
    editor.show_rules(read_week(()), (), 1)
    editor.show()
    saved: list[Any] = []
    editor.save_wanted.connect(saved.append)
    assert not editor.save.isEnabled()
    editor.presets[3].click()
    assert editor.save.isEnabled()
    editor.save.click()
    assert saved == [[rule.as_struct() for rule in rules_of(nights_and_weekends())]]
    editor.take(filled(Paint.OFF))
    assert not editor.save.isEnabled()
    assert editor.disable.isVisible()
    editor.revert.click()
    assert not editor.is_changed


def test_news_of_rules_do_not_take_away_what_somebody_paints(qtbot: QtBot) -> None:
    editor = AvailabilityEditor()
    qtbot.addWidget(editor)
    editor.show_rules(read_week(()), (), 1)
    editor.take(nights_and_weekends())
    other = rules_of(filled(Paint.IDLE))
    editor.show_saved(read_week(other), other)
    assert editor.week.cells == nights_and_weekends().cells
    editor.revert.click()
    assert editor.week.cells == filled(Paint.IDLE).cells


# Groups


def drop(rows: QWidget, place: QPoint, data: QMimeData) -> bool:
    """As if something were dragged there and let go."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(rows, QDragEnterEvent(place, copy, data, left, none))
    move = QDragMoveEvent(place, copy, data, left, none)
    QApplication.sendEvent(rows, move)
    if not move.isAccepted():
        return False
    QApplication.sendEvent(rows, QDropEvent(QPointF(place), copy, data, left, none))
    return True


def test_clients_are_dropped_on_a_group(opened: OpenWindow) -> None:
    supply, _ = care(opened)
    supply.open("groups")
    settle()
    asked = deeds(opened)
    groups = supply.groups.groups
    assert supply.groups.group == EVERYBODY
    data = supply.members.mimeData([supply.members.index_of(3), supply.members.index_of(4)])
    place = groups.visualRect(supply.group_table.index_of(2)).center()
    assert drop(groups.viewport(), place, data)
    assert asked == [("add_to_group", (3, 4), 2)]
    everybody = groups.visualRect(supply.group_table.index_of(EVERYBODY)).center()
    assert not drop(groups.viewport(), everybody, data)
    assert not drop(groups.viewport(), place, QMimeData())
    assert len(asked) == 1


def test_the_group_s_clients_are_seen_and_leave_by_the_menu(opened: OpenWindow) -> None:
    supply, _ = care(opened)
    supply.show_group(1)
    settle()
    assert sorted(supply.members.ids) == [1, 2]
    members = supply.groups.members
    members.setFocus()
    members.setCurrentIndex(supply.members.index_of(2))
    asked = deeds(opened)
    members.menu_wanted.emit(QPoint(50, 50))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, Menu)
    first = menu.actions()[0]
    assert first.text() == "Remove from gpu"
    first.trigger()
    menu.close()
    assert asked == [("remove_from_group", (2,), 1)]


def test_the_week_of_a_group_s_clients_is_painted_from_its_menu(opened: OpenWindow) -> None:
    supply, _ = care(opened)
    for group, number in ((1, 2), (2, 0)):
        supply.show_group(group)
        supply.groups.groups.menu_wanted.emit(QPoint(50, 50))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, Menu)
        week = menu.actions()[-1]
        assert week.isEnabled() is (number > 0)
        week.trigger()
        menu.close()
    dialog = opened.window.findChild(AvailabilityDialog)
    assert dialog is not None
    assert dialog.editor.save.text() == "Save for 2 clients"
    assert not dialog.editor.warning.isVisible()
    dialog.reject()
    rules = [rule.as_struct() for rule in rules_of(nights_and_weekends())]
    opened.take(clients=[client_row(1, groups=[1], availabilityRules=rules)])
    other = care(opened)[1].ask_rules((2, 1))
    assert other is not None
    assert other.editor.warning.text() == "Their weeks differ. This is that of node2; saved, it is that of all."
    assert other.editor.warning.isVisible()
    other.reject()


def test_the_submenu_checks_groups_and_says_where_only_some_are_in(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.show_clients((2, 3))
    settle()
    menu = Menu("")
    clients.fill_groups(menu)
    texts = [(action.text(), action.isChecked()) for action in menu.actions() if action.isCheckable()]
    assert texts == [("gpu  (1 of 2)", False), ("sim", False)]
    asked = deeds(opened)
    menu.actions()[0].trigger()
    assert asked == [("add_to_group", (2, 3), 1)]
    opened.window.show_clients((1, 2))
    again = Menu("")
    clients.fill_groups(again)
    assert again.actions()[0].isChecked()
    again.actions()[0].trigger()
    assert asked[-1] == ("remove_from_group", (1, 2), 1)


def typed(window: QWidget, *texts: str) -> AskPopup:
    """Type into the popup that is open, and press Enter."""
    popup = next(one for one in window.findChildren(AskPopup) if one.isVisible())
    fields = [field for field in popup.fields if isinstance(field, QLineEdit)]
    for field, text in zip(fields, texts, strict=False):
        field.setText(text)
    return popup


def test_a_group_is_made_of_the_selected_clients_and_no_name_twice(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.show_clients((3, 4))
    asked = deeds(opened)
    opened.window.commands.ask("new_group")
    popup = typed(opened.window, "gpu")
    assert not popup.yes.isEnabled()
    assert popup.words.text() == "There is one of this name already."
    typed(opened.window, "look, dev")
    assert not popup.yes.isEnabled()
    typed(opened.window, "lookdev")
    QTest.keyClick(popup.fields[0], Qt.Key.Key_Return)
    assert asked == [("new_group", (3, 4), "lookdev")]
    assert clients.chosen() == (3, 4)


def test_a_group_is_renamed_by_key_and_deleted_by_key(opened: OpenWindow, qtbot: QtBot) -> None:
    supply, _ = care(opened)
    opened.window.activateWindow()
    supply.show_group(2)
    supply.groups.groups.setFocus()
    opened.window.commands.refresh()
    asked = deeds(opened)
    opened.window.commands.actions["rename_group"].trigger()
    popup = typed(opened.window, "simulation")
    popup.take()
    opened.window.commands.actions["delete_group"].trigger()
    assert asked == [("rename_group", (2,), "simulation"), ("delete_group", (2,), None)]
    keys = {
        name: opened.window.commands.actions[name].shortcut().toString() for name in ("rename_group", "delete_group")
    }
    assert keys == {"rename_group": "F2", "delete_group": "Del"}
    assert opened.window.commands.actions["delete_group"] in supply.groups.groups.actions()


# Resources


def test_holders_of_a_resource_lead_to_their_job_or_client(opened: OpenWindow) -> None:
    supply, _ = care(opened)
    supply.open("resources")
    supply.resources.select(1)
    settle()
    rows = supply.resources.holders.rows
    rows.clicked.emit(supply.resources.holders.table.index(0, 0))
    assert opened.window.tree.current_id() == 11
    supply.open("resources")
    supply.resources.select(2)
    settle()
    rows.clicked.emit(supply.resources.holders.table.index(0, 0))
    assert opened.window.lower_dock.panel == "clients"
    assert opened.window.clients.rows.selected_ids() == (1,)


def test_a_resource_is_made_and_its_amount_is_not_below_what_is_in_use(opened: OpenWindow) -> None:
    supply, _ = care(opened)
    supply.open("resources")
    asked = deeds(opened)
    supply.ask_resource()
    popup = typed(opened.window, "karma", "12")
    popup.take()
    supply.resources.select(1)
    opened.window.commands.refresh()
    opened.window.commands.ask("set_amount")
    popup = typed(opened.window, "0")
    assert (popup.yes.isEnabled(), popup.words.text()) == (False, "1 are in use.")
    typed(opened.window, "4")
    popup.take()
    assert asked == [("create_resource", (), ("karma", 12, False)), ("set_amount", (1,), 4)]


# The inspector of clients


def test_the_inspector_follows_the_pane_that_is_used(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.activateWindow()
    opened.select(11)
    assert not clients.side.shows_other()
    opened.window.show_clients((2,))
    settle()
    assert clients.side.shows_other()
    assert clients.inspector.client == 2
    opened.window.tree.setFocus()
    settle()
    assert not clients.side.shows_other()
    assert opened.window.inspector.job == 11
    opened.window.show_clients((1,))
    clients.inspector.overview.running.list.clicked.emit(clients.inspector.overview.running.list.table.index(0, 4))
    assert not clients.side.shows_other()
    assert opened.window.inspector.tab == 1, "the job's output"


def test_a_client_that_changes_or_goes_is_shown_so(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.show_clients((2,))
    opened.take(clients=[{"id": 2, "override": "drain", "description": "by the door"}])
    facts = clients.inspector.facts
    assert facts is not None
    assert facts.standing.now == "Drained: no new jobs"
    assert clients.inspector.overview.description.text.text() == "by the door"
    opened.session.farm.remove("clients", [2])
    opened.session.flush()
    assert clients.inspector.facts is None
    assert clients.inspector._nothing.isVisible()


def test_the_inspector_says_on_how_many_clients_its_buttons_act(opened: OpenWindow) -> None:
    _, clients = care(opened)
    head = clients.inspector.head
    opened.window.show_clients((2, 3))
    settle()
    assert (head.disable.shown_text(), head.wake.text()) == ("Disable 2", "Wake 2")
    assert (head._selected.text(), head._selected.isHidden()) == ("2 selected", False)
    assert clients._client() == clients.inspector.client
    opened.window.lower_dock.open_panel("resources")
    settle()
    assert (head.disable.shown_text(), head.wake.text(), head._selected.isHidden()) == ("Disable", "Wake", True)


def test_a_press_beside_the_buttons_of_a_result_is_not_one_on_the_tree(opened: OpenWindow) -> None:
    opened.select(11)
    opened.window.show_clients((2,))
    settle()
    strip = opened.window.strips.tell("Done.")
    settle()
    QApplication.sendEvent(strip, QEnterEvent(QPointF(), QPointF(), QPointF()))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(30, strip.height() // 2))
    assert care(opened)[1].side.shows_other()
    assert opened.window.tree.selected_ids() == (11,)


def test_the_description_is_edited_where_it_stands(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.show_clients((2,))
    settle()
    part = clients.inspector.overview.description
    asked = deeds(opened)
    part.edit.click()
    assert part.is_edited()
    part.field.setText("two cards")
    opened.take(clients=[{"id": 2, "load": 3.0}])
    assert part.field.text() == "two cards", "news do not take away what is typed"
    QTest.keyClick(part.field, Qt.Key.Key_Return)
    assert asked == [("describe_client", (2,), "two cards")]
    part.edit.click()
    QTest.keyClick(part.field, Qt.Key.Key_Escape)
    assert not part.is_edited()
    assert len(asked) == 1


def test_what_is_typed_and_painted_stays_with_its_client(opened: OpenWindow) -> None:
    _, clients = care(opened)
    inspector, asked = clients.inspector, deeds(opened)
    opened.window.show_clients((2,))
    inspector.open_tab(ClientTab.AVAILABILITY)
    inspector.editor.presets[1].click()
    painted = inspector.editor.week
    assert inspector.tabs._counts[ClientTab.AVAILABILITY] == "•"
    inspector.overview.description.edit.click()
    inspector.overview.description.field.setText("two cards")

    opened.window.show_clients((3,))
    assert not inspector.overview.description.is_edited(), "Enter would describe another client"
    assert not inspector.editor.is_changed
    opened.window.show_clients((2,))
    assert inspector.overview.description.field.text() == "two cards"
    assert inspector.editor.week == painted
    QTest.keyClick(inspector.overview.description.field, Qt.Key.Key_Return)
    inspector.editor.revert.click()
    opened.window.show_clients((3,))
    opened.window.show_clients((2,))
    assert not inspector.overview.description.is_edited()
    assert not inspector.editor.is_changed
    assert asked == [("describe_client", (2,), "two cards")]


def test_the_week_in_the_inspector_is_saved_for_its_client(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.show_clients((3,))
    clients.inspector.open_tab(ClientTab.AVAILABILITY)
    opened.window.lower_dock.open_panel("resources")
    assert clients.chosen() == (3,), "the one that is shown, while no table of clients is seen"
    asked = deeds(opened)
    clients.inspector.editor.presets[1].click()
    clients.inspector.editor.save.click()
    ((name, ids, rules),) = asked
    assert (name, ids) == ("set_rules", (3,))
    assert [(rule["startHour"], rule["endHour"]) for rule in rules] == [(19, 8)]


def test_the_week_of_several_clients_is_asked_for_once(opened: OpenWindow) -> None:
    _, clients = care(opened)
    dialog = clients.ask_rules((3, 4))
    assert dialog is not None
    asked = deeds(opened)
    assert dialog.editor.save.text() == "Save for 2 clients"
    dialog.editor.presets[2].click()
    dialog.editor.save.click()
    assert [(name, ids) for name, ids, _ in asked] == [("set_rules", (3, 4))]


def test_a_client_is_opened_on_what_it_runs_or_ran(opened: OpenWindow) -> None:
    _, clients = care(opened)
    rows = opened.window.clients.rows
    opened.take(clients=[{"id": 1, "runningJobs": [11]}, {"id": 2, "runningJobs": []}])
    opened.window.show_clients((1,))
    rows.jobs_wanted.emit(1)
    assert opened.window.tree.current_id() == 11
    opened.window.show_clients((2,))
    rows.jobs_wanted.emit(2)
    assert (clients.inspector.client, clients.inspector.tab) == (2, ClientTab.JOBS)
    assert opened.window.tree.current_id() == 11


def test_ways_between_jobs_and_clients(opened: OpenWindow) -> None:
    _, clients = care(opened)
    opened.window.show_clients((1,))
    clients.show_jobs_on(1)
    assert opened.session.tree.filter.text == "on:node1"
    assert opened.session.tree.index_of(10).isValid()
    opened.select(10)
    clients.show_clients_of_job()
    assert list(opened.session.clients.ids) == [1]
    clients.show_blocked()
    assert opened.window.clients.rows.selected_ids() == (4,)


def test_nothing_can_be_saved_while_the_server_is_lost(opened: OpenWindow) -> None:
    supply, clients = care(opened)
    opened.window.show_clients((3,))
    clients.inspector.editor.presets[1].click()
    assert clients.inspector.editor.save.isEnabled()
    opened.session.actions.connected = False
    opened.enter(Phase.RECONNECTING)
    settle()
    assert not clients.inspector.editor.save.isEnabled()
    assert supply.groups.groups.stale
    assert not supply.groups.bar.new.isEnabled()
    assert clients.inspector.editor.week != filled(Paint.ON), "what was painted stays"


# Folders


def test_network_folders_are_shown_edited_and_asked_before_they_go(opened: OpenWindow) -> None:
    part = opened.window.findChild(FoldersPart)
    assert part is not None
    window = part.open()
    assert part.open() is window
    window.show_folders((Folder("HQROOT", "/mnt/hq"), Folder("SHOTS", "/mnt/shots", windows="\\\\nas\\s")))
    window.rows.setCurrentIndex(window.table.index(1, 0))
    assert window.folder().name == "SHOTS"
    assert not window.save.isEnabled()
    saved: list[Any] = []
    deleted: list[str] = []
    window.save_wanted.connect(saved.append)
    window.delete_wanted.connect(deleted.append)
    window.fields[1].setText("/srv/shots")
    QTest.keyClick(window.fields[1], Qt.Key.Key_Return)
    assert saved == [Folder("SHOTS", "/srv/shots", windows="\\\\nas\\s")]
    window.delete.click()
    assert deleted == ["SHOTS"]
    window.new.click()
    assert window.folder() == Folder("")
    assert not window.delete.isEnabled()
    window.close()
    settle()
    assert part.dialog is None


def test_everything_has_a_name_for_who_cannot_see_it(opened: OpenWindow) -> None:
    supply, clients = care(opened)
    named: list[Callable[[], str]] = [
        supply.groups.groups.accessibleName,
        supply.groups.members.accessibleName,
        supply.resources.rows.accessibleName,
        supply.resources.holders.rows.accessibleName,
        clients.inspector.tabs.accessibleName,
        clients.inspector.editor.grid.accessibleName,
        clients.inspector.editor.brushes.accessibleName,
        clients.inspector.editor.idle.accessibleName,
        clients.inspector.overview.running.list.accessibleName,
    ]
    assert all(name() for name in named)
    assert as_mime([(1, "node1")]).text() == "node1"


def test_where_there_is_little_room_the_end_of_a_client_s_name_stays(qapp: QApplication) -> None:
    shown, width = fit("farm-room-2:rnd-142", 80, keep_end=True)
    assert shown.endswith("142")
    assert width <= 80
    assert fit("farm-room-2:rnd-142", 80)[0].startswith("farm")


def test_the_keyboard_of_a_button_that_has_done_its_work_goes_back_to_the_week(opened: OpenWindow) -> None:
    _, clients = care(opened)
    clients.show_client(1)
    clients.inspector.open_tab(ClientTab.AVAILABILITY)
    editor = clients.inspector.editor
    editor.take(nights_and_weekends())
    editor.revert.setFocus()
    editor.revert.click()
    assert not editor.revert.isEnabled()
    assert opened.window.focusWidget() is editor.grid, "not on whatever comes after the button"


def test_how_long_ago_an_error_was_goes_on(opened: OpenWindow) -> None:
    _, clients = care(opened)
    page = clients.inspector.errors
    clients.show_client(1)
    page.show_errors([ClientError(1, "job 16 cannot be started", 3, 100, "")], 104.0)
    said = [page.list.table.index(0, column).data() for column in range(2)]
    assert said == ["4 s ago", "3 × job 16 cannot be started"]
    opened.take(clients=[client_row(1, load=2.0)])
    assert page.list.table.index(0, 0).data() != "4 s ago"
