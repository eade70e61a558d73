"""One thread: its page, and the composer under it. The browser and the inspector have one each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from hqgui.models.thread_page import Item
from hqgui.theme import look
from hqgui.views.notes.composer import Composer, Knows
from hqgui.views.notes.thread_text import ThreadText
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.leading import lead
from hqgui.views.parts.message import Message
from hqgui.words import counted


class ThreadPane(QWidget):
    """The pane. `narrow`: less room around, as befits the inspector."""

    link_wanted = Signal(str)
    link_menu_wanted = Signal(str, QPoint)
    note_menu_wanted = Signal(int, QPoint)
    earlier_wanted = Signal()
    send_wanted = Signal(str)
    draft_changed = Signal(str)
    link_job_wanted = Signal()
    link_client_wanted = Signal()
    quote_wanted = Signal()
    left = Signal()
    """Escape in the composer."""

    def __init__(
        self, glyph_of: Callable[[str], str], knows: Knows, narrow: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._narrow = narrow
        self.text = ThreadText(glyph_of)
        self.empty = Message()
        self.composer = Composer(knows)
        lead(self, self.composer)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.text)
        self._pages.addWidget(self.empty)
        self._unseen = Button("", "primary", "arrow-down-to-line", self._to_end, self.text)
        self._unseen.hide()
        self._foot = QVBoxLayout()
        self._foot.addWidget(self.composer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addLayout(self._foot)
        self.text.link_wanted.connect(self.link_wanted)
        self.text.link_menu_wanted.connect(self.link_menu_wanted)
        self.text.note_menu_wanted.connect(self.note_menu_wanted)
        self.text.earlier_wanted.connect(self.earlier_wanted)
        bar = self.text.verticalScrollBar()
        bar.valueChanged.connect(lambda _: self._hide_unseen())
        bar.rangeChanged.connect(lambda _least, _most: self._hide_unseen())
        self.composer.send_wanted.connect(self.send_wanted)
        self.composer.text_changed.connect(self.draft_changed)
        self.composer.link_job_wanted.connect(self.link_job_wanted)
        self.composer.link_client_wanted.connect(self.link_client_wanted)
        self.composer.quote_wanted.connect(self.quote_wanted)
        self.composer.left.connect(self.left)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        side, foot = (look().px(12), look().px(12)) if self._narrow else (look().px(24), look().px(16))
        self._foot.setContentsMargins(side, look().px(6), side, foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._place_unseen()

    def show_items(self, items: tuple[Item, ...], to_end: bool = False, new: int = 0) -> None:
        """Show a page. `new`: notes that came below what is in sight."""
        to_end = to_end or self.text.at_end or not self.text.items  # of an empty page nothing was out of sight
        self._pages.setCurrentWidget(self.text)
        self.text.show_items(items, to_end)
        if to_end:
            self._unseen.hide()
        elif new and not self.text.at_end:
            self._unseen.setText(counted(new, self.tr("1 new note"), self.tr("{n} new notes")))
            self._unseen.adjustSize()
            self._unseen.show()
            self._place_unseen()

    def show_empty(self, title: str, words: str) -> None:
        """Say why there is nothing."""
        self.text.show_items(())
        self.empty.show_words(title, words)
        self._pages.setCurrentWidget(self.empty)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self.text.set_stale(stale)

    def _place_unseen(self) -> None:
        room = self.text.rect()
        self._unseen.move((room.width() - self._unseen.width()) // 2, room.height() - look().px(38))
        self._unseen.raise_()

    def _hide_unseen(self) -> None:
        if self.text.at_end:
            self._unseen.hide()

    def _to_end(self) -> None:
        self.text.to_end()
        self._unseen.hide()
