"""A list of note threads as a Qt model: chip, words, order, and what a row shows.

Rows are ids in order; the list shows a part of them and more when it is scrolled, so 100,000 threads are never laid
out at once. The thread that is open stays where it is even when it no longer passes: opening one under "Unread" must
not take it away from under the pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QObject, Qt

from hqgui.models import formats, job_cells
from hqgui.models.farm import FarmData
from hqgui.models.flat_rows import TOP, AnyIndex, FlatRows
from hqgui.models.roles import Role
from hqgui.models.sorted_ids import SortedIds
from hqgui.models.status_words import client_sign
from hqgui.models.thread_index import CHIP_FLAGS, Flag, NoteChip, ThreadIndex, title, tree_name
from hqgui.models.thread_store import Thread, who
from hqgui.words import translate

CHUNK: Final = 300
_PREVIEW: Final = 300
"""Characters of a note in a row."""
_FEW: Final = 32


@unique
class Order(StrEnum):
    """How threads may be ordered."""

    LATEST = "latest"
    OLDEST = "oldest"
    NAME = "name"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class ThreadFilter:
    """What is listed."""

    chip: NoteChip = NoteChip.ALL
    words: str = ""
    automatic: bool = False
    """With threads that hold automatic notes alone."""
    handled: bool = True
    """With threads that are marked as handled."""
    found: frozenset[int] = frozenset()
    """Threads in which the server found the words."""

    @property
    def narrowed(self) -> bool:
        """Whether a search looks through some threads alone."""
        return self.chip is not NoteChip.ALL or not self.handled


class ThreadCell(NamedTuple):
    """What is painted of a thread."""

    title: str = ""
    within: str = ""
    """Name of the tree that the job is in: a frame's number alone says little."""
    glyph: str = ""
    author: str = ""
    """Of the latest note; empty for an automatic one."""
    text: str = ""
    draft: str = ""
    """What the user began to write there and did not send; empty while the thread is open."""
    when: str = ""
    unread: bool = False
    handled: bool = False


class ThreadList(FlatRows):
    """The threads that a view shows. Call `apply` after the index took its changes in."""

    def __init__(
        self,
        farm: FarmData,
        index: ThreadIndex,
        clock: Callable[[], float] = lambda: 0.0,
        parent: QObject | None = None,
        draft_of: Callable[[Thread], str] = lambda _: "",
    ) -> None:
        super().__init__(parent)
        self._farm = farm
        self._draft_of = draft_of
        self._index = index
        self._clock = clock
        self._filter = ThreadFilter()
        self._words: list[str] = []
        self._needed: int = Flag.NONE
        self._unwanted: int = Flag.NONE
        self._order = Order.LATEST
        self._open: int | None = None
        self._held = False
        self._late: set[int] = set()
        """Threads that changed while rows were held."""
        self._limit = CHUNK
        self._sorted = SortedIds((), self._key, descending=True)

    # News

    def apply(self, touched: Iterable[int], removed: Iterable[int]) -> None:
        """Threads changed or are gone; the index knows already."""
        changed, gone = set(touched), set(removed)
        if not changed and not gone and not self._late:
            return
        if self._held:
            self._late |= changed | gone
        else:
            self._arrange(changed | gone | self._late)
        self._tell(changed)

    def _arrange(self, concerned: set[int]) -> None:
        self._late = set()
        here = self._sorted
        wanted = {id_ for id_ in concerned if self._passes(id_)}
        stay = {id_ for id_ in wanted if id_ in here}
        if here.update(self._key, wanted - stay, concerned - wanted, stay):
            self._show()

    def _show(self) -> None:
        self.set_ids(self._sorted.ids[: self._limit])

    def _tell(self, changed: Iterable[int]) -> None:
        places = sorted(self._place[id_] for id_ in changed if id_ in self._place)
        if len(places) > _FEW:
            places = [places[0], places[-1]]
            self.dataChanged.emit(self.index(places[0], 0), self.index(places[1], 0))
            return
        for place in places:
            self.dataChanged.emit(self.index(place, 0), self.index(place, 0))

    def retell(self, thread: int) -> None:
        """What a row says changed, though the thread did not."""
        self._tell((thread,))

    def hold(self, held: bool) -> None:
        """Let rows stay where they are; what they say may change."""
        self._held = held
        if not held and self._late:
            self._arrange(set(self._late))

    # What is listed

    @property
    def filter(self) -> ThreadFilter:
        """The filter in force."""
        return self._filter

    @property
    def order(self) -> Order:
        """The order in force."""
        return self._order

    @property
    def total(self) -> int:
        """Threads that pass, shown or further down."""
        return len(self._sorted)

    def set_filter(self, wanted: ThreadFilter) -> None:
        """Another filter, at once."""
        if wanted != self._filter:
            self._filter = wanted
            self._words = wanted.words.casefold().split()
            self._needed = CHIP_FLAGS[wanted.chip]
            self._unwanted = Flag.NONE if wanted.handled else Flag.HANDLED
            self._begin()

    def set_order(self, wanted: Order) -> None:
        """Another order, at once."""
        if wanted is not self._order:
            self._order = wanted
            self._begin()

    def _begin(self) -> None:
        self._limit = CHUNK
        self._late = set()
        passing = self._all_passing()
        self._sorted = SortedIds(passing, self._key, self._order in (Order.LATEST, Order.LONGEST))
        self._show()

    def _all_passing(self) -> list[int]:
        """Every thread that passes: as `_passes` says of one, for all of them in a few sweeps."""
        needed, unwanted = self._needed, self._unwanted
        if not self._words and not self._filter.automatic:
            needed |= Flag.WRITTEN
        all_flags = self._index.all_flags
        found = [id_ for id_, flags in all_flags.items() if flags & needed == needed and not flags & unwanted]
        texts, anyway = self._index.texts, self._filter.found
        for word in self._words:
            found = [id_ for id_ in found if word in texts[id_] or id_ in anyway]
        if self._open is not None and not self._words and self._open in all_flags and not self._is_wanted(self._open):
            found.append(self._open)
        return found

    def set_open(self, thread: int | None) -> None:
        """The thread that is open; it stays in the list."""
        former, self._open = self._open, thread
        both = {id_ for id_ in (former, thread) if id_ is not None}
        self._arrange(both)
        self._tell(both)

    def reveal(self, thread: int) -> bool:
        """Have a thread among the rows that are shown; says whether it passes at all."""
        if thread not in self._sorted:
            return False
        place = self._sorted.place(thread)
        if place >= self._limit:
            self._limit = (place // CHUNK + 1) * CHUNK
            self._show()
        return True

    def _passes(self, id_: int) -> bool:
        if id_ not in self._farm.threads:
            return False
        return self._is_wanted(id_) or (id_ == self._open and not self._words)

    def _is_wanted(self, id_: int) -> bool:
        flags, words = self._index.flags(id_), self._words
        if flags & self._needed != self._needed or flags & self._unwanted:
            return False
        if not words:
            return bool(flags & Flag.WRITTEN) or self._filter.automatic
        if id_ in self._filter.found:
            return True
        text = self._index.text(id_)
        return all(word in text for word in words)

    def _key(self, id_: int) -> Any:
        thread = self._farm.threads.rows[id_]
        if self._order is Order.NAME:
            return title(self._farm, thread).casefold()
        return thread.count if self._order is Order.LONGEST else thread.last

    # More

    def canFetchMore(self, parent: AnyIndex) -> bool:
        """Whether more rows are there than are shown."""
        return not parent.isValid() and len(self._sorted) > self._limit

    def fetchMore(self, parent: AnyIndex) -> None:
        """Show more rows."""
        if self.canFetchMore(parent):
            self._limit += CHUNK
            self._show()

    # Rows

    def columnCount(self, parent: AnyIndex = TOP) -> int:
        """One."""
        return 0 if parent.isValid() else 1

    def thread_at(self, index: AnyIndex) -> Thread | None:
        """The thread of a row."""
        valid = index.isValid() and index.row() < len(self._ids)
        return self._farm.threads.get(self._ids[index.row()]) if valid else None

    def cell(self, index: AnyIndex) -> ThreadCell:
        """What a delegate paints."""
        thread = self.thread_at(index)
        if thread is None:
            return ThreadCell()
        draft = "" if thread.id == self._open else self._draft_of(thread)
        return thread_cell(self._farm, self._index, thread, self._clock(), draft)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The roles of `models.roles`, and what Qt asks of every model."""
        thread = self.thread_at(index)
        if thread is None:
            return None
        if role == Role.ID:
            return thread.id
        if role == Role.CELL:
            return self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return title(self._farm, thread)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return sentence(self.cell(index))
        return self.cell(index).text if role == Qt.ItemDataRole.AccessibleDescriptionRole else None


def thread_glyph(farm: FarmData, thread: Thread) -> str:
    """The state of what a thread is about, or a note."""
    row = farm.jobs.row_of.get(thread.job or 0)
    if row is not None:
        return job_cells.shown(farm.jobs, row)
    client = farm.clients.get(thread.client or 0)
    return "note" if client is None else client_sign(client)


def thread_cell(farm: FarmData, index: ThreadIndex, thread: Thread, now: float, draft: str = "") -> ThreadCell:
    """What is painted of a thread."""
    return ThreadCell(
        title=title(farm, thread),
        within=tree_name(farm, thread),
        glyph=thread_glyph(farm, thread),
        author=formats.one_line(who(thread.author), 60),
        text=_preview(thread.text),
        draft=_preview(draft),
        when=short_when(thread.last, now),
        unread=bool(index.flags(thread.id) & Flag.UNREAD),
        handled=thread.handled,
    )


def _preview(text: str) -> str:
    return formats.one_line(" ".join(text[: 2 * _PREVIEW].split()), _PREVIEW)


def short_when(seconds: int, now: float) -> str:
    """`14:20` today, `Yesterday`, `Mon` within a week, `12 Mar` before that."""
    if not seconds:
        return ""
    text = formats.when(seconds, now)
    if formats.when(seconds, now - 86_400).find(" ") < 0 and " " in text:
        return translate("Notes", "Yesterday")
    return text.split(" ")[0] if ":" in text and " " in text else text


def sentence(cell: ThreadCell) -> str:
    """A row for those who hear it: `beauty_key, unread, mbrandt, 13:47`."""
    words = [translate("Notes", "unread")] if cell.unread else []
    words += [translate("Notes", "handled")] if cell.handled else []
    words += [translate("Notes", "draft")] if cell.draft else []
    name = f"{cell.title} {translate('Notes', 'in')} {cell.within}" if cell.within else cell.title
    writer = cell.author or translate("Notes", "automatic note")
    return ", ".join(part for part in (name, *words, writer, cell.when) if part)
