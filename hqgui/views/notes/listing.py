"""The list of threads with what stands over it: how many there are, their order, and what is left out."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.thread_index import NoteChip
from hqgui.models.threads import Order, ThreadFilter, ThreadList
from hqgui.notebook import Notebook
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.notes.thread_rows import ThreadRows
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.menu import Menu
from hqgui.views.parts.message import Message
from hqgui.words import QT_TRANSLATE_NOOP, counted, translate

ORDERS: Final = {
    Order.LATEST: QT_TRANSLATE_NOOP("Notes", "Latest first"),
    Order.OLDEST: QT_TRANSLATE_NOOP("Notes", "Oldest first"),
    Order.NAME: QT_TRANSLATE_NOOP("Notes", "By name"),
    Order.LONGEST: QT_TRANSLATE_NOOP("Notes", "Most notes first"),
}


CHIP_TITLES: Final = {
    NoteChip.ALL: QT_TRANSLATE_NOOP("Notes", "All"),
    NoteChip.UNREAD: QT_TRANSLATE_NOOP("Notes", "Unread"),
    NoteChip.JOBS: QT_TRANSLATE_NOOP("Notes", "Jobs"),
    NoteChip.CLIENTS: QT_TRANSLATE_NOOP("Notes", "Clients"),
    NoteChip.MINE: QT_TRANSLATE_NOOP("Notes", "Mine"),
}


class Listing(QWidget):
    """Of one browser. What is listed is kept in the settings, but for chip and words."""

    changed = Signal()
    """Something else is listed, or in another order."""

    def __init__(self, book: Notebook, threads: ThreadList, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._threads = threads
        self._settings = settings
        self._total = PlainLabel("", "text2", 11, 500)
        self.automatic = LinkText("", self._switch_automatic, 11)
        self.sorting = Button("", "flat", "chevron-down", self._open_order_menu)
        self.sorting.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.rows = ThreadRows(self.tr("Threads"))
        self.rows.always_active = True
        self.rows.show_threads(threads)
        self.nothing = Message()
        self._lay_out()
        look().tie(self, self._measure)

    def _lay_out(self) -> None:
        self._heading = QFrame()
        self._heading.setProperty("role", "bar")
        self._heading_row = QHBoxLayout(self._heading)
        self._heading_row.addWidget(self._total)
        self._heading_row.addWidget(self.automatic)
        self._heading_row.addStretch(1)
        self._heading_row.addWidget(self.sorting)
        self._rows_or_nothing = QStackedWidget()
        self._rows_or_nothing.setProperty("role", "base")
        self._rows_or_nothing.addWidget(self.rows)
        self._rows_or_nothing.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading)
        column.addWidget(self._rows_or_nothing, 1)

    def _measure(self) -> None:
        px = look().px
        self._heading.setFixedHeight(px(34))
        self._heading_row.setContentsMargins(px(14), 0, px(6), 0)
        self._heading_row.setSpacing(px(10))
        self.setMinimumWidth(px(240))

    def restore(self) -> None:
        """As the settings have it."""
        value = self._settings.value
        known = {order.value: order for order in Order}
        self._threads.set_order(known.get(value("notes/order"), Order.LATEST))
        self._threads.set_filter(ThreadFilter(automatic=value("notes/automatic"), handled=value("notes/handled")))

    # What is listed

    def set(self, **values: object) -> None:
        """List something else: other values of a `ThreadFilter`."""
        now = self._threads.filter
        fields = {"chip": now.chip, "words": now.words, "automatic": now.automatic, "handled": now.handled}
        fields |= {"found": now.found} | values
        self._threads.set_filter(ThreadFilter(**fields))  # type: ignore[arg-type]
        self.changed.emit()

    def _switch_automatic(self) -> None:
        on = not self._threads.filter.automatic
        self._settings.set("notes/automatic", on)
        self.set(automatic=on)

    def _switch_handled(self, on: bool) -> None:
        self._settings.set("notes/handled", on)
        self.set(handled=on)

    def _notify(self, on: bool) -> None:
        self._settings.set("notes/notify", on)

    def _order(self, order: Order) -> None:
        self._settings.set("notes/order", order.value)
        self._threads.set_order(order)
        self.changed.emit()

    def order_menu(self) -> Menu:
        """How threads are ordered, and which are left out."""
        menu = Menu("", self)
        for order, words in ORDERS.items():
            action = menu.addAction(translate("Notes", words))
            action.setCheckable(True)
            action.setChecked(order is self._threads.order)
            action.triggered.connect(lambda _=False, order=order: self._order(order))
        menu.addSeparator()
        wanted = self._threads.filter
        for words, on, switch in (
            (self.tr("Show threads with automatic notes alone"), wanted.automatic, lambda _: self._switch_automatic()),
            (self.tr("Show handled threads"), wanted.handled, self._switch_handled),
            (self.tr("Tell me of notes on what is mine"), bool(self._settings.value("notes/notify")), self._notify),
        ):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(on)
            action.toggled.connect(switch)
        return menu

    def _open_order_menu(self) -> None:
        menu = self.order_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.sorting.mapToGlobal(QPoint(0, self.sorting.height() + 2)))

    # What is shown

    def refresh(self, counts: dict[NoteChip, int]) -> None:
        """How many there are, and words where there is nothing to list."""
        wanted = self._threads.filter
        total = self._threads.total
        self._total.setText(counted(total, self.tr("{n} thread"), self.tr("{n} threads")))
        self._show_automatic(wanted)
        self.sorting.setText(translate("Notes", ORDERS[self._threads.order]))
        self._rows_or_nothing.setCurrentWidget(self.rows if total else self.nothing)
        if not total:
            self.nothing.show_words(*self._nothing_words(wanted, counts))

    def _show_automatic(self, wanted: ThreadFilter) -> None:
        alone = self._book.index.automatic_alone()
        words = self.tr("Hide {n} automatic") if wanted.automatic else self.tr("Show {n} automatic")
        self.automatic.set_text(words.replace("{n}", count(alone)))
        self.automatic.setVisible(alone > 0 and not wanted.words)

    def _left_out(self, wanted: ThreadFilter) -> str:
        if wanted.chip is NoteChip.ALL:
            return self.tr("Handled threads were left out.")
        words = self.tr("Only threads under “{chip}” were searched.")
        return words.replace("{chip}", translate("Notes", CHIP_TITLES[wanted.chip]))

    def _nothing_words(self, wanted: ThreadFilter, counts: dict[NoteChip, int]) -> tuple[str, str, str]:
        if self._book.loading:
            return "", self.tr("Notes are shown as soon as the server answers."), ""
        if wanted.words:
            title = self.tr("No note says “{words}”").replace("{words}", wanted.words[:60])
            if wanted.narrowed:
                return title, self._left_out(wanted), self.tr("Search all notes")
            return title, self.tr("All notes of the farm were searched."), self.tr("Clear the search")
        if counts[NoteChip.ALL] and wanted.chip is not NoteChip.ALL:
            titles = {
                NoteChip.UNREAD: self.tr("Everything is read"),
                NoteChip.JOBS: self.tr("No job has notes"),
                NoteChip.CLIENTS: self.tr("No client has notes"),
                NoteChip.MINE: self.tr("No notes on what is yours"),
            }
            return titles[wanted.chip], "", self.tr("Show all")
        if counts[NoteChip.ALL]:
            return self.tr("All threads are handled"), "", self.tr("Show all")
        return self.tr("No notes yet"), self.tr("Press N on a job or client, or begin one here."), ""
