"""The part of a window that has to do with notes: the inspector's tab, the lower panel, the browser, N, the omnibox.

One notebook says what changed; a reader attends to each pane; `NoteActs` does what is asked. The browser is made when
it is opened first, and hidden when it is closed.
"""

from __future__ import annotations

from heapq import nlargest
from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication

from hqgui.actions import Outcome
from hqgui.feed_state import FeedState, Phase
from hqgui.models.formats import clock, count, one_line
from hqgui.models.frame_map import FrameMap
from hqgui.models.note_text import link_glyph, quotation
from hqgui.models.search import Hit, HitKind
from hqgui.models.thread_index import NoteChip, title
from hqgui.models.thread_store import Thread, who
from hqgui.models.thread_subject import Target, heading, subject, target_of, thread_of
from hqgui.models.threads import thread_glyph
from hqgui.note_acts import NoteActs
from hqgui.note_notices import NoteNotices
from hqgui.note_reader import NoteReader
from hqgui.notebook import Notebook
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.notes.browser import NotesBrowser
from hqgui.views.notes.panel import NotesPanel
from hqgui.views.notes.thread_pane import ThreadPane
from hqgui.views.parts.menu import Menu, plain
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
        ways = (
            Way("notes", translate("Notes", "Notes of the farm"), "Ctrl+Shift+N", self.open_browser, menu="view"),
            Way("add_note", translate("Notes", "Add note"), "N", self.add_note, in_table=True, menu="jobs"),
            Way("job_notes", translate("Notes", "Open notes"), "Shift+N", self.open_chosen, in_table=True, menu="jobs"),
            Way("client_note", translate("Notes", "Add note to the client"), "", self.add_client_note, menu="clients"),
        )
        for way in ways:
            window.add_way(way)
        key = QAction(translate("Notes", "Add note"), window.clients.rows)
        key.setShortcut("N")
        key.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        key.triggered.connect(self.add_client_note)
        window.clients.rows.addAction(key)
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

    def _refresh(self, _threads: object = None) -> None:
        unread = self.book.unread
        self._window.lower_dock.show_count(PANEL, count(unread) if unread else "")
        self.panel.refresh(self.book.counts(self.panel.threads.filter.automatic))
        job = self._window.inspector.job
        thread = None if job is None else thread_of(self.book.farm, Target(job=job))
        self._window.inspector.tabs.show_count(self.tab, count(thread.count) if thread is not None else "")

    def _state_changed(self, state: FeedState) -> None:
        stale = state.phase is Phase.RECONNECTING
        self.panel.rows.set_stale(stale)
        self.pane.set_stale(stale)

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
            self.browser.strips.tell(outcome.text, outcome.detail, failed=outcome.failed)
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
        return Hit(HitKind.NOTE, thread.id, title(farm, thread), said, thread_glyph(farm, thread))

    def open_browser(self) -> NotesBrowser:
        """Show the browser."""
        if self.browser is None:
            self.page = BrowserPage(self._session, self._window, self)
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

    def open_target(self, target: Target, write: bool = True) -> None:
        """Show the thread of a target in the browser, begun or not; `write`: with the keyboard in the composer."""
        browser = self.open_browser()
        assert self.page is not None
        self.page.show_target(target)
        if write:
            browser.pane.composer.setFocus()

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
        """Write a note on the client that is selected."""
        chosen = self._window.clients.rows.selected_ids()
        if chosen:
            self.open_target(Target(client=chosen[0]))

    def quote(self, lines: list[str]) -> None:
        """Put lines of the log that is shown into the note on its job."""
        job = self._window.inspector.job
        if job is not None and lines:
            self._window.open_tab(self.tab)
            self._follow_job()
            self.pane.composer.put_lines(quotation(job, lines))


def wire_pane(pane: ThreadPane, reader: NoteReader, acts: NoteActs) -> None:
    """Let a pane's links, menus and buttons do what they do everywhere."""
    pane.link_wanted.connect(acts.go)
    pane.link_menu_wanted.connect(lambda address, spot: acts.open_link_menu(address, spot, pane))
    pane.note_menu_wanted.connect(lambda note, spot: acts.open_note_menu(reader, note, spot, pane))
    pane.link_job_wanted.connect(lambda: acts.pick_job(pane))
    pane.link_client_wanted.connect(lambda: acts.pick_client(pane))
    pane.quote_wanted.connect(lambda: acts.pick_line(reader, pane))


class BrowserPage(QObject):
    """What attends to the browser."""

    def __init__(self, session: Session, window: MainWindow, noting: Noting) -> None:
        super().__init__(noting)
        self._session = session
        self._window = window
        self._acts = noting.acts
        self.book = noting.book
        self.frames = FrameMap(session.farm.jobs, session.picture_time, self)
        self.threads = self.book.new_list()
        self.browser = NotesBrowser(
            self.book, self.threads, self.frames, self._acts.address_of, session.settings, window.moving, window
        )
        self.reader = NoteReader(session, self.book, self.browser.pane, self)
        self.reader.told.connect(noting.acts.told)
        self._connect()
        self.browser.show_farm(session.farm_name)
        self._state_changed(session.feed.state)

    def _connect(self) -> None:
        browser, acts, head = self.browser, self._acts, self.browser.head
        wire_pane(browser.pane, self.reader, acts)
        browser.thread_wanted.connect(self.show_thread)
        browser.search_wanted.connect(self._begin_search)
        browser.read_all_wanted.connect(acts.mark_all_read)
        browser.new_wanted.connect(self._open_new_menu)
        browser.delete_wanted.connect(lambda threads: acts.delete_threads(threads, browser))
        browser.threads_menu_wanted.connect(lambda threads, spot: acts.open_threads_menu(threads, spot, browser))
        browser.unread_wanted.connect(self._mark_unread)
        browser.banner.pressed.connect(self._window.refresh_wanted)
        browser.side.show_wanted.connect(acts.go)
        browser.side.retry_wanted.connect(lambda job: self._window.action_wanted.emit("retry_failed", (job,)))
        browser.side.menu_wanted.connect(lambda address, spot: acts.open_link_menu(address, spot, browser))
        browser.side.frame_wanted.connect(lambda job: acts.go(f"job:{job}"))
        browser.side.frames_menu_wanted.connect(lambda ids, spot: acts.open_thing_menu("job", ids, spot, browser))
        head.job_wanted.connect(self._show_above)
        head.watch_wanted.connect(lambda on: acts.watch(self._shown(), on))
        head.handled_wanted.connect(lambda on: acts.mark_handled(self._shown(), on))
        head.copy_wanted.connect(lambda: acts.copy_thread(self.reader))
        head.menu_wanted.connect(lambda spot: acts.open_threads_menu(self._shown(), spot, browser))
        self.reader.showed.connect(self.refresh)
        self.reader.begun.connect(self.show_thread)
        self.book.changed.connect(self._changed)
        self._session.flushed.connect(self._flushed)
        self._session.feed.state_changed.connect(self._state_changed)

    def _shown(self) -> tuple[int, ...]:
        thread = self.reader.begun_thread
        return () if thread is None else (thread.id,)

    # Which

    def show_thread(self, thread: int) -> None:
        """Open a thread."""
        known = self.book.farm.threads.get(thread)
        if known is not None:
            self.show_target(target_of(known)._replace(thread=None if known.job or known.client else known.id))

    def show_target(self, target: Target | None) -> None:
        """Open the thread of a target, begun or not."""
        self.reader.show(target)
        thread = self.reader.begun_thread
        self.browser.show_open(None if thread is None else thread.id, anything=target is not None)
        is_job = target is not None and target.job is not None and target.job in self.book.farm.jobs
        self.frames.show(self._mapped(target.job) if is_job and target is not None else None)
        self.refresh()

    def _mapped(self, job: int | None) -> int | None:
        """The job whose frames are shown: itself, or what a frame is one of."""
        jobs = self.book.farm.jobs
        if job is None or not jobs.is_leaf(job):
            return job
        return next(iter(jobs.known_parents(job)), job)

    def _show_above(self, job: int) -> None:
        self.show_target(Target(job=job))

    def _open_new_menu(self, spot: QPoint) -> None:
        browser, acts = self.browser, self._acts
        menu = Menu("", browser)
        job = self._window.tree.current_id()
        if job is not None:
            words = translate("Notes", "On {name}").replace("{name}", heading(self.book.farm, Target(job=job)).title)
            menu.addAction(plain(words)).triggered.connect(lambda: acts.target_wanted.emit(Target(job=job)))
        for words, kind in (
            (translate("Notes", "On a job…"), HitKind.JOB),
            (translate("Notes", "On a client…"), HitKind.CLIENT),
        ):
            menu.addAction(words).triggered.connect(lambda _=False, kind=kind: acts.pick_subject(kind, browser.new))
        menu.addAction(translate("Notes", "About nothing in particular")).triggered.connect(
            lambda: acts.target_wanted.emit(Target())
        )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(spot - QPoint(menu.sizeHint().width() - browser.new.width(), 0))

    def _mark_unread(self, threads: tuple[int, ...]) -> None:
        self._acts.mark_unread(threads or self._shown())

    def _begin_search(self, words: str) -> None:
        if self._session.started and words:
            spawn(self._search(words), "searching notes")

    async def _search(self, words: str) -> None:
        try:
            found = await self.book.desk.search(words)
        except LinkError:  # what is known here was searched; the window says that the server is lost
            return
        self.browser.show_found(words, found)

    # What is new

    def refresh(self) -> None:
        """Bring what stands around the page up to date."""
        browser, target = self.browser, self.reader.target
        browser.refresh()
        if target is None:
            return
        thread = self.reader.begun_thread
        browser.head.show_heading(heading(self.book.farm, target))
        state = None if thread is None else (self.book.index.is_mine(thread), thread.handled)
        browser.head.show_thread(state)
        browser.head.show_actions(self.book.desk.why_not())
        browser.pane.text.setAccessibleName(
            translate("Notes", "Notes of {name}").replace("{name}", heading(self.book.farm, target).title)
        )
        now = self._session.picture_time()
        beside = subject(self.book.farm, self.book.index, target, self.reader.notes, now)
        why_not = self._session.actions.why_not("retry_failed", (beside.id,)) if beside.failed else ""
        browser.side.show_subject(beside, why_not)

    def _changed(self, threads: set[int]) -> None:
        if self.browser.isVisible():
            thread = self.reader.begun_thread
            if thread is not None and thread.id in threads:
                self.browser.show_open(thread.id)
            self.refresh()

    def _flushed(self, changes: object) -> None:
        self.frames.apply(changes.jobs)  # type: ignore[attr-defined]
        if self.browser.isVisible():
            self.refresh()

    def _state_changed(self, state: FeedState) -> None:
        browser = self.browser
        stale = state.phase is Phase.RECONNECTING
        browser.set_stale(stale)
        if stale:
            lost = translate("Notes", "Lost {address} at {time}")
            lost = lost.format(address=self._session.address, time=clock(int(state.since)))
            words = translate("Notes", "You see the notes as they were then. What you type is kept.")
            browser.banner.show_banner("warn", lost, words, translate("Notes", "Try now"))
        else:
            browser.banner.hide()
        self.refresh()
