"""The panels of groups and resources: their models follow the session, their actions ask what they need."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QDragMoveEvent

from hqgui.actions import Kind
from hqgui.actions.supply_deeds import NewResource
from hqgui.client_part import ClientPart, name_fault
from hqgui.feed_state import Phase
from hqgui.models.client_drag import clients_in
from hqgui.models.clients import ClientTable
from hqgui.models.farm import FarmChanges
from hqgui.models.group_table import GroupTable
from hqgui.models.resource_table import ResourceTable
from hqgui.session import Session
from hqgui.views.care.groups_panel import GroupsPanel
from hqgui.views.care.resources_panel import ResourcesPanel
from hqgui.views.commands import GROUP_MENU, RESOURCE_MENU
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.parts.ask_popup import Ask, AskPopup
from hqgui.views.parts.leading import give_keyboard
from hqgui.views.parts.menu import Menu
from hqgui.words import translate

SPRING_MS = 400
"""So long dragged clients rest on a tab until it opens."""


class SupplyPart(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow, clients: ClientPart) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        farm = session.farm
        self.group_table = GroupTable(farm, self)
        self.members = ClientTable(farm.clients, farm.jobs, farm.groups, session.picture_time, self)
        self.resource_table = ResourceTable(farm, session.picture_time, self)
        self._take_all()
        self.groups = GroupsPanel(self.group_table, self.members)
        self.resources = ResourcesPanel(self.resource_table)
        dock = window.lower_dock
        dock.add_panel("groups", self.tr("Groups"), self.groups, self.groups.bar)
        dock.add_panel("resources", self.tr("Resources"), self.resources, self.resources.bar)
        clients.follow(self.groups.members)
        window.memory.keep("groups/header", self.groups.groups)
        window.memory.keep("members/header", self.groups.members)
        window.memory.keep("resources/header", self.resources.rows)
        SpringTabs(window)
        self._offer()
        self._connect(clients)
        self.refresh()

    def _take_all(self) -> None:
        from hqgui.models.client_store import ClientChanges

        everything = FarmChanges(
            clients=ClientChanges(changed=set(self._session.farm.clients.rows)),
            kinds=frozenset({"groups", "resources"}),
        )
        self._apply(everything)

    def _apply(self, changes: FarmChanges) -> None:
        self.group_table.apply(changes)
        self.members.apply(changes.clients)
        self.resource_table.apply(changes)

    def _offer(self) -> None:
        """Actions, their keys and their menus."""
        commands, window = self._window.commands, self._window
        commands.choose_from(Kind.GROUPS, self.groups.selected_groups)
        commands.choose_from(Kind.RESOURCES, self.resources.rows.selected_ids)
        commands.give_to(self.groups.groups, Kind.GROUPS)
        commands.give_to(self.groups.members, Kind.CLIENTS)
        commands.give_to(self.resources.rows, Kind.RESOURCES)
        window.add_asker("rename_group", self.ask_name)
        window.add_asker("create_resource", lambda _ids: self.ask_resource())
        window.add_asker("set_amount", self.ask_amount)
        panels = (("clients", self.tr("Clients")), ("groups", self.tr("Groups")), ("resources", self.tr("Resources")))
        for name, words in panels:
            window.add_way(Way(f"panel_{name}", words, "", partial(self.open, name), menu="view"))

    def _connect(self, clients: ClientPart) -> None:
        session, window = self._session, self._window
        session.flushed.connect(self._flushed)
        session.feed.state_changed.connect(self._state_changed)
        groups, resources = self.groups, self.resources
        self.groups.groups.clients_dropped.connect(
            lambda group, ids: window.deed_wanted.emit("add_to_group", tuple(ids), group)
        )
        for rows in (groups.groups, resources.rows):
            rows.selection_moved.connect(window.commands.refresh_soon)
        groups.groups.menu_wanted.connect(partial(self._open_groups_menu, clients))
        resources.rows.menu_wanted.connect(lambda place: resources.rows.popup(self._menu(RESOURCE_MENU), place))
        groups.members.menu_wanted.connect(self._open_members_menu)
        groups.members.jobs_wanted.connect(clients.open_jobs)
        groups.bar.new_wanted.connect(lambda: clients.ask_group(()))
        resources.bar.new_wanted.connect(self.ask_resource)
        resources.rows.activated.connect(lambda _index: resources.holders.rows.setFocus())
        resources.holders.job_wanted.connect(self._go_to_job)
        resources.holders.client_wanted.connect(lambda client: window.show_clients((client,)))
        clients.inspector.overview.group_wanted.connect(self.show_group)

    # What is new

    def _flushed(self, changes: FarmChanges) -> None:
        self._apply(changes)
        self.refresh()

    def _state_changed(self, _state: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Counts, and words when there is nothing."""
        phase = self._session.feed.state.phase
        for name, panel in (("groups", self.groups), ("resources", self.resources)):
            panel.loading = phase in (Phase.IDLE, Phase.CONNECTING, Phase.LOADING)
            panel.refresh()
            panel.set_stale(phase is Phase.RECONNECTING)
            self._window.lower_dock.show_count(name, panel.total() if self._session.knows_farm else "")

    # Ways

    def open(self, name: str) -> None:
        """Open a panel and give it the keyboard."""
        self._window.lower_dock.open_panel(name)
        give_keyboard(self._window.lower_dock.page, Qt.FocusReason.ShortcutFocusReason)

    def show_group(self, group: int) -> None:
        """Show a group in its panel."""
        self.open("groups")
        self.groups.select(group)

    def _go_to_job(self, job: int) -> None:
        self._window.go_to_job(job)
        self._window.tree.setFocus()

    # Menus

    def _menu(self, groups: tuple[tuple[str, ...], ...]) -> Menu:
        self._window.commands.refresh()
        menu = Menu("", self._window)
        self._window.commands.fill(menu, groups)
        return menu

    def _open_groups_menu(self, clients: ClientPart, place: QPoint) -> None:
        menu = self._menu(GROUP_MENU)
        wanted = set(self.groups.selected_groups())
        there = tuple(id_ for id_, row in self._session.farm.clients.rows.items() if wanted.intersection(row["groups"]))
        menu.addSeparator()
        week = menu.addAction(self.tr("Availability of its clients…"))
        week.setEnabled(bool(there) and not self._session.actions.why_not("set_rules", there))
        week.triggered.connect(lambda _on=False: clients.ask_rules(there))
        self.groups.groups.popup(menu, place)

    def _open_members_menu(self, place: QPoint) -> None:
        menu = self._window.menus.of_clients()
        group = self.groups.group
        if group > 0:
            clients = self.groups.members.selected_ids()
            name = self.group_table.rows[group].name
            words = self.tr("Remove from {group}").replace("{group}", name.replace("&", "&&"))
            first = menu.actions()[0]
            action = menu.addAction(words)
            menu.insertAction(first, action)
            action.setEnabled(not self._session.actions.why_not("remove_from_group", clients))
            action.triggered.connect(
                lambda _on=False: self._window.deed_wanted.emit("remove_from_group", clients, group)
            )
        self.groups.members.popup(menu, place)

    # Questions

    def ask_name(self, groups: Sequence[int]) -> None:
        """Ask for another name of a group."""
        row = self._session.farm.groups.get(groups[0]) if groups else None
        if row is None:
            return
        others = {str(one["name"]) for one in self._session.farm.groups.values()} - {str(row["name"])}
        title = translate("Groups", "Rename {name}").replace("{name}", str(row["name"]))
        ask = Ask(translate("Groups", "Name"), str(row["name"]))
        popup = AskPopup(
            title, [ask], translate("Groups", "Rename"), lambda values: name_fault(values[0], others), self._window
        )
        popup.taken.connect(lambda values: self._window.deed_wanted.emit("rename_group", (row["id"],), values[0]))
        popup.open_at(self.groups.groups.place_of_current())

    def ask_resource(self) -> None:
        """Ask what a new resource is called and how many there are."""
        names = {str(row.get("name")) for row in self._session.farm.resources.values()}
        asks = [
            Ask(translate("Resources", "Name"), ""),
            Ask(translate("Resources", "Amount"), 1),
            Ask(translate("Resources", "All jobs on a machine share one"), False),  # noqa: FBT003
        ]
        title, yes = translate("Resources", "New resource"), translate("Resources", "Create")
        popup = AskPopup(title, asks, yes, lambda values: name_fault(values[0], names), self._window)
        popup.taken.connect(lambda values: self._window.deed_wanted.emit("create_resource", (), NewResource(*values)))
        button = self.resources.bar.new
        visible = button.isVisible()
        place = button.mapToGlobal(QPoint(0, 0)) if visible else self._window.mapToGlobal(QPoint(200, 200))
        popup.open_at(place - QPoint(0, popup.sizeHint().height() + 4) if visible else place)

    def ask_amount(self, resources: Sequence[int]) -> None:
        """Ask how many there are of resources."""
        rows = [row for one in resources if (row := self._session.farm.resources.get(one)) is not None]
        if not rows:
            return
        used = max(int(row.get("inUse") or 0) for row in rows)
        name = str(rows[0]["name"]) if len(rows) == 1 else translate("Resources", "{n} resources").format(n=len(rows))
        title = translate("Resources", "Amount of {name}").replace("{name}", name)

        def fault(values: tuple[object, ...]) -> str:
            if not isinstance(values[0], int):
                return " "
            words = translate("Resources", "{n} are in use.").replace("{n}", str(used))
            return words if values[0] < used else ""

        ask = Ask(translate("Resources", "Amount"), int(rows[0].get("amount") or 0))
        popup = AskPopup(title, [ask], translate("Resources", "Save"), fault, self._window)
        ids = tuple(row["id"] for row in rows)
        popup.taken.connect(lambda values: self._window.deed_wanted.emit("set_amount", ids, values[0]))
        popup.open_at(self.resources.rows.place_of_current())


class SpringTabs(QObject):
    """Opens the groups when clients are dragged onto their tab and rest there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._tabs = window.lower_dock.bar.tabs
        self._place = -1
        self._timer = QTimer(self, singleShot=True, interval=SPRING_MS)
        self._timer.timeout.connect(self._open)
        self._tabs.setAcceptDrops(True)
        self._tabs.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch what is dragged over the tabs."""
        if event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            assert isinstance(event, QDragMoveEvent)
            if clients_in(event.mimeData()):
                event.acceptProposedAction()
                place = self._tabs.tabAt(event.position().toPoint())
                if place != self._place:
                    self._place = place
                    self._timer.start()
            return True
        if event.type() in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self._timer.stop()
            self._place = -1
        return False

    def _open(self) -> None:
        if self._place >= 0:
            self._tabs.setCurrentIndex(self._place)


def add_clients_and_supply(session: Session, window: MainWindow) -> SupplyPart:
    """The inspector of clients, groups and resources."""
    from hqgui.client_part import add_clients

    return SupplyPart(session, window, add_clients(session, window))
