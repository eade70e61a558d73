"""Wrangler's window on one farm: it puts the parts together, passes on what they want and shows what is new.

It knows no network. What needs a coroutine leaves by a signal (`hqgui.errands` listens); what came back enters by a
method. A window has one session for its whole life; another farm is another window.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow

from hqgui.actions import Consequence, Kind, Outcome
from hqgui.feed_state import FeedState, Phase
from hqgui.models.formats import address_text
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.search import Hit, HitKind
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.asking import Asking
from hqgui.views.banners import Banner
from hqgui.views.clients_panel import ClientsPanel
from hqgui.views.commands import Commands
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.connection_display import ConnectionDisplay
from hqgui.views.empty_states import Emptiness
from hqgui.views.filter_row import FilterRow
from hqgui.views.finding import Finding
from hqgui.views.inspector import Inspector, Tab
from hqgui.views.job_tree import JobTreeView
from hqgui.views.layout_memory import LayoutMemory
from hqgui.views.menus import NAVIGATION, SINGLE_LETTERS, ViewMenu, farms_menu
from hqgui.views.navigation import Navigation, Way
from hqgui.views.omnibox import Omnibox
from hqgui.views.panes import Panes
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.leaving import QUIT_KEY, QUIT_NAME, close_below, quit_program
from hqgui.views.status_bar import StatusBar, selection_words
from hqgui.views.strips import Strips
from hqgui.views.summary_strip import SummaryStrip
from hqgui.views.telling import Telling
from hqgui.views.toolbar import Toolbar
from hqgui.views.window_layout import build_docks, build_middle
from hqgui.views.window_menus import WindowMenus
from hqgui.words import translate

if TYPE_CHECKING:
    from hqserver.wire.filter_completion import Completion
    from hqserver.wire.filter_text import FilterError

COMMANDS_AFTER_MS = 400
_NOT_POLLED: Final = frozenset({"submittedBy"})
"""Columns of which a server without our extensions tells nothing."""


class MainWindow(QMainWindow):
    """The window."""

    action_wanted = Signal(str, object)
    """An action and the ids that it is for."""
    inspector_wanted = Signal()
    """The inspector of jobs should be seen: somebody asked for a job or for one of its tabs."""
    deed_wanted = Signal(str, object, object)
    """An action, the ids that it is for, and what somebody chose or typed for it."""
    priority_wanted = Signal(object, int)
    undo_wanted = Signal()
    farm_wanted = Signal(str)
    """Another farm; empty: ask which."""
    refresh_wanted = Signal()
    closed = Signal()

    def __init__(self, session: Session, settings: Settings, moving: bool = True) -> None:
        super().__init__()
        self.setObjectName("wrangler")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session = session
        self.settings = settings
        self.moving = moving
        """Whether anything may be animated."""
        self.is_open = True
        """Whether it is still there for news."""
        self.tree = JobTreeView()
        self.tree.show_tree(session.tree)
        self.clients = ClientsPanel(session.clients, session.link.url)
        self.inspector = Inspector(session)
        self.commands = Commands(session.actions, self.tree.selected_ids, self.clients.rows.selected_ids, self)
        self.asking = Asking(self.tree, session.farm.jobs, self)
        self.strip = SummaryStrip()
        self.filters = FilterRow(self.tree.columns_menu, self._misunderstood, self._offers, settings)
        self.banner = Banner(moving)
        self.status = StatusBar()
        self.navigation = self._navigation()
        self.menus = self._menus()
        self.toolbar = Toolbar(self.commands.toolbar, self.commands.priority, self.menus.main, self.menus.farms, self)
        self.inspector_dock, self.lower_dock = build_docks(self)
        docks = {"inspector": (self.inspector_dock, "F9"), "lower_panel": (self.lower_dock, "Shift+F9")}
        self.menus.add_docks(docks, self.reset_layout)
        self.panes = Panes(self.tree, self.inspector, self.lower_dock, self.filters)
        build_middle(self)
        self.status.be_last(self.toolbar.menu_button)
        self.emptiness = Emptiness(self.tree.viewport(), session.link.url)
        self.connection = ConnectionDisplay(
            session, self.toolbar, self.banner, self.filters, self.status, self.emptiness, self
        )
        self.strips = Strips(self.tree, moving)
        self.telling = Telling(self.strips, self.toolbar.bell, session.now, self)
        self.finding = self._finding()
        self.omnibox = Omnibox(self.finding.find, self)
        self.ring = FocusRing(self)
        self._quiet_commands = QTimer(self, singleShot=True, interval=COMMANDS_AFTER_MS)
        self._second = QTimer(self, interval=1000)
        self._connect()
        self.memory = LayoutMemory(self, settings)
        self.memory.restore()
        self.show_feed(session.feed.state)
        self.refresh()
        self.filters.show_filter(session.tree.filter)
        self._selection_moved()
        self.tree.setFocus()
        self._second.start()

    # Building

    def _navigation(self) -> Navigation:
        acts: dict[str, Callable[[], object]] = {
            "omnibox": self.open_omnibox,
            "filter": lambda: self.filters.field.edit.setFocus(Qt.FocusReason.ShortcutFocusReason),
            "output": lambda: self.open_tab(Tab.OUTPUT),
            "overview": lambda: self.open_tab(Tab.OVERVIEW),
            "history": lambda: self.open_tab(Tab.HISTORY),
            "find": lambda: self.panes.find(self.focusWidget()),
            "next_failed": self.tree.go_to_failed,
            "previous_failed": lambda: self.tree.go_to_failed(backwards=True),
            "next_pane": lambda: self.panes.walk(1),
            "previous_pane": lambda: self.panes.walk(-1),
        }
        made = Navigation(self, self.tree)
        for name, words, key, menu in NAVIGATION:
            made.add(Way(name, translate("Menus", words), key, acts[name], name in SINGLE_LETTERS, menu))
        return made

    def _menus(self) -> WindowMenus:
        self.commands.give_to(self.tree, Kind.JOBS)
        self.commands.give_to(self.clients.rows, Kind.CLIENTS)
        self.addActions(self.commands.in_window())
        for place, chip in enumerate(Chip):
            words = self.tr("Filter {n}").replace("{n}", chip.value)
            act = partial(self.filters.click_chip, place)
            self.navigation.add(Way(f"chip_{chip.value}", words, f"Ctrl+{place + 1}", act))
        view = ViewMenu(self.settings, self.session.tree.set_folding, self)
        settings = self.settings
        farms = farms_menu(
            lambda: list(settings.value("farm/recent")),
            self.session.link.url,
            self.farm_wanted.emit,
            self,
            lambda url: f"{settings.farm_title(url)}  ({address_text(url)})",
        )
        add = self.navigation.add
        undo = add(Way("undo", self.tr("Undo"), "Ctrl+Z", self.undo_wanted.emit))
        add(Way("refresh", self.tr("Refresh now"), "F5", self.refresh_wanted.emit, menu="program"))
        add(Way(QUIT_NAME, self.tr("Quit"), QUIT_KEY, quit_program, menu="program"))
        return WindowMenus(self.commands, self.navigation, view, farms, undo, self)

    def _finding(self) -> Finding:
        found = Finding(self.session.farm, self.commands, self.navigation)
        found.add(HitKind.JOB, lambda hit: self._take_job(int(hit.key)))
        found.add(HitKind.CLIENT, lambda hit: self.show_clients((int(hit.key),)))
        return found

    def _connect(self) -> None:
        session, tree, inspector = self.session, self.tree, self.inspector
        # What outlives the window is connected to its methods; the connection of a lambda would not end with it.
        session.flushed.connect(self._flushed)
        session.feed.state_changed.connect(self.show_feed)
        session.tree.priority_edited.connect(self.asking.priority_typed)
        self.commands.wanted.connect(self.asking.ask)
        self.asking.action_wanted.connect(self.action_wanted)
        self.asking.priority_wanted.connect(self.priority_wanted)
        self.filters.filter_wanted.connect(self._set_filter)
        self.filters.views.changed.connect(self.telling.offer_undo)
        self.filters.field.left.connect(tree.setFocus)
        self.filters.field.submitted.connect(lambda _: tree.setFocus())
        tree.selection_moved.connect(self._selection_moved)
        tree.output_wanted.connect(self._show_output)
        tree.overview_wanted.connect(lambda _: self.open_tab(Tab.OVERVIEW))
        tree.menu_wanted.connect(self._open_job_menu)
        inspector.job_wanted.connect(self.go_to_job)
        inspector.copy_wanted.connect(self.copy)
        inspector.clients_wanted.connect(self.show_clients)
        inspector.retry_wanted.connect(lambda job: self.action_wanted.emit("retry_failed", (job,)))
        inspector.output.left.connect(tree.setFocus)
        self.clients.rows.selection_moved.connect(self.commands.refresh_soon)
        self.clients.rows.menu_wanted.connect(self._open_client_menu)
        self.strip.clients_wanted.connect(self._show_clients_in)
        self.strip.jobs_wanted.connect(self._show_jobs_in)
        self.toolbar.omnibox_wanted.connect(self.open_omnibox)
        self.omnibox.chosen.connect(self.finding.take)
        self.telling.undo_wanted.connect(self.undo_wanted)
        self.undo_wanted.connect(self.telling.withdraw_undo)
        self.telling.job_wanted.connect(self.go_to_job)
        self.connection.copy_wanted.connect(self.copy)
        self.banner.pressed.connect(self.refresh_wanted)
        self.emptiness.clear_wanted.connect(lambda: self._set_filter(JobFilter(frozenset({Chip.ALL}))))
        self.emptiness.copy_wanted.connect(self.copy)
        self._quiet_commands.timeout.connect(self.commands.refresh)
        self._second.timeout.connect(self._tick)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setMinimumSize(look().px(850), look().px(500))

    # What is new

    def refresh(self) -> None:
        """Show what the stores hold now."""
        known = self.session.knows_farm
        self.filters.show_counts(self.session.tree.chip_counts() if known else {})
        self.strip.show_facts(self.session.summary.read() if known else None)
        self.inspector.refresh()
        self._show_clients_count()
        self.connection.show_emptiness()
        if not self._quiet_commands.isActive():
            self._quiet_commands.start()

    def show_feed(self, state: FeedState) -> None:
        """Show how the connection stands."""
        self.setWindowTitle(self.tr("{farm} – Wrangler").replace("{farm}", self.session.farm_name))
        self.clients.loading = state.phase in (Phase.IDLE, Phase.CONNECTING, Phase.LOADING)
        stale = state.phase is Phase.RECONNECTING
        for part in (self.tree, self.clients.rows, self.inspector, self.strip):
            part.set_stale(stale)
        self.tree.set_absent(_NOT_POLLED if state.plain else frozenset())
        if state.phase is Phase.LIVE:
            self.strips.server_is_back()
        self.commands.refresh_soon()
        self.connection.show()
        self.refresh()
        self._tick()

    def _show_clients_count(self) -> None:
        self.clients.refresh(self._chosen_jobs())
        self.lower_dock.show_count("clients", self.clients.total() if self.session.knows_farm else "")

    @Slot(object)
    def _flushed(self, _changes: object) -> None:
        self.refresh()

    def _tick(self) -> None:
        """What changes with the time alone."""
        self.connection.tick()
        self.session.tree.tick()
        self._show_selection()
        self.inspector.refresh()

    # Selection

    def _chosen_jobs(self) -> tuple[int, ...]:
        return self.tree.selected_ids()

    def _selection_moved(self) -> None:
        chosen = self._chosen_jobs()
        self.toolbar.show_selected(len(chosen))
        self.inspector.follow(self.tree.current_id() if chosen else None)
        self.clients.follow_jobs(chosen)
        self.commands.refresh_soon()
        self._show_selection()

    def _show_selection(self) -> None:
        if self.session.feed.state.phase is not Phase.RECONNECTING:
            self.status.show_left(selection_words(self.session.farm.jobs, self._chosen_jobs()))

    def go_to_job(self, job: int) -> None:
        """Show a job in the tree and in the inspector, even if filters hide it."""
        if not self.tree.go_to_job(job):
            self._set_filter(JobFilter(frozenset({Chip.ALL})))
            self.tree.go_to_job(job)
        self.inspector.show_job(job)

    def _take_job(self, job: int) -> None:
        self.go_to_job(job)
        self.tree.setFocus()

    def _misunderstood(self, text: str) -> FilterError | None:
        from hqgui.models.job_finding import misunderstood  # the filter language is loaded when somebody filters

        return misunderstood(text, self.session.farm.jobs)

    def _offers(self, text: str, cursor: int) -> Completion:
        from hqgui.models.filter_offers import offers  # as above

        return offers(text, cursor, self.session.farm)

    def _set_filter(self, wanted: JobFilter) -> None:
        self.session.tree.set_filter(wanted)
        self.filters.show_filter(wanted)
        self.settings.set("filter/chips", sorted(chip.value for chip in wanted.chips))
        self.connection.show_emptiness()

    # Ways

    def add_way(self, way: Way) -> QAction:
        """A way more: its key works at once, the omnibox finds it, and the menu that it names lists it."""
        return self.menus.add_way(way)

    def add_finder(self, find: Callable[[str], list[Hit]], take: Callable[[Hit], object], kind: HitKind) -> None:
        """Something more that the omnibox finds; `take` is called with what was chosen."""
        self.finding.add_finder(find)
        self.finding.add(kind, take)

    def add_asker(self, name: str, ask: Callable[[tuple[int, ...]], object]) -> None:
        """What asks for the value of an action that needs one; it emits `deed_wanted` when it has it."""
        self.asking.add(name, ask)

    def open_omnibox(self) -> None:
        """Search everything."""
        self.omnibox.open_over(self.toolbar.omnibox)

    def open_tab(self, tab: int) -> None:
        """Open a tab of the inspector, and the inspector if it is hidden."""
        self.inspector_dock.show()
        self.inspector.open_tab(tab)
        self.inspector_wanted.emit()

    def reset_layout(self) -> None:
        """Both docks seen, where and as large as at first."""
        self.telling.offer_undo(self.tr("The layout is as at first."), self.memory.reset())

    def _show_output(self, job: int) -> None:
        self.inspector.show_job(job)
        self.open_tab(Tab.OUTPUT)

    def show_clients(self, clients: tuple[int, ...]) -> None:
        """Show clients in their table, selected."""
        self.lower_dock.open_panel("clients")
        self.clients.select(clients)

    def _show_clients_in(self, status: str) -> None:
        from hqgui.models.clients import ClientFilter
        from hqgui.models.status_words import client_label

        self.lower_dock.open_panel("clients")
        words = client_label(status).lower() if status else ""
        self.clients.show_filter(ClientFilter(text=words, job_ids=self._chosen_jobs()))

    def _show_jobs_in(self, status: str) -> None:
        self._set_filter(JobFilter(frozenset({Chip.ALL}), f"status:{status}") if status else JobFilter())

    def _open_job_menu(self, place: QPoint) -> None:
        self.tree.popup(self.menus.of_jobs(), place)

    def _open_client_menu(self, place: QPoint) -> None:
        self.clients.rows.popup(self.menus.of_clients(), place)

    # Actions

    def confirm(self, consequence: Consequence) -> ConfirmDialog:
        """Ask; the dialog is open and its `finished` tells the answer."""
        dialog = ConfirmDialog(consequence, self)
        dialog.open()
        return dialog

    def tell(self, outcome: Outcome) -> None:
        """Show what became of an action."""
        self.telling.tell(outcome)

    def tell_failure(self, what: str, error: BaseException) -> None:
        """Say that the program itself failed at something; the log has the rest."""
        self.telling.failure(what, error)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, and say so."""
        self.telling.copy(text)

    # The window itself

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        if hasattr(self, "strips"):
            self.strips.place()

    def changeEvent(self, event: QEvent) -> None:
        """A state changed: the selection's colour depends on who has the keyboard."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.tree.viewport().update()

    def closeEvent(self, event: QCloseEvent) -> None:
        """It closes: what is remembered is written. Its other windows go first; one that would lose something asks."""
        if not close_below(self, self.close):
            event.ignore()
            return
        self.is_open = False
        self.memory.save()
        self._second.stop()
        self.closed.emit()
        super().closeEvent(event)
