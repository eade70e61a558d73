"""What is done with threads and links wherever they are shown: menus, marks, deleting, picking links and quotes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication

from hqgui.actions import Consequence, Outcome
from hqgui.inquiries import last_lines
from hqgui.models.job_store import JobStore
from hqgui.models.note_text import client_link, farm_links, job_link, quotation
from hqgui.models.output import Line, LineKind
from hqgui.models.search import Hit, HitKind, offers, search
from hqgui.models.thread_index import Flag
from hqgui.models.thread_page import Note
from hqgui.models.thread_store import who
from hqgui.models.thread_subject import Target, heading
from hqgui.note_reader import NoteReader
from hqgui.notebook import Notebook
from hqgui.session import Session
from hqgui.tasks import answer, spawn
from hqgui.troubles import LinkError
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.notes.pick_popup import PickPopup
from hqgui.views.notes.things import Over, thing_menu
from hqgui.views.notes.thread_pane import ThreadPane
from hqgui.views.parts.menu import Menu
from hqgui.words import translate
from hqserver.wire.statuses import FINISHED, JobStatus

_MOST_LINES: Final = 15
_MOST_WALKED: Final = 5_000


class NoteActs(QObject):
    """Of one main window."""

    told = Signal(Outcome)
    thread_wanted = Signal(int)
    target_wanted = Signal(Target)
    """The thread of a target should be open, and a note be written."""

    def __init__(self, session: Session, window: MainWindow, book: Notebook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._window = window
        self._book = book

    def _start(self, work: Coroutine[Any, Any, None], what: str) -> None:
        spawn(work, f"{what} on {self._session.address}")

    # Where links lead

    def go(self, address: str) -> None:
        """Show what an address leads to in the main window."""
        kind, _, number = address.partition(":")
        if not number.isdigit():
            return
        if kind == "job":
            self._window.go_to_job(int(number))
        else:
            self._window.show_clients((int(number),))
        self._window.raise_()
        self._window.activateWindow()

    def address_of(self, token: str) -> str:
        """Where a token that is being typed leads; empty when nowhere."""
        farm = self._book.farm
        if token.startswith("#"):
            return f"job:{token[1:]}" if token[1:].isdigit() and int(token[1:]) in farm.jobs else ""
        found = farm_links(farm).client(token[1:]) if token.startswith("@") else None
        return "" if found is None else f"client:{found[0]}"

    def open_link_menu(self, address: str, spot: QPoint, parent: Over) -> None:
        """The menu of what an address leads to."""
        kind, _, number = address.partition(":")
        if number.isdigit():
            self.open_thing_menu(kind, (int(number),), spot, parent)

    def open_thing_menu(self, kind: str, ids: tuple[int, ...], spot: QPoint, parent: Over) -> None:
        """The menu of jobs or clients."""
        target = Target(job=ids[0]) if kind == "job" else Target(client=ids[0])
        show = translate("Notes", "Show in job tree") if kind == "job" else translate("Notes", "Show among the clients")
        first: list[tuple[str, Callable[[], object]]] = [
            (show, lambda: self.go(f"{kind}:{ids[0]}")),
            (translate("Notes", "Open its notes"), lambda: self.target_wanted.emit(target)),
        ]
        if kind == "job":
            first.insert(1, (translate("Notes", "Open output"), lambda: self._window.tree.output_wanted.emit(ids[0])))
        menu = thing_menu(kind, ids, self._session.actions, self._act, first, parent)
        menu.popup(spot)

    def _act(self, name: str, ids: tuple[int, ...]) -> None:
        if name == "set_priority":
            self.go(f"job:{ids[0]}")
        self._window.commands.wanted.emit(name, ids)

    # Threads

    def open_threads_menu(self, threads: tuple[int, ...], spot: QPoint, parent: Over) -> None:
        """The menu of threads."""
        menu = self.threads_menu(threads, parent)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(spot)

    def threads_menu(self, threads: tuple[int, ...], parent: Over) -> Menu:
        """What can be done with threads."""
        menu = Menu("", parent)
        rows = [one for id_ in threads if (one := self._book.farm.threads.get(id_)) is not None]
        flags = [self._book.index.flags(one.id) for one in rows]
        unread, handled = any(one & Flag.UNREAD for one in flags), all(one.handled for one in rows)
        watched = all(self._book.index.is_mine(one) for one in rows)
        why_not = self._book.desk.why_not()
        subject = rows[0] if len(rows) == 1 else None
        entries: list[tuple[str, Callable[[], object], bool]] = [
            (translate("Notes", "Mark as read"), lambda: self.mark_read(threads), unread),
            (
                translate("Notes", "Mark as unread") + "\tCtrl+U",
                lambda: self.mark_unread(threads),
                not unread,
            ),
            (
                translate("Notes", "Open again") if handled else translate("Notes", "Mark as handled"),
                lambda: self.mark_handled(threads, not handled),
                not why_not,
            ),
            (
                translate("Notes", "Do not tell me of new notes") if watched
                else translate("Notes", "Tell me of new notes"),
                lambda: self.watch(threads, not watched),
                bool(rows),
            ),
        ]  # fmt: skip
        for words, do, on in entries:
            action = menu.addAction(words)
            action.setEnabled(on and bool(rows))
            action.triggered.connect(lambda _=False, do=do: do())
        menu.addSeparator()
        if subject is not None and (subject.job is not None or subject.client is not None):
            address = f"job:{subject.job}" if subject.job is not None else f"client:{subject.client}"
            words = translate("Notes", "Show in job tree")
            if subject.job is None:
                words = translate("Notes", "Show among the clients")
            menu.addAction(words).triggered.connect(lambda: self.go(address))
            menu.addSeparator()
        delete = menu.addAction(translate("Notes", "Delete…") + "\tDel")
        delete.setEnabled(not why_not and bool(rows))
        delete.triggered.connect(lambda: self.delete_threads(threads, parent))
        return menu

    def mark_read(self, threads: Sequence[int]) -> None:
        """They count as read."""
        for id_ in threads:
            if (thread := self._book.farm.threads.get(id_)) is not None:
                self._book.memory.read(thread)

    def mark_unread(self, threads: Sequence[int]) -> None:
        """They should be read again."""
        for id_ in threads:
            if (thread := self._book.farm.threads.get(id_)) is not None:
                self._book.memory.unread(thread)

    def mark_all_read(self) -> None:
        """Everything counts as read."""
        self._book.memory.read_all(self._book.farm.threads.highest)

    def mark_handled(self, threads: Sequence[int], handled: bool) -> None:
        """They are dealt with, or not."""
        self._start(self._mark_handled(tuple(threads), handled), "marking threads")

    async def _mark_handled(self, threads: tuple[int, ...], handled: bool) -> None:
        outcome = await self._book.desk.mark_handled(threads, handled)
        self.told.emit(outcome)

    def watch(self, threads: Sequence[int], on: bool) -> None:
        """Tell of what is written in them, or not."""
        for id_ in threads:
            if (thread := self._book.farm.threads.get(id_)) is not None:
                self._book.memory.watch(thread, on)

    def delete_threads(self, threads: Sequence[int], parent: Over) -> None:
        """Delete them, if that is wanted."""
        self._start(self._delete_threads(tuple(threads), parent), "deleting threads")

    async def _delete_threads(self, threads: tuple[int, ...], parent: Over) -> None:
        known = [id_ for id_ in threads if id_ in self._book.farm.threads]
        if known and await self._is_wanted(self._book.desk.removal(known), parent):
            self.told.emit(await self._book.desk.remove_threads(known))

    async def _is_wanted(self, asked: Consequence, parent: Over) -> bool:
        dialog = ConfirmDialog(asked, parent)
        dialog.open()
        return bool(await answer(dialog.finished))

    # One note

    def open_note_menu(self, reader: NoteReader, note: int, spot: QPoint, pane: ThreadPane) -> None:
        """The menu of a note on a page."""
        menu = Menu("", pane)
        found = next((one for one in reader.notes if one.id == note), None)
        selected = pane.text.textCursor().hasSelection()
        copy = menu.addAction(translate("Notes", "Copy selection") if selected else translate("Notes", "Copy note"))
        copy.setEnabled(selected or found is not None)
        copy.triggered.connect(lambda: pane.text.copy() if selected else self.copy(found.text if found else ""))
        quote = menu.addAction(translate("Notes", "Quote in reply"))
        quote.setEnabled(found is not None)
        quote.triggered.connect(lambda: self._quote(found, pane))
        menu.addSeparator()
        delete = menu.addAction(translate("Notes", "Delete note…"))
        delete.setEnabled(found is not None and not self._book.desk.why_not())
        delete.triggered.connect(lambda: self._start(self._delete_note(found, pane), "deleting a note"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(spot)

    def _quote(self, note: Note | None, pane: ThreadPane) -> None:
        if note is not None:
            pane.composer.put_lines("\n".join(f"> {line}" for line in note.text.splitlines()) + "\n")

    async def _delete_note(self, note: Note | None, parent: Over) -> None:
        if note is not None and await self._is_wanted(self._book.desk.note_removal(note), parent.window()):
            self.told.emit(await self._book.desk.remove_notes([note.id]))

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, and say so."""
        QGuiApplication.clipboard().setText(text)
        self.told.emit(Outcome(translate("Notes", "Copied.")))

    def copy_thread(self, reader: NoteReader) -> None:
        """Put a whole thread on the clipboard."""
        title = "" if reader.target is None else heading(self._book.farm, reader.target).title
        self.copy("\n".join([title, *map(_as_text, reader.notes)]))

    # Links and quotes

    def pick_job(self, pane: ThreadPane) -> None:
        """Let a job be picked, and link it."""
        popup = self._popup(translate("Notes", "Link a job"), HitKind.JOB, pane)
        popup.chosen.connect(lambda hit: pane.composer.put(job_link(int(hit.key))))
        popup.open_above(pane.composer)

    def pick_client(self, pane: ThreadPane) -> None:
        """Let a client be picked, and link it."""
        popup = self._popup(translate("Notes", "Link a client"), HitKind.CLIENT, pane)
        popup.chosen.connect(lambda hit: pane.composer.put(self._client_link(int(hit.key))))
        popup.open_above(pane.composer)

    def _client_link(self, client: int) -> str:
        return client_link(self._book.farm.clients.label(client))

    def pick_subject(self, kind: HitKind, below: Over) -> None:
        """Let a job or client be picked, and open its notes."""
        words = translate("Notes", "A note on which job?")
        if kind is HitKind.CLIENT:
            words = translate("Notes", "A note on which client?")
        popup = self._popup(words, kind, below)
        popup.chosen.connect(
            lambda hit: self.target_wanted.emit(
                Target(job=int(hit.key)) if hit.kind is HitKind.JOB else Target(client=int(hit.key))
            )
        )
        popup.open_below(below)

    def _popup(self, name: str, kind: HitKind, parent: Over) -> PickPopup:
        def find(text: str) -> list[Hit]:
            if not text.strip():
                return offers(kind, self._book.farm)
            return [hit for hit in search(text, self._book.farm, {}) if hit.kind is kind]

        popup = PickPopup(find, name, translate("Notes", "Type a part of its name, or its id."), parent.window())
        popup.closed.connect(popup.deleteLater)
        return popup

    def pick_line(self, reader: NoteReader, pane: ThreadPane) -> None:
        """Let a line of the log of what the thread is about be picked, and quote it."""
        self._start(self._pick_line(reader.target, pane), "reading a log to quote")

    async def _pick_line(self, target: Target | None, pane: ThreadPane) -> None:
        job = _job_to_quote(self._book.farm.jobs, target.job) if target is not None and target.job is not None else None
        if job is None:
            words = translate("Notes", "Only the notes of a job can quote its log.")
            self.told.emit(
                Outcome(words, translate("Notes", "Or select lines in Output and quote them there."), failed=True)
            )
            return
        try:
            lines = await last_lines(self._session.link, job)
        except LinkError as error:
            self.told.emit(Outcome(error.words, failed=True))
            return
        if lines:
            self.show_lines(job, lines, pane)
        else:
            name = heading(self._book.farm, Target(job=job)).title
            self.told.emit(
                Outcome(translate("Notes", "{name} has written no log.").replace("{name}", name), failed=True)
            )

    def show_lines(self, job: int, lines: Sequence[Line], pane: ThreadPane) -> None:
        """Let one of these lines be quoted."""
        name = heading(self._book.farm, Target(job=job)).title
        words = translate("Notes", "Quote a line of {name}").replace("{name}", name)
        popup = PickPopup(lambda text: _lines_found(lines, text), words, "", pane.window(), detailed=False)
        popup.closed.connect(popup.deleteLater)
        popup.chosen.connect(lambda hit: pane.composer.put_lines(quotation(job, [lines[int(hit.key)].text])))
        popup.open_above(pane.composer)


def _as_text(note: Note) -> str:
    writer = who(note.author) or translate("Notes", "automatic")
    return f"{datetime.fromtimestamp(note.at).astimezone():%Y-%m-%d %H:%M} {writer}: {note.text}"


def _lines_found(lines: Sequence[Line], text: str) -> list[Hit]:
    """Lines with the words, errors first, the latest first."""
    words = text.casefold().split()
    places = [place for place, line in enumerate(lines) if all(word in line.text.casefold() for word in words)]
    places.sort(key=lambda place: (lines[place].kind is not LineKind.ERROR, -place))
    marks = {LineKind.ERROR: str(JobStatus.FAILED), LineKind.WARNING: "warning"}
    return [
        Hit(HitKind.LINE, place, lines[place].text[:300], "", marks.get(lines[place].kind, ""))
        for place in places[:_MOST_LINES]
        if lines[place].text.strip()
    ]


def _job_to_quote(jobs: JobStore, job: int) -> int | None:
    """The job itself, or what below it one would look at first: what failed, what runs, what ended."""
    if job not in jobs:
        return None
    if jobs.is_leaf(job):
        return job
    leaves = [one for one in jobs.family((job,))[:_MOST_WALKED] if jobs.is_leaf(one)]
    order = (JobStatus.FAILED, JobStatus.RUNNING, JobStatus.ABANDONED, *sorted(FINISHED))
    place = {status: number for number, status in reversed(list(enumerate(order)))}
    known = [one for one in leaves if jobs.value(one, "status") in place]
    return min(known, key=lambda one: (place[jobs.value(one, "status")], one), default=None)
