"""Pictures of what asks for a name or a number, and of menus beside those of jobs and clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QWidget

from hqgui.client_part import ClientPart
from hqgui.gallery.care_scenes import farm
from hqgui.gallery.kit import Scene, Set, normal
from hqgui.gallery.stage import Stage, open_submenu, settle
from hqgui.models.client_drag import as_mime
from hqgui.models.clients import ClientFilter
from hqgui.supply_part import SupplyPart


def _supply(at: Set, panel: str) -> tuple[Stage, SupplyPart]:
    stage = at.stage(farm())
    supply = stage.window.findChild(SupplyPart)
    assert supply is not None
    supply.open(panel)
    settle()
    return stage, supply


def _rename_group(at: Set) -> QWidget:
    stage, supply = _supply(at, "groups")
    supply.groups.select(2)
    supply.ask_name([2])
    settle()
    return stage.window


def _set_amount(at: Set) -> QWidget:
    stage, supply = _supply(at, "resources")
    supply.resources.select(1)
    supply.ask_amount([1])
    settle()
    return stage.window


def _resource_menu(at: Set) -> QWidget:
    stage, supply = _supply(at, "resources")
    supply.resources.select(1)
    rows = supply.resources.rows
    rows.menu_wanted.emit(rows.viewport().mapToGlobal(QPoint(90, 36)))
    settle()
    return stage.window


def _describe(at: Set) -> QWidget:
    stage = at.stage(farm())
    clients = stage.window.findChild(ClientPart)
    assert clients is not None
    client = next(row["id"] for row in stage.session.farm.clients.rows.values() if row["label"] == "rnd-142")
    stage.window.show_clients((client,))
    clients.ask_description([client])
    settle()
    return stage.window


def _drain(at: Set) -> QWidget:
    stage = at.stage(farm())
    labels = ("rnd-141", "rnd-142")
    stage.window.show_clients(
        tuple(row["id"] for row in stage.session.farm.clients.rows.values() if row["label"] in labels)
    )
    menu = stage.window.menus.of_clients()
    rows = stage.window.clients.rows
    rows.popup(menu, rows.viewport().mapToGlobal(QPoint(240, 30)))
    open_submenu(menu, "Drain")
    return stage.window


def _losing(action: str, of: int) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        unused = {"id": 9, "name": "mantra_render", "amount": 12, "inUse": 0, "perMachine": False, "holders": []}
        stage = at.stage({**farm(), "resources": [*farm()["resources"], unused]})
        dialog = stage.window.confirm(stage.session.actions.consequence(action, (of,)))
        settle()
        return dialog

    return play


def _no_such_client(at: Set) -> QWidget:
    stage = at.stage(farm())
    stage.window.clients.show_filter(ClientFilter(text="nebula"))
    settle()
    return stage.window


def _client_columns(at: Set) -> QWidget:
    stage = at.stage(farm())
    stage.window.clients.bar.more.click()
    settle()
    return stage.window


def _dropping(at: Set) -> QWidget:
    """Clients are dragged onto a group."""
    stage, supply = _supply(at, "groups")
    groups = supply.groups.groups
    rect = groups.visualRect(groups.model().index(4, 0))
    data = as_mime(((301, "rnd-141"), (302, "rnd-142")))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(
        groups.viewport(), QDragEnterEvent(rect.center(), Qt.DropAction.CopyAction, data, buttons, keys)
    )
    return stage.window


def _save_view(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.filters.views.ask_name()
    settle()
    return stage.window


def _menu_bar(at: Set) -> QWidget:
    stage = normal(at)
    bar = stage.window.menus.bar
    bar.show()
    settle()
    program = bar.actions()[0]
    menu = program.menu()
    assert menu is not None
    menu.popup(bar.mapToGlobal(bar.actionGeometry(program).bottomLeft()))  # type: ignore[attr-defined]
    settle()
    return stage.window


def _priorities(at: Set) -> QWidget:
    stage = normal(at)
    button = stage.window.toolbar.buttons[-1]
    menu = stage.window.commands.priority
    menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))
    settle()
    return stage.window


ASKING: Final = (
    Scene("rename-group", "A group gets another name", _rename_group),
    Scene("set-amount", "A resource gets another amount", _set_amount),
    Scene("menu-drain", "For how long clients are drained", _drain),
    Scene("menu-client-columns", "The choice of columns of the clients", _client_columns),
    Scene("clients-none-found", "A filter that no client fits", _no_such_client),
    Scene("groups-drop", "Clients are dragged onto a group", _dropping),
    Scene("confirm-delete-group", "Asked before a group is deleted", _losing("delete_group", 1)),
    Scene("confirm-delete-resource", "Asked before a resource is deleted", _losing("delete_resource", 9)),
    Scene("menu-resource", "The menu of a resource", _resource_menu),
    Scene("describe-client", "A client is described", _describe),
    Scene("save-view", "A view gets a name", _save_view),
    Scene("menu-bar", "The menu bar, which Alt shows", _menu_bar),
    Scene("menu-priority", "Priorities of the selected jobs", _priorities),
)
