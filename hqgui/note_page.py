"""What attends to the notes browser: which thread is open, what stands around it, and what its buttons do."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint

from hqgui.feed_state import FeedState, Phase
from hqgui.models.formats import clock
from hqgui.models.frame_map import FrameMap
from hqgui.models.search import HitKind
from hqgui.models.thread_subject import Target, heading, subject, target_of
from hqgui.note_acts import NoteActs
from hqgui.note_reader import NoteReader
from hqgui.notebook import Notebook
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.main_window import MainWindow
from hqgui.views.notes.browser import NotesBrowser
from hqgui.views.notes.thread_pane import ThreadPane
from hqgui.views.parts.menu import Menu, plain
from hqgui.words import translate


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

    def __init__(
        self, session: Session, window: MainWindow, book: Notebook, acts: NoteActs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._window = window
        self._acts = acts
        self.book = book
        self.frames = FrameMap(session.farm.jobs, session.picture_time, self)
        self.threads = self.book.new_list()
        self.browser = NotesBrowser(
            self.book, self.threads, self.frames, self._acts.address_of, session.settings, window.moving, window
        )
        self.reader = NoteReader(session, self.book, self.browser.pane, self)
        self.reader.told.connect(acts.told)
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
        menu.addAction(translate("Notes", "About no job or client")).triggered.connect(
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
