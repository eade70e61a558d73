"""The part of a window that has to do with notes: the inspector's tab, the lower panel, the browser, N, the omnibox.

One notebook says what changed; a reader attends to each pane; `NoteActs` does what is asked. The browser is made when
it is opened first, and hidden when it is closed.
"""

from __future__ import annotations

from heapq import nlargest
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from hqgui.actions import Kind, Outcome
from hqgui.feed_state import FeedState, Phase
from hqgui.models.formats import count, one_line
from hqgui.models.note_text import link_glyph, quotation
from hqgui.models.search import Hit, HitKind
from hqgui.models.thread_index import NoteChip, full_title
from hqgui.models.thread_store import Thread, who
from hqgui.models.thread_subject import Target, target_of, thread_of
from hqgui.models.threads import thread_glyph
from hqgui.note_acts import NoteActs
from hqgui.note_notices import NoteNotices
from hqgui.note_page import BrowserPage, wire_pane
from hqgui.note_reader import NoteReader
from hqgui.notebook import Notebook
from hqgui.session import Session
from hqgui.views.clients_panel import ClientRows
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.notes.browser import NotesBrowser
from hqgui.views.notes.panel import NotesPanel
from hqgui.views.notes.thread_pane import ThreadPane
from hqgui.words import translate

PANEL: Final = "notes"
_MOST_HITS: Final = 8


class Noting(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.book = Notebook(session, self)
        self.acts = NoteActs(session, window, self.book, self)
        self.notices = NoteNotices(session, self.book, self._is_known, parent=self)
        self.pane = ThreadPane(lambda address: link_glyph(self.book.farm, address), self.acts.address_of, narrow=True)
        self.reader = NoteReader(session, self.book, self.pane, self)
        self.tab = window.inspector.add_tab(translate("Notes", "Notes"), self.pane)
        self.panel = NotesPanel(self.book.new_list())
        window.lower_dock.add_panel(PANEL, translate("Notes", "Notes"), self.panel, self.panel.tools)
        self.browser: NotesBrowser | None = None
        self.page: BrowserPage | None = None
        self._add_ways()
        self._connect()
        self._refresh()

    def _add_ways(self) -> None:
        window = self._window
        clients = tuple(window.findChildren(ClientRows))
        words = translate("Notes", "Add note to the client")
        ways = (
            Way("notes", translate("Notes", "Notes of the farm"), "Ctrl+Shift+N", self.open_browser, menu="view"),
            Way("add_note", translate("Notes", "Add note"), "N", self.add_note, in_table=True, menu="jobs"),
            Way("job_notes", translate("Notes", "Open notes"), "Shift+N", self.open_chosen, in_table=True, menu="jobs"),
            Way("client_note", words, "N", self.add_client_note, in_table=True, menu="clients", tables=clients),
        )
        for way in ways:
            window.add_way(way)
        window.add_finder(self._find, lambda hit: self.open_thread(int(hit.key)), HitKind.NOTE)

    def _connect(self) -> None:
        window, inspector = self._window, self._window.inspector
        self.book.changed.connect(self._refresh)
        self.acts.told.connect(self._tell)
        self.acts.thread_wanted.connect(self.open_thread)
        self.acts.target_wanted.connect(self.open_target)
        self.notices.thread_wanted.connect(self.open_thread)
        self.notices.unread_wanted.connect(self._open_unread)
        self.notices.told.connect(self._tell)
        self.reader.told.connect(self._tell)
        inspector.job_changed.connect(lambda _: self._follow_job())
        inspector.tab_changed.connect(lambda _: self._follow_job())
        inspector.output.log.quote_wanted.connect(self.quote)
        wire_pane(self.pane, self.reader, self.acts)
        self.pane.left.connect(window.tree.setFocus)
        self.panel.thread_wanted.connect(self.open_thread)
        self.panel.tools.browser_wanted.connect(self.open_browser)
        self.panel.rows.menu_wanted.connect(
            lambda spot: self.acts.open_threads_menu(self.panel.rows.selected_ids(), spot, window)
        )
        window.tree.note_wanted.connect(lambda job: self.open_target(Target(job=job), write=False))
        self._session.feed.state_changed.connect(self._state_changed)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._looked_elsewhere)
        window.closed.connect(self._stop)

    def _stop(self) -> None:
        self.reader.close()
        if self.page is not None:
            self.page.reader.close()
        if self.browser is not None:
            self.browser.close()
        self.book.memory.save()
        self.notices.stop()

    # What is new

    def _counts(self) -> dict[NoteChip, int]:
        shown = self.panel.threads.filter
        return self.book.counts(shown.automatic, shown.handled)

    def _refresh(self, _threads: object = None) -> None:
        unread, counts = self.book.unread, self._counts()
        dock = self._window.lower_dock
        dock.show_count(PANEL, count(counts[NoteChip.ALL]) if self._session.knows_farm else "")
        dock.show_badge(PANEL, count(unread) if unread else "", translate("Notes", "unread"))
        self.panel.refresh(counts)
        job = self._window.inspector.job
        thread = None if job is None else thread_of(self.book.farm, Target(job=job))
        self._window.inspector.show_count(self.tab, count(thread.count) if thread is not None else "")

    def _state_changed(self, state: FeedState) -> None:
        stale = state.phase is Phase.RECONNECTING
        if state.phase is Phase.LIVE and self.browser is not None:
            self.browser.strips.server_is_back()
        self.panel.rows.set_stale(stale)
        self.pane.set_stale(stale)
        self.panel.loading = self.book.loading
        self._refresh()

    def _follow_job(self) -> None:
        """The inspector shows another job, or another tab: its notes are read while somebody looks."""
        job = self._window.inspector.job
        if job is None:
            self.reader.show(None)
        elif self._window.inspector.tab == self.tab:
            self.reader.show(Target(job=job))
            self.reader.note_read()
        elif self.reader.target != Target(job=job):
            self.reader.show(None)
        self._refresh()

    def _looked_elsewhere(self, _window: object) -> None:
        """Another window has the keyboard: what is looked at now is read, what no longer is may become new."""
        for reader in (self.reader, *(() if self.page is None else (self.page.reader,))):
            reader.note_read()
            reader.look_away()

    def _is_known(self, thread: Thread) -> bool:
        """Whether the user needs no notice of what is new in a thread: it comes from here, or is before their eyes."""
        key = target_of(thread).key
        readers = [self.reader, *(() if self.page is None else (self.page.reader,))]
        return any(one.is_sending(key) or one.is_sending("new") or one.is_before_eyes(thread) for one in readers)

    def _tell(self, outcome: Outcome) -> None:
        if self.browser is not None and self.browser.isActiveWindow():
            strips = self.browser.strips
            strips.tell(outcome.text, outcome.detail, failed=outcome.failed, passing=outcome.passing)
        elif self._window.is_open:
            self._window.tell(outcome)

    # Ways

    def _find(self, text: str) -> list[Hit]:
        words = text.casefold().split()
        if not words:
            return []
        farm, index = self.book.farm, self.book.index
        found = (one for one in farm.threads.rows.values() if all(word in index.text(one.id) for word in words))
        return [self._hit(one) for one in nlargest(_MOST_HITS, found, key=lambda one: one.last)]

    def _hit(self, thread: Thread) -> Hit:
        farm = self.book.farm
        said = one_line(f"{who(thread.author)}: {thread.text[:200]}".removeprefix(": "), 120)
        return Hit(HitKind.NOTE, thread.id, full_title(farm, thread), said, thread_glyph(farm, thread))

    def open_browser(self) -> NotesBrowser:
        """Show the browser."""
        if self.browser is None:
            self.page = BrowserPage(self._session, self._window, self.book, self.acts, self)
            self.browser = self.page.browser
        browser = self.browser
        browser.show()
        browser.raise_()
        browser.activateWindow()
        browser.rows.setFocus()
        return browser

    def open_thread(self, thread: int) -> None:
        """Show a thread in the browser."""
        self.open_browser()
        assert self.page is not None
        self.page.show_thread(thread)
        self._take_keyboard()

    def open_target(self, target: Target, write: bool = True) -> None:
        """Show the thread of a target in the browser, begun or not; `write`: with the keyboard in the composer."""
        browser = self.open_browser()
        assert self.page is not None
        self.page.show_target(target)
        if write:
            browser.pane.composer.setFocus()
        else:
            self._take_keyboard()

    def _take_keyboard(self) -> None:
        """To the threads; where there is none to go to, what is open waits for its first note."""
        assert self.browser is not None
        rows = self.browser.rows
        (rows if rows.isVisible() else self.browser.pane.composer).setFocus()

    def _open_unread(self) -> None:
        self.open_browser().show_chip(NoteChip.UNREAD)

    def open_chosen(self) -> None:
        """The notes of the job that is current in the tree."""
        job = self._window.tree.current_id()
        if job is not None:
            self.open_target(Target(job=job), write=False)

    def add_note(self) -> None:
        """Write a note on the job that is current in the tree."""
        job = self._window.tree.current_id()
        if job is None:
            return
        self._window.inspector.show_job(job)
        self._window.open_tab(self.tab)
        self.pane.composer.setFocus()

    def add_client_note(self) -> None:
        """Write a note on the client that is selected, in whichever table of clients."""
        chosen = self._window.commands.chosen(Kind.CLIENTS)
        if chosen:
            self.open_target(Target(client=chosen[0]))

    def quote(self, lines: list[str]) -> None:
        """Put lines of the log that is shown into the note on its job."""
        job = self._window.inspector.job
        if job is not None and lines:
            self._window.open_tab(self.tab)
            self._follow_job()
            self.pane.composer.put_lines(quotation(job, lines))
