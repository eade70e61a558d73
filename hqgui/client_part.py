"""Clients beyond their table: an inspector, what actions on them ask, ways between them and their jobs.

The inspector at the right follows the pane that has the keyboard: a table of clients shows a client, the tree a job.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QObject, QPoint

from hqgui.actions import Kind
from hqgui.client_minding import ClientMinding
from hqgui.feed_state import Phase
from hqgui.models.client_cells import label
from hqgui.models.client_facts import client_facts
from hqgui.models.clients import ClientChip, ClientFilter
from hqgui.models.farm import FarmChanges
from hqgui.models.formats import one_line
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.standing import local_time, rules_of_row
from hqgui.models.thread_subject import Target
from hqgui.models.week import read_week
from hqgui.noting import Noting
from hqgui.session import Session
from hqgui.views.care.availability_editor import AvailabilityDialog
from hqgui.views.care.client_inspector import ClientInspector, ClientTab
from hqgui.views.care.side import Side
from hqgui.views.clients_panel import ClientRows
from hqgui.views.inspector import Tab
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.parts.ask_popup import Ask, AskPopup
from hqgui.views.parts.menu import Menu, plain
from hqgui.words import counted, translate

LONGEST_DESCRIPTION: Final = 1000
_NO_MORE: Final = 40
"""Groups that a menu lists; the panel has all of them."""


class ClientPart(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        actions = window.commands.actions
        self.inspector = ClientInspector(actions["enable_client"], actions["disable_client"], actions["wake_client"])
        self.side = Side(window.inspector_dock, self.inspector, self.inspector.path)
        self.minding = ClientMinding(session, self.inspector, self)
        self._tables: list[ClientRows] = []
        self.follow(window.clients.rows)
        self._add_ways()
        self._add_askers()
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        window, inspector, session = self._window, self.inspector, self._session
        session.flushed.connect(self._flushed)
        session.feed.state_changed.connect(self._state_changed)
        window.closed.connect(self.minding.stop)
        window.refresh_wanted.connect(self.minding.ask_again)
        window.inspector.tab_changed.connect(lambda _tab: self.side.show_first())
        window.inspector_wanted.connect(self.side.show_first)
        window.tree.selection_moved.connect(self._tree_used)
        window.clients.rows.jobs_wanted.connect(self.open_jobs)
        window.lower_dock.panel_opened.connect(lambda _name: self._show_number())
        QCoreApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]
        inspector.path.back_wanted.connect(self._back)
        inspector.copy_wanted.connect(window.copy)
        inspector.job_wanted.connect(self._go_to_job)
        inspector.output_wanted.connect(self._show_output)
        inspector.rules_wanted.connect(lambda client, rules: window.deed_wanted.emit("set_rules", (client,), rules))
        inspector.disable_wanted.connect(lambda client: window.action_wanted.emit("disable_client", (client,)))
        inspector.described.connect(lambda client, text: window.deed_wanted.emit("describe_client", (client,), text))
        inspector.head.menu_wanted.connect(self._open_menu)
        inspector.overview.groups_menu_wanted.connect(self._open_groups_menu)
        inspector.overview.notes_wanted.connect(self._open_notes)
        inspector.overview.jobs_wanted.connect(lambda: self.show_jobs_on(self.inspector.client))

    def follow(self, rows: ClientRows) -> None:
        """One more table of clients whose current row the inspector shows."""
        self._tables.append(rows)
        rows.selection_moved.connect(lambda: self._client_chosen(rows))
        rows.selection_moved.connect(self._window.commands.refresh_soon)

    # Which one is shown

    def _focus_moved(self, _old: object, new: object) -> None:
        if new is self._window.tree:
            self.side.show_first()
        elif isinstance(new, ClientRows) and new in self._tables and new.current_id() is not None:
            self._client_chosen(new)

    def _tree_used(self) -> None:
        if self._window.tree.hasFocus():
            self.side.show_first()

    def _client_chosen(self, rows: ClientRows) -> None:
        client = rows.current_id()
        if client is not None and rows.selected_ids() and rows.isVisible():
            self.show_client(client)

    def show_client(self, client: int) -> None:
        """Show a client in the inspector."""
        self.inspector.show_client(client, client_facts(self._session.farm, client, self._session.picture_time()))
        self._show_number()
        self.side.show_other()

    def _show_number(self) -> None:
        self.inspector.head.show_selected(len(self.chosen()))

    def _back(self) -> None:
        self.side.show_first()
        self._window.tree.setFocus()

    # What is new

    def _flushed(self, changes: FarmChanges) -> None:
        client = self.inspector.client
        if self.side.shows_other() or (client is not None and client in changes.clients.changed):
            self.refresh()

    def _state_changed(self, _state: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Bring the inspector up to date."""
        client = self.inspector.client
        state = self._session.feed.state
        self.inspector.set_stale(state.phase is Phase.RECONNECTING)
        gone = translate("Actions", "The server is out of reach. Actions wait until it is back.")
        self.inspector.set_why_not("" if self._session.actions.connected else gone)
        if client is not None:
            now = self._session.picture_time()
            self.inspector.show_client(client, client_facts(self._session.farm, client, now))
            self.inspector.errors.tick(now)
            self._show_number()

    # Ways

    def _add_ways(self) -> None:
        add = self._window.add_way
        words = translate("Menus", "Jobs on this client")
        add(Way("jobs_on_client", words, "", lambda: self.show_jobs_on(self._client()), menu="clients"))
        words = translate("Menus", "Output of what it runs")
        add(Way("client_output", words, "", self._output_of_client, menu="clients"))
        words = translate("Menus", "Errors of its agent")
        add(Way("client_errors", words, "", lambda: self._open_client_tab(ClientTab.ERRORS), menu="clients"))
        words = translate("Menus", "Clients of this job")
        add(Way("clients_of_job", words, "", self.show_clients_of_job, menu="jobs"))
        words = translate("Menus", "Blocked clients of this job")
        add(Way("blocked_clients", words, "", self.show_blocked, menu="jobs"))
        words = translate("Menus", "Server errors")
        add(Way("server_errors", words, "", self._window.status.errors_wanted.emit, menu="farm"))

    def _client(self) -> int | None:
        chosen, shown = self.chosen(), self.inspector.client
        return chosen[0] if chosen and shown not in chosen else shown

    def chosen(self) -> tuple[int, ...]:
        """The clients that are selected in the table that is seen."""
        for rows in self._tables:
            if rows.isVisible() and rows.selected_ids():
                return rows.selected_ids()
        shown = self.inspector.client
        return (shown,) if shown is not None and self.side.shows_other() else ()

    def open_jobs(self, client: int) -> None:
        """Go to what a client runs; of one that runs nothing, to what it ran."""
        row = self._session.farm.clients.get(client)
        if row is None:
            return
        if row["runningJobs"]:
            self._window.go_to_job(int(row["runningJobs"][0]))
        else:
            self.show_client(client)
            self._window.inspector_dock.show()
            self.inspector.open_tab(ClientTab.JOBS)

    def show_jobs_on(self, client: int | None) -> None:
        """Filter the tree for what runs or ran on a client."""
        row = None if client is None else self._session.farm.clients.get(client)
        if row is None:
            return
        text = f'on:"{label(row)}"' if " " in label(row) else f"on:{label(row)}"
        self._window.filters.show_filter(JobFilter(frozenset({Chip.ALL}), text))
        self._window.filters.filter_wanted.emit(JobFilter(frozenset({Chip.ALL}), text))
        self._window.tree.setFocus()

    def _open_notes(self) -> None:
        noting, client = self._window.findChild(Noting), self.inspector.client
        if noting is not None and client is not None:
            noting.open_target(Target(client=client), write=False)

    def _output_of_client(self) -> None:
        client = self._client()
        row = None if client is None else self._session.farm.clients.get(client)
        if row is not None and row["runningJobs"]:
            self._show_output(row["runningJobs"][0])

    def _open_client_tab(self, tab: ClientTab) -> None:
        client = self._client()
        if client is not None:
            self.show_client(client)
            self._window.inspector_dock.show()
            self.inspector.open_tab(tab)

    def show_clients_of_job(self) -> None:
        """The clients at work on the selected jobs."""
        self._window.lower_dock.open_panel("clients")
        jobs = self._window.tree.selected_ids()
        self._window.clients.show_filter(ClientFilter(ClientChip.SELECTED_JOB, job_ids=jobs))
        self._window.clients.rows.setFocus()

    def show_blocked(self) -> None:
        """Select the clients that get no more of the selected jobs' families."""
        from hqgui.actions.job_deeds import blocked_of

        farm = self._session.farm
        found = dict.fromkeys(one for job in self._window.tree.selected_ids() for one in blocked_of(farm, job))
        there = [client for client in found if client in farm.clients]
        if not there:
            from hqgui.actions import Outcome

            self._window.tell(Outcome(translate("Outcome", "No client is blocked for it.")))
            return
        self._window.lower_dock.open_panel("clients")
        self._window.clients.select(there)

    def _go_to_job(self, job: int) -> None:
        self._window.go_to_job(job)
        self.side.show_first()
        self._window.tree.setFocus()

    def _show_output(self, job: int) -> None:
        self._window.go_to_job(job)
        self._window.open_tab(Tab.OUTPUT)

    # Questions

    def _add_askers(self) -> None:
        self._window.add_asker("describe_client", self.ask_description)
        self._window.add_asker("set_rules", self.ask_rules)
        self._window.add_asker("new_group", self.ask_group)
        self._window.add_asker("add_to_group", lambda _ids: self._open_groups_menu())
        self._window.add_asker("remove_from_group", lambda _ids: self._open_groups_menu())
        self._window.commands.fill_submenu("Groups", self.fill_groups)

    def _place(self) -> QPoint:
        """Where something about the selected clients opens."""
        for rows in self._tables:
            if rows.isVisible():
                rect = rows.visualRect(rows.currentIndex())
                inside = rows.viewport().rect().contains(rect.bottomLeft()) and rect.isValid()
                return rows.viewport().mapToGlobal(rect.bottomLeft() + QPoint(24, 0) if inside else QPoint(24, 24))
        return self._window.mapToGlobal(QPoint(200, 200))

    def ask_description(self, clients: Sequence[int]) -> None:
        """Ask for the description of clients."""
        rows = [row for one in clients if (row := self._session.farm.clients.get(one)) is not None]
        if not rows:
            return
        texts = {row["description"] for row in rows}
        title = (
            translate("Clients", "Describe {name}").replace("{name}", one_line(label(rows[0]), 60))
            if len(rows) == 1
            else counted(len(rows), "", translate("Clients", "Describe {n} clients"))
        )
        various = translate("Clients", "(various)") if len(texts) > 1 else ""
        ask = Ask(translate("Clients", "Description"), texts.pop() if len(texts) == 1 else "", various)
        popup = AskPopup(title, [ask], translate("Clients", "Save"), _too_long, self._window)
        popup.taken.connect(lambda values: self._window.deed_wanted.emit("describe_client", tuple(clients), values[0]))
        popup.open_at(self._place())

    def ask_rules(self, clients: Sequence[int]) -> AvailabilityDialog | None:
        """Ask for the week of clients."""
        session, window = self._session, self._window
        rows = [row for one in clients if (row := session.farm.clients.get(one)) is not None]
        if not rows:
            return None
        several = len(rows) > 1
        names = ", ".join(one_line(label(row), 60) for row in rows)
        one, many = translate("Clients", "Availability of {name}"), translate("Clients", "Availability of {n} clients")
        title = counted(len(rows), "", many) if several else one.replace("{name}", names)
        dialog = AvailabilityDialog(title, names if several else "", window)
        first = rules_of_row(rows[0]) or ()
        dialog.editor.show_rules(read_week(first), first, len(rows))
        if any((rules_of_row(row) or ()) != first for row in rows[1:]):
            words = translate("Clients", "Their weeks differ. This is that of {name}; saved, it is that of all.")
            dialog.editor.show_differing(words.replace("{name}", one_line(label(rows[0]), 60)))
        if not several:
            row = rows[0]
            dialog.editor.show_moment(lambda: (local_time(row, session.now()), int(row["idleTime"])))
        ids = tuple(row["id"] for row in rows)
        dialog.editor.save_wanted.connect(lambda rules: window.deed_wanted.emit("set_rules", ids, rules))
        dialog.editor.disable_wanted.connect(lambda: window.action_wanted.emit("disable_client", ids))
        dialog.open()
        return dialog

    def ask_group(self, clients: Sequence[int]) -> None:
        """Ask for the name of a new group, which gets these clients."""
        one = translate("Groups", "New group with {n} client")
        many = translate("Groups", "New group with {n} clients")
        title = counted(len(clients), one, many) if clients else translate("Groups", "New group")
        names = {str(row["name"]) for row in self._session.farm.groups.values()}
        ask = Ask(translate("Groups", "Name"), "")
        popup = AskPopup(
            title, [ask], translate("Groups", "Create"), lambda values: name_fault(values[0], names), self._window
        )
        popup.taken.connect(lambda values: self._window.deed_wanted.emit("new_group", tuple(clients), values[0]))
        popup.open_at(self._place())

    # Menus

    def _open_menu(self) -> None:
        menu = self._window.menus.of_clients()
        menu.aboutToHide.connect(menu.deleteLater)
        button = self.inspector.head.more
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def _open_groups_menu(self) -> None:
        menu = Menu("", self._window)
        self.fill_groups(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        shown = self.inspector.overview.groups.change
        at_link = self.side.shows_other() and shown.isVisible()
        menu.popup(shown.mapToGlobal(QPoint(0, shown.height())) if at_link else self._place())

    def fill_groups(self, menu: Menu) -> None:
        """The groups, checked where all of the selected clients are in."""
        farm, clients = self._session.farm, self.chosen()
        rows = [row for one in clients if (row := farm.clients.get(one)) is not None]
        why = self._session.actions.why_not("add_to_group", clients)
        groups = sorted(farm.groups.values(), key=lambda row: str(row["name"]).casefold())[:_NO_MORE]
        for group in groups:
            within = sum(group["id"] in row["groups"] for row in rows)
            some = translate("Groups", "{name}  ({n} of {m})").format(name=group["name"], n=within, m=len(rows))
            action = menu.addAction(plain(some if 0 < within < len(rows) else str(group["name"])))
            action.setCheckable(True)
            action.setChecked(bool(rows) and within == len(rows))
            action.setEnabled(not why)
            action.triggered.connect(self._setter(group["id"], within < len(rows), clients))
        if groups:
            menu.addSeparator()
        menu.addAction(self._window.commands.actions["new_group"])

    def _setter(self, group: int, member: bool, clients: tuple[int, ...]) -> Any:
        name = "add_to_group" if member else "remove_from_group"
        return lambda _on=False: self._window.deed_wanted.emit(name, clients, group)


def _too_long(values: tuple[Any, ...]) -> str:
    if len(values[0]) > LONGEST_DESCRIPTION:
        return translate("Clients", "At most {n} characters.").replace("{n}", str(LONGEST_DESCRIPTION))
    return ""


def name_fault(name: str, taken: set[str]) -> str:
    """What is wrong with a name for something new; empty when nothing is."""
    if not name:
        return " "
    if name in taken:
        return translate("Groups", "There is one of this name already.")
    if "," in name or ";" in name:
        return translate("Groups", "A name has no commas: conditions put them between names.")
    return ""


def add_clients(session: Session, window: MainWindow) -> ClientPart:
    """The part."""
    part = ClientPart(session, window)
    window.commands.choose_from(Kind.CLIENTS, part.chosen)
    return part
