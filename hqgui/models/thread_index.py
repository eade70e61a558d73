"""What is asked of all threads at once, kept up to date by what changed: who is unread, whose is whose, what says what.

One index serves every list of threads. Each thread has a few flags; how many threads have which flags is counted, so
chips and badges cost nothing, and a word is looked for in one text per thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum, unique
from textwrap import shorten
from typing import Final

from hqgui.models import formats
from hqgui.models.client_cells import job_title
from hqgui.models.farm import FarmChanges, FarmData
from hqgui.models.read_marks import ReadMarks
from hqgui.models.thread_store import Thread, who
from hqgui.words import translate

_LONGEST_NAME: Final = 44
"""Characters of a note by which a thread about nothing is called."""
_SEARCHED: Final = 600
"""Characters of a note in which words are looked for here; the server looks in all of them."""


class Flag:
    """What is true of a thread, as bits of a plain number: an enumeration's would cost more than all the rest."""

    NONE: Final = 0
    UNREAD: Final = 1
    JOB: Final = 2
    CLIENT: Final = 4
    MINE: Final = 8
    WRITTEN: Final = 16
    """A person wrote in it; without it, it holds automatic notes alone."""
    HANDLED: Final = 32


@unique
class NoteChip(StrEnum):
    """The chips over the threads."""

    ALL = "all"
    UNREAD = "unread"
    JOBS = "jobs"
    CLIENTS = "clients"
    MINE = "mine"


CHIP_FLAGS: Final = {
    NoteChip.ALL: Flag.NONE,
    NoteChip.UNREAD: Flag.UNREAD,
    NoteChip.JOBS: Flag.JOB,
    NoteChip.CLIENTS: Flag.CLIENT,
    NoteChip.MINE: Flag.MINE,
}


class ThreadIndex:
    """Flags and searched texts. `watched` says whether somebody asked to be told of a thread (None: did not say)."""

    def __init__(
        self, farm: FarmData, marks: ReadMarks, watched: Callable[[Thread], bool | None], machine: str = ""
    ) -> None:
        self._farm = farm
        self._marks = marks
        self._watched = watched
        self._machine = machine.casefold()
        self.all_flags: dict[int, int] = {}
        """To sweep over; `flags` is for one."""
        self._counts: Counter[int] = Counter()
        self.texts: dict[int, str] = {}
        """As `text`, to sweep over."""
        self.users: frozenset[str] = frozenset()
        """The names under which the user submits."""
        self.user = ""
        """As whom the user writes notes; empty: nobody knows."""

    # Asked

    def flags(self, thread: int) -> int:
        """What is true of a thread."""
        return self.all_flags.get(thread, Flag.NONE)

    def text(self, thread: int) -> str:
        """In small letters: its title, who wrote last, and what."""
        return self.texts.get(thread, "")

    def counts(self, automatic: bool, handled: bool = True) -> dict[NoteChip, int]:
        """Threads for each chip; with those that hold automatic notes alone, and with those that are handled."""
        needed = Flag.NONE if automatic else Flag.WRITTEN
        unwanted = Flag.NONE if handled else Flag.HANDLED
        return {chip: self._counted(flag | needed, unwanted) for chip, flag in CHIP_FLAGS.items()}

    def _counted(self, needed: int, unwanted: int) -> int:
        found = ((flags, number) for flags, number in self._counts.items() if not flags & unwanted)
        return sum(number for flags, number in found if flags & needed == needed)

    def automatic_alone(self) -> int:
        """Threads that hold automatic notes alone."""
        return sum(number for flags, number in self._counts.items() if not flags & Flag.WRITTEN)

    def unread(self) -> list[int]:
        """Threads that are unread."""
        return [thread for thread, flags in self.all_flags.items() if flags & Flag.UNREAD]

    def is_mine(self, thread: Thread) -> bool:
        """Whether it is about what the user submitted or sits at, wrote in last, or asked to be told of."""
        wanted = self._watched(thread)
        return self.is_by_me(thread) or self.is_about_mine(thread) if wanted is None else wanted

    def is_about_mine(self, thread: Thread) -> bool:
        """Whether it is about what the user submitted or sits at, whatever they asked to be told of."""
        jobs = self._farm.jobs
        if thread.job is not None:
            return jobs.value(thread.job, "submittedBy") in self.users
        row = self._farm.clients.get(thread.client or 0)
        return row is not None and bool(self._machine) and str(row["hostname"]).casefold() == self._machine

    def is_by_me(self, thread: Thread) -> bool:
        """Whether the user wrote its latest note, from here or from elsewhere."""
        return bool(self.user) and thread.author == self.user

    # News

    def touched(self, changes: FarmChanges) -> set[int]:
        """Threads that changed, or whose job or client did."""
        threads = self._farm.threads
        found = set(changes.threads.changed)
        found.update(threads.of_job[job] for job in threads.of_job.keys() & changes.jobs.changed)
        found.update(threads.of_client[client] for client in threads.of_client.keys() & changes.clients.changed)
        return found

    def apply(self, touched: Iterable[int], removed: Iterable[int]) -> None:
        """Take in what changed."""
        for id_ in removed:
            self._drop(id_)
        for id_ in touched:
            thread = self._farm.threads.get(id_)
            if thread is not None:
                self._put(thread)

    def judge_all(self) -> None:
        """Flags of all threads anew: other marks, other users."""
        for thread in self._farm.threads.rows.values():
            self._set(thread.id, self._judged(thread))

    def _put(self, thread: Thread) -> None:
        self._set(thread.id, self._judged(thread))
        name = f"{title(self._farm, thread)} {tree_name(self._farm, thread)}"
        said = f"{name}\n{who(thread.author)}\n{thread.text[:_SEARCHED]}"
        self.texts[thread.id] = said.casefold()

    def _set(self, thread: int, flags: int) -> None:
        former = self.all_flags.get(thread)
        if former is not None:
            self._counts[former] -= 1
        self.all_flags[thread] = flags
        self._counts[flags] += 1

    def _drop(self, thread: int) -> None:
        former = self.all_flags.pop(thread, None)
        self.texts.pop(thread, None)
        if former is not None:
            self._counts[former] -= 1

    def _judged(self, thread: Thread) -> int:
        found: int = Flag.UNREAD if self._marks.is_unread(thread) else Flag.NONE
        if thread.job is not None:
            found |= Flag.JOB
        if thread.client is not None:
            found |= Flag.CLIENT
        if self.is_mine(thread):
            found |= Flag.MINE
        if thread.written:
            found |= Flag.WRITTEN
        if thread.handled:
            found |= Flag.HANDLED
        return found


def tree_name(farm: FarmData, thread: Thread) -> str:
    """Name of the tree in which a thread's job is; empty for a root and for what is about no job."""
    if thread.job is None or thread.job not in farm.jobs:
        return ""
    root, above = thread.job, farm.jobs.known_parents(thread.job)
    while above:
        root = above[0]
        above = farm.jobs.known_parents(root)
    return "" if root == thread.job else formats.one_line(str(farm.jobs.value(root, "name")), 120)


def full_title(farm: FarmData, thread: Thread) -> str:
    """As `title`, with the name of what a job is in: for where that is not said beside it."""
    return title(farm, thread) if thread.job is None else job_title(farm.jobs, thread.job)


def title(farm: FarmData, thread: Thread) -> str:
    """What a thread is about: a job's or a client's name, else how it begins, or its number while nobody knows that."""
    if thread.job is not None:
        name = str(farm.jobs.value(thread.job, "name")) if thread.job in farm.jobs else ""
        return formats.one_line(name, 200) or f"#{thread.job}"
    if thread.client is not None:
        label = farm.clients.label(thread.client) if thread.client in farm.clients else thread.client_label
        return formats.one_line(label, 200) or f"#{thread.client}"
    return beginning(thread.first) or translate("Notes", "Free note {n}").replace("{n}", str(thread.id))


def beginning(note: str) -> str:
    """The first words of a note, for a name."""
    words = note.replace(">", " ").split()
    return formats.one_line(shorten(" ".join(words), _LONGEST_NAME, placeholder="…") if words else "", _LONGEST_NAME)
