"""Pictures of clients, groups and resources in their states."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPoint
from PySide6.QtWidgets import QWidget

from hqgui.client_part import ClientPart
from hqgui.feed_state import FeedState
from hqgui.folders_part import FoldersPart
from hqgui.gallery.kit import Scene, Set
from hqgui.gallery.stage import Stage, open_submenu, settle
from hqgui.made_up import NOW_SECONDS, Row, ago, rows
from hqgui.models.client_facts import ClientError, PastJob
from hqgui.models.group_table import EVERYBODY, NOBODYS
from hqgui.models.week import nights_and_weekends, office_when_idle, rules_of
from hqgui.supply_part import SupplyPart
from hqgui.views.care.client_inspector import ClientTab
from hqgui.views.care.folders_window import Folder
from hqserver.wire.statuses import JobStatus

_GB: Final = 1 << 20
_NIGHTS: Final = [rule.as_struct() for rule in rules_of(nights_and_weekends())]
_OFFICE: Final = [rule.as_struct() for rule in rules_of(office_when_idle())]
_MACHINE: Final = {
    "cpuSpeed": 2750.0,
    "diskFree": 412 * _GB,
    "diskTotal": 1788 * _GB,
    "gpus": ["NVIDIA RTX 6000 Ada, 48 GB", "NVIDIA RTX 6000 Ada, 48 GB"],
    "port": 5001,
    "utcOffset": 60,
    "clockSkew": 0.3,
    "version": "1.4.0",
    "override": "none",
}
_OF_NOTE: Final[dict[str, Row]] = {
    "rnd-142": {"description": "Left rack, by the door. PSU was changed in October.", "failures": 2, "threadId": 61},
    "rnd-144": {"override": "drain", "overrideUntil": ago(-3 * 3600)},
    "ws-jlee": {"availabilityRules": _OFFICE, "description": "Jin's workstation"},
    "ws-mbrandt": {"availabilityRules": _NIGHTS, "description": "Desk 14"},
    "ws-aokafor": {"outOfService": "4 jobs in a row failed within seconds", "override": "mine"},
}


@lru_cache(maxsize=1)
def farm() -> Row:
    """The farm of the pictures, with everything that clients, groups and resources can tell."""
    made = rows(16)
    clients = [
        {**row, **_MACHINE, "cpusUsed": 48 if row["runningJobs"] else 0, **_OF_NOTE.get(row["label"], {})}
        for row in made["clients"]
    ]
    for place, row in enumerate(clients):
        row["groups"] = row["groups"] if place < 100 else []
    groups = [
        {**group, "clients": [row["id"] for row in clients if group["id"] in row["groups"]]} for group in made["groups"]
    ]
    running = [row["id"] for row in made["jobs"] if row["status"] == JobStatus.RUNNING and row.get("frame")]
    busy = [row["id"] for row in clients if row["runningJobs"]]
    holders = {1: running[:61], 2: running[61:73], 3: busy[:9]}
    resources = [{**row, "holders": holders[row["id"]], "perMachine": row["id"] == 3} for row in made["resources"]]
    return {**made, "clients": clients, "groups": groups, "resources": resources}


def _stage(at: Set, made: Row | None = None, state: FeedState | None = None) -> tuple[Stage, SupplyPart, ClientPart]:
    stage = at.stage(farm() if made is None else made) if state is None else at.stage(made or farm(), state)
    supply = stage.window.findChild(SupplyPart)
    clients = stage.window.findChild(ClientPart)
    assert supply is not None
    assert clients is not None
    return stage, supply, clients


def _client(stage: Stage, label: str) -> int:
    return int(next(row["id"] for row in stage.session.farm.clients.rows.values() if row["label"] == label))


def _taller(stage: Stage) -> None:
    from PySide6.QtCore import Qt

    height = round(stage.window.height() * 0.42)
    stage.window.resizeDocks([stage.window.lower_dock], [height], Qt.Orientation.Vertical)
    settle()


def _shown(at: Set, label: str, tab: ClientTab = ClientTab.OVERVIEW) -> tuple[Stage, SupplyPart, ClientPart]:
    stage, supply, clients = _stage(at)
    stage.window.show_clients((_client(stage, label),))
    settle()
    clients.inspector.open_tab(tab)
    settle()
    return stage, supply, clients


def _client_scene(label: str, tab: ClientTab = ClientTab.OVERVIEW) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage, _, clients = _shown(at, label, tab)
        client = _client(stage, label)
        clients.inspector.show_past(client, _past(stage))
        clients.inspector.show_errors(client, _ERRORS if label == "rnd-142" else (), NOW_SECONDS)
        if tab is ClientTab.ERRORS:
            rows_ = clients.inspector.errors.list.rows
            rows_.setCurrentIndex(clients.inspector.errors.list.table.index(0, 0))
        settle()
        return stage.window

    return play


def _past(stage: Stage) -> list[PastJob]:
    jobs = stage.session.farm.jobs
    found = [job for job, row in jobs.row_of.items() if jobs.frame[row] and jobs.runtime[row]][:14]
    return [
        PastJob(job, f"beauty_key {jobs.value(job, 'name')}", str(jobs.value(job, "status")),
                "Failed" if jobs.value(job, "status") == JobStatus.FAILED else "Succeeded",
                f"{13 - place // 4}:{(53 - place * 7) % 60:02d}", f"{13 + place % 3}m {place * 7 % 60:02d}s")
        for place, job in enumerate(found)
    ]  # fmt: skip


_TRACE: Final = """Traceback (most recent call last):
  File "hqagent/attempts.py", line 131, in _start
    keeper = self._processes.launch(folder, command)
OSError: [Errno 28] No space left on device: '/var/lib/hqagent/spool/48261-1'"""
_ERRORS: Final = (
    ClientError(1, "cannot start job 48261: No space left on device", 3, int(NOW_SECONDS) - 1500, _TRACE),
    ClientError(2, "the clock was put back by 2.4 s", 1, int(NOW_SECONDS) - 86400 * 2, ""),
)


def _groups(group: int) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage, supply, _ = _stage(at)
        supply.open("groups")
        supply.groups.select(group)
        settle()
        return stage.window

    return play


def _groups_empty(at: Set) -> QWidget:
    made = {**farm(), "groups": [], "clients": [{**row, "groups": []} for row in farm()["clients"]]}
    stage, supply, _ = _stage(at, made)
    supply.open("groups")
    settle()
    return stage.window


def _group_without_clients(at: Set) -> QWidget:
    made = {**farm(), "groups": [*farm()["groups"], {"id": 9, "name": "simulation_2027", "clients": []}]}
    stage, supply, _ = _stage(at, made)
    supply.open("groups")
    supply.groups.select(9)
    settle()
    return stage.window


def _many_groups(at: Set) -> QWidget:
    groups = [{"id": one, "name": f"show_{one:03d}_render", "clients": []} for one in range(1, 201)]
    clients = [{**row, "groups": [row["id"] % 200 + 1, row["id"] * 7 % 200 + 1]} for row in farm()["clients"]]
    stage, supply, _ = _stage(at, {**farm(), "groups": groups, "clients": clients})
    supply.open("groups")
    supply.groups.select(42)
    settle()
    return stage.window


def _group_menu(at: Set) -> QWidget:
    stage, supply, _ = _stage(at)
    supply.open("groups")
    supply.groups.select(2)
    table = supply.groups.groups
    rect = table.visualRect(table.currentIndex())
    table.menu_wanted.emit(table.viewport().mapToGlobal(rect.center()))
    settle()
    return stage.window


def _new_group(at: Set) -> QWidget:
    stage, _, clients = _stage(at)
    chosen = [_client(stage, label) for label in ("rnd-141", "rnd-142", "rnd-144")]
    stage.window.show_clients(tuple(chosen))
    clients.ask_group(chosen)
    settle()
    return stage.window


def _groups_submenu(at: Set) -> QWidget:
    stage, _, _ = _stage(at)
    stage.window.show_clients(tuple(_client(stage, label) for label in ("rnd-141", "rnd-142")))
    menu = stage.window.menus.of_clients()
    rows_ = stage.window.clients.rows
    rows_.popup(menu, rows_.viewport().mapToGlobal(QPoint(240, 30)))
    settle()
    open_submenu(menu, "Groups")
    return stage.window


def _resources(resource: int | None) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage, supply, _ = _stage(at)
        supply.open("resources")
        if resource is not None:
            supply.resources.select(resource)
        else:
            supply.resources.rows.setCurrentIndex(QModelIndex())
            supply.resources.refresh()
        settle()
        return stage.window

    return play


def _no_resources(at: Set) -> QWidget:
    stage, supply, _ = _stage(at, {**farm(), "resources": []})
    supply.open("resources")
    settle()
    return stage.window


def _many_resources(at: Set) -> QWidget:
    made: list[dict[str, Any]] = [
        {"id": one, "name": f"licence_{one:04d}", "amount": one % 40 + 1, "inUse": one * 13 % (one % 40 + 1),
         "perMachine": one % 5 == 0, "holders": []}
        for one in range(1, 1001)
    ]  # fmt: skip
    stage, supply, _ = _stage(at, {**farm(), "resources": made})
    supply.open("resources")
    supply.resources.select(500)
    settle()
    return stage.window


def _new_resource(at: Set) -> QWidget:
    stage, supply, _ = _stage(at)
    supply.open("resources")
    supply.ask_resource()
    settle()
    return stage.window


def _stale_groups(at: Set) -> QWidget:
    stage, supply, _ = _stage(at)
    stage.window.show_clients((_client(stage, "rnd-142"),))
    supply.open("groups")
    supply.groups.select(1)
    stage.lose(38, next_try=4)
    return stage.window


def _availability(at: Set) -> QWidget:
    stage, _, clients = _stage(at)
    dialog = clients.ask_rules([_client(stage, label) for label in ("ws-mbrandt", "ws-jlee", "ws-aokafor")])
    assert dialog is not None
    settle()
    return dialog


def _confirm(action: str, *labels: str) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage, _, _ = _stage(at)
        dialog = stage.window.confirm(
            stage.session.actions.consequence(action, [_client(stage, label) for label in labels])
        )
        settle()
        return dialog

    return play


def _folders(empty: bool) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage, _, _ = _stage(at)
        part = stage.window.findChild(FoldersPart)
        assert part is not None
        window = part.open()
        window.show_folders(() if empty else _FOLDERS)
        if not empty:
            window.rows.setCurrentIndex(window.table.index(1, 0))
        settle()
        return window

    return play


_FOLDERS: Final = (
    Folder("HQROOT", "/mnt/hq", "/Volumes/hq", "\\\\nas01\\hq", "H:"),
    Folder("SHOTS", "/mnt/shots", "/Volumes/shots", "\\\\nas02\\shots", "S:"),
)


CARE: Final = (
    Scene("client", "A client in the inspector", _client_scene("rnd-141")),
    Scene("client-workstation", "A workstation that waits for its hours", _client_scene("ws-mbrandt")),
    Scene("client-offline", "A client that is offline", _client_scene("rnd-143")),
    Scene("client-week", "The week of a client", _client_scene("ws-jlee", ClientTab.AVAILABILITY)),
    Scene("client-jobs", "The jobs that ran on a client", _client_scene("rnd-142", ClientTab.JOBS)),
    Scene("client-errors", "The errors of a client's agent", _client_scene("rnd-142", ClientTab.ERRORS)),
    Scene("groups", "Groups, and the clients of one", _groups(1)),
    Scene("groups-all", "All clients beside the groups", _groups(EVERYBODY)),
    Scene("groups-none", "Clients that are in no group", _groups(NOBODYS)),
    Scene("groups-empty", "A farm without groups", _groups_empty),
    Scene("group-empty", "A group without clients", _group_without_clients),
    Scene("groups-many", "200 groups", _many_groups),
    Scene("groups-stale", "Groups while the server is lost", _stale_groups),
    Scene("menu-group", "The menu of a group", _group_menu),
    Scene("menu-groups", "Groups of the selected clients", _groups_submenu),
    Scene("new-group", "A new group is named", _new_group),
    Scene("resources", "Resources, and who holds one", _resources(1)),
    Scene("resources-machines", "A resource that is counted per machine", _resources(3)),
    Scene("resources-unselected", "No resource selected", _resources(None)),
    Scene("resources-empty", "A farm without resources", _no_resources),
    Scene("resources-many", "1,000 resources", _many_resources),
    Scene("new-resource", "A new resource is described", _new_resource),
    Scene("availability", "The week of several clients", _availability),
    Scene("folders", "Network folders", _folders(empty=False)),
    Scene("folders-empty", "No network folders", _folders(empty=True)),
    Scene("confirm-terminate", "Asked before clients leave", _confirm("terminate_client", "rnd-141", "ws-jlee")),
    Scene("confirm-remove", "Asked before clients are forgotten", _confirm("remove_client", "rnd-143")),
)
