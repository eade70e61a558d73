"""The notes browser: all threads of a farm, one of them open, and what it is about beside it.

It knows no network: what is wanted leaves by signals, what came enters by methods, as with the main window.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hqgui.models.formats import count
from hqgui.models.frame_map import FrameMap
from hqgui.models.note_text import link_glyph
from hqgui.models.thread_index import NoteChip
from hqgui.models.threads import ThreadList
from hqgui.notebook import Notebook
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.banners import Banner
from hqgui.views.notes.composer import Knows
from hqgui.views.notes.listing import CHIP_TITLES, Listing
from hqgui.views.notes.side import WIDTH, Side
from hqgui.views.notes.thread_head import ThreadHead
from hqgui.views.notes.thread_pane import ThreadPane
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import Chip
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.first_size import first_size
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.leaving import leave_by_keys
from hqgui.views.parts.message import Message
from hqgui.views.strips import Strips
from hqgui.words import translate

SIZE: Final = (1600, 970)
_LIST: Final = 400
_SEARCH_AFTER_MS: Final = 150
_SIDE_FROM: Final = 1040
"""Narrower windows have no room for what stands beside the thread."""


class NotesBrowser(QMainWindow):
    """The window."""

    thread_wanted = Signal(int)
    """A thread should be open."""
    search_wanted = Signal(str)
    """The server should look for words."""
    read_all_wanted = Signal()
    new_wanted = Signal(QPoint)
    delete_wanted = Signal(object)
    """Threads that should be deleted."""
    threads_menu_wanted = Signal(object, QPoint)
    unread_wanted = Signal(object)
    closed = Signal()

    def __init__(
        self,
        book: Notebook,
        threads: ThreadList,
        frames: FrameMap,
        knows: Knows,
        settings: Settings,
        moving: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("notesBrowser")
        self._book = book
        self._threads = threads
        self._is_open = False
        self._settings = settings
        self.search = SearchField(self.tr("Search all notes"), self.tr("Search all notes"), "search", "/", height=26)
        self.chips = {chip: Chip(translate("Notes", CHIP_TITLES[chip])) for chip in NoteChip}
        self.read_all = Button(self.tr("Mark all read"), "flat", clicked=self.read_all_wanted.emit)
        self.new = Button(self.tr("New note"), "primary", "plus", self._ask_new)
        self.listing = Listing(book, threads, settings)
        self.rows = self.listing.rows
        self.head = ThreadHead()
        self.pane = ThreadPane(lambda address: link_glyph(book.farm, address), knows)
        self.unopened = Message()
        self.side = Side(frames)
        self.banner = Banner(moving)
        self._lay_out()
        self.strips = Strips(self.pane.text, moving, at_head=True)  # the latest notes are at the foot
        self.pane.text.resized.connect(self.strips.place)
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self._later = QTimer(self, singleShot=True, interval=_SEARCH_AFTER_MS)
        self._later.timeout.connect(self.search_now)
        self._make_keys()
        self._connect()
        self._restore()
        self.show_open(None)
        self.refresh()

    # Building

    def _lay_out(self) -> None:
        self._top = QFrame()
        self._top.setProperty("role", "bar")
        self._top_row = QHBoxLayout(self._top)
        self._top_row.addWidget(self.search)
        self._chips_row = QHBoxLayout()
        group = QButtonGroup(self)
        for button in self.chips.values():
            group.addButton(button)
            self._chips_row.addWidget(button)
        self._top_row.addLayout(self._chips_row)
        self._top_row.addStretch(1)
        self._top_row.addWidget(self.read_all)
        self._top_row.addWidget(self.new)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(4)
        for part in (self.listing, self._middle(), self.side):
            self._splitter.addWidget(part)
        self._splitter.setStretchFactor(1, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(self.banner)
        column.addWidget(self._splitter, 1)
        self.setCentralWidget(whole)
        look().tie(self, self._measure)

    def _middle(self) -> QWidget:
        page = QWidget()
        page.setProperty("role", "base")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.pane, 1)
        self._open_or_not = QStackedWidget()
        self._open_or_not.setProperty("role", "base")
        self._open_or_not.addWidget(page)
        self._open_or_not.addWidget(self.unopened)
        return self._open_or_not

    def _measure(self) -> None:
        px = look().px
        self._top.setFixedHeight(px(46))
        self._top_row.setContentsMargins(px(12), 0, px(12), 0)
        self._top_row.setSpacing(px(8))
        self._chips_row.setContentsMargins(px(8), 0, 0, 0)
        self._chips_row.setSpacing(px(6))
        self.setMinimumSize(px(720), px(420))
        self._fit()

    def _fit(self) -> None:
        """Narrow windows go without the side, then without words."""
        px, width = look().px, self.width()
        self.side.setVisible(self._is_open and width >= px(_SIDE_FROM))
        self.search.setFixedWidth(max(px(120), min(px(376), width // 4)))
        room = width - self.search.width() - self.read_all.width_with_words() - self.new.width_with_words() - px(80)
        counted_width = sum(chip.width_counted(on=True) + px(6) for chip in self.chips.values())
        for chip in self.chips.values():
            chip.show_counted(room >= counted_width)
        self.read_all.setVisible(width >= px(820))

    def resizeEvent(self, event: object) -> None:
        """Another size."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()
        self.strips.place()

    def _make_keys(self) -> None:
        for keys, act in (
            ("Ctrl+F", self.search.setFocus),
            ("Ctrl+N", self._ask_new),
            ("Ctrl+Shift+A", self.read_all_wanted.emit),
            ("Ctrl+U", lambda: self.unread_wanted.emit(self.rows.selected_ids())),
            ("F6", lambda: self._walk(1)),
            ("Shift+F6", lambda: self._walk(-1)),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(act)
            self.addAction(action)
        for keys, act, places in (
            ("/", self.search.setFocus, (self.rows, self.pane.text)),
            ("N", self.pane.composer.setFocus, (self.rows, self.pane.text)),
            ("Escape", self.rows.setFocus, (self.pane.text,)),
            ("Shift+Del", self._ask_delete, (self.rows,)),
            ("Del", self._ask_delete, (self.rows,)),
        ):
            action = QAction(self.rows)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(act)
            for place in places:
                place.addAction(action)
        for number, chip in enumerate(NoteChip, 1):
            action = QAction(self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(self.chips[chip].click)
            self.addAction(action)

    def _connect(self) -> None:
        for chip, button in self.chips.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, chip=chip: self._choose(chip))
        self.search.text_changed.connect(lambda _: self._later.start())
        self.search.left.connect(self._leave_search)
        self.search.submitted.connect(lambda _: self.rows.setFocus())
        self.rows.opened.connect(self.thread_wanted)
        self.rows.entered_thread.connect(lambda _: self.pane.text.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.rows.menu_wanted.connect(lambda spot: self.threads_menu_wanted.emit(self.rows.selected_ids(), spot))
        self.pane.left.connect(self.rows.setFocus)
        self.head.unread_wanted.connect(self._ask_unread)
        self.side.thread_wanted.connect(self.thread_wanted)
        self.listing.nothing.pressed.connect(self._list_more)
        self.listing.changed.connect(self.refresh)
        for signal in (self._threads.rowsInserted, self._threads.rowsRemoved):
            signal.connect(self._later_refresh)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)

    def _leave_search(self) -> None:
        """To the threads; where none is listed, the window is left."""
        if self.rows.isVisible():
            self.rows.setFocus()
        else:
            self.close()

    def _later_refresh(self) -> None:
        self._soon.start()

    def _restore(self) -> None:
        self.listing.restore()
        geometry = self._settings.bytes_value("notes/geometry")
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(first_size(self, *SIZE))
        state = self._settings.bytes_value("notes/state")
        if state.isEmpty() or not self._splitter.restoreState(state):
            self.first_layout()

    def first_layout(self) -> None:
        """Columns as they are meant to be."""
        px, width = look().px, self.width()
        left, right = min(px(_LIST), width // 4), min(px(WIDTH), width // 4)
        self._splitter.setSizes([left, width - left - right, right])

    def save(self) -> None:
        """Remember the layout."""
        self._settings.set_bytes("notes/geometry", self.saveGeometry())
        self._settings.set_bytes("notes/state", QByteArray(self._splitter.saveState()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """It closes: what is remembered is written."""
        self.save()
        self.closed.emit()
        super().closeEvent(event)

    # What is listed

    def _choose(self, chip: NoteChip) -> None:
        self.listing.set(chip=chip)

    def search_now(self) -> None:
        """List what the words find that are typed."""
        words = self.search.text().strip()
        if words != self._threads.filter.words:
            self.listing.set(words=words, found=frozenset())
            self.search_wanted.emit(words)

    def show_found(self, words: str, found: frozenset[int]) -> None:
        """The server found these."""
        if words == self._threads.filter.words:
            self.listing.set(found=found)

    def show_chip(self, chip: NoteChip) -> None:
        """List what a chip says."""
        self.listing.set(chip=chip)

    def _list_more(self) -> None:
        """What there is nothing of is looked for among all threads, or no more."""
        if self._threads.filter.words and self._threads.filter.narrowed:
            self.listing.set(chip=NoteChip.ALL, handled=True)
            self.search.setFocus()
        else:
            self.clear_filter()

    def clear_filter(self) -> None:
        """List everything."""
        self.search.edit.clear()
        self._later.stop()
        self.listing.set(chip=NoteChip.ALL, words="", found=frozenset(), handled=True)
        self.rows.setFocus()

    # What is shown

    def refresh(self) -> None:
        """Counts, and words where there is nothing to list."""
        wanted = self._threads.filter
        counts = self._book.counts(wanted.automatic, wanted.handled)
        for chip, button in self.chips.items():
            button.show_count(count(counts[chip]))
        self.chips[wanted.chip].setChecked(True)
        self.read_all.setEnabled(counts[NoteChip.UNREAD] > 0)
        self.listing.refresh(counts)

    def show_open(self, thread: int | None, anything: bool = False) -> None:
        """Which thread is open; `anything`: something is, though no thread has begun."""
        self._threads.set_open(thread)
        if thread is not None and self._threads.reveal(thread):
            self.rows.show_open(thread)
            self.rows.scrollTo(self._threads.index_of(thread))
        else:
            self.rows.show_open(None)
        self._is_open = thread is not None or anything
        self._open_or_not.setCurrentIndex(0 if self._is_open else 1)
        self._fit()
        if not self._is_open:
            self.unopened.show_words("", self.tr("Choose a thread, or write a new note."))

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        for part in (self.rows, self.head, self.pane, self.side):
            part.set_stale(stale)

    def show_farm(self, name: str) -> None:
        """Whose notes they are."""
        self.setWindowTitle(self.tr("Notes, {farm} – Wrangler").replace("{farm}", name))

    # Wanted

    def _ask_new(self) -> None:
        self.new_wanted.emit(self.new.mapToGlobal(QPoint(0, self.new.height() + 2)))

    def _ask_delete(self) -> None:
        chosen = self.rows.selected_ids()
        if chosen:
            self.delete_wanted.emit(chosen)

    def _ask_unread(self) -> None:
        self.unread_wanted.emit(self.rows.selected_ids()[:1])

    def _walk(self, step: int) -> None:
        panes: list[QWidget] = [self.rows, self.pane.text, self.pane.composer.edit, self.side.part.show_button]
        seen = [one for one in panes if one.isVisible()]
        here = next((place for place, one in enumerate(seen) if one.hasFocus()), -step)
        seen[(here + step) % len(seen)].setFocus(Qt.FocusReason.ShortcutFocusReason)
