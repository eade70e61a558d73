"""The lower dock's Notes: the latest threads, a row each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.thread_index import NoteChip
from hqgui.models.threads import ThreadFilter, ThreadList
from hqgui.theme import look
from hqgui.views.notes.listing import CHIP_TITLES
from hqgui.views.notes.thread_rows import ThreadRows
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import Chip
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.leading import lead
from hqgui.views.parts.message import Message
from hqgui.words import translate

_CHIPS = (NoteChip.ALL, NoteChip.UNREAD, NoteChip.MINE)


class NotesTools(QWidget):
    """Chips, search, and the way to the browser, in the dock's title."""

    filter_wanted = Signal(object)
    browser_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = {chip: Chip(translate("Notes", CHIP_TITLES[chip])) for chip in _CHIPS}
        self.field = SearchField(self.tr("Filter threads"), self.tr("Filter threads"))
        lead(self, self.field.edit)
        self.open = Button(self.tr("Open notes"), "small", "external-link", self.browser_wanted.emit)
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        for chip, button in self.chips.items():
            self._group.addButton(button)
            button.clicked.connect(lambda _=False: self._ask())
            self._row.addWidget(button)
            button.setChecked(chip is NoteChip.ALL)
        self._row.addWidget(self.field, 2)
        self._row.addWidget(self.open)
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.text_changed.connect(lambda _: self._ask())
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(0, 0, 0, px(3))
        self._row.setSpacing(px(6))
        self.field.setMinimumWidth(px(90))
        self.field.setMaximumWidth(px(200))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: where it is narrow, the button keeps its icon alone, then chips their numbers to themselves."""
        super().resizeEvent(event)
        px, gaps = look().px, look().px(6) * (len(self.chips) + 2)
        room = self.width() - self.field.minimumWidth() - gaps
        plain = sum(chip.width_counted(on=False) for chip in self.chips.values())
        full = sum(chip.width_counted(on=True) for chip in self.chips.values())
        self.open.show_words(room >= full + self.open.width_with_words())
        for chip in self.chips.values():
            chip.show_counted(room >= full + px(40))
        self.chips[NoteChip.MINE].setVisible(room >= plain + px(40))

    def _ask(self) -> None:
        chip = next((chip for chip, button in self.chips.items() if button.isChecked()), NoteChip.ALL)
        self.filter_wanted.emit(ThreadFilter(chip, self.field.text().strip()))

    def clear(self) -> None:
        """List everything."""
        self.field.edit.clear()
        self.chips[NoteChip.ALL].click()


class NotesPanel(QWidget):
    """The list."""

    thread_wanted = Signal(int)

    def __init__(self, threads: ThreadList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.threads = threads
        self.loading = False
        """Whether threads may still be on their way."""
        self.tools = NotesTools()
        self.rows = ThreadRows(self.tr("Threads"), low=True)
        self.rows.show_threads(threads)
        self.setFocusProxy(self.rows)
        self.empty = Message()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.empty)
        self.rows.entered_thread.connect(self.thread_wanted)
        self.tools.filter_wanted.connect(self._filter)
        self.tools.field.left.connect(self.rows.setFocus)
        self.empty.pressed.connect(self.tools.clear)

    def _filter(self, wanted: ThreadFilter) -> None:
        self.threads.set_filter(wanted)
        self.refresh(None)

    def refresh(self, counts: dict[NoteChip, int] | None) -> None:
        """Counts, and words where there is nothing to list."""
        if counts is not None:
            for chip, button in self.tools.chips.items():
                button.show_count("" if self.loading else count(counts[chip]))
        there = self.threads.total > 0
        self._stack.setCurrentWidget(self.rows if there else self.empty)
        if there:
            return
        if self.loading:
            self.empty.show_words("", self.tr("Notes are shown as soon as the server answers."))
        elif self.threads.filter != ThreadFilter():
            self.empty.show_words(self.tr("No such thread"), "", self.tr("Show all"))
        else:
            self.empty.show_words(self.tr("No notes yet"), self.tr("Press N on a job or client to write one."))
