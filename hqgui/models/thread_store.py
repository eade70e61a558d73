"""The note threads that the window knows: a row for each by id, and which thread a job or a client has.

The feed brings of each thread what its latest note says; the notes themselves are asked for when a thread is opened.
A farm may have 100,000 threads, so what is kept of a text is cut, and nothing here walks over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hqgui.models.formats import one_line
from hqgui.models.wire_values import wire_seconds

LONGEST_KEPT: Final = 2_000
"""Characters of the latest note; more is never seen in a list."""
LONGEST_BEGINNING: Final = 200
"""Characters of a first note, which names a thread about nothing."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread."""

    id: int
    job: int | None = None
    client: int | None = None
    client_label: str = ""
    count: int = 0
    """Notes in it; 0 when the server does not say."""
    handled: bool = False
    last: int = 0
    """When its latest note was added, seconds since the epoch."""
    text: str = ""
    """Of its latest note."""
    author: str = ""
    """Of its latest note; empty for an automatic one."""
    written: int = 0
    """Id of the latest note that a person wrote; 0 for none."""
    revision: int = 0
    first: str = ""
    """How the first note of a thread about nothing begins; empty while that is not known."""

    @property
    def nameless(self) -> bool:
        """Whether it is about nothing, and its first note is not known."""
        return self.job is None and self.client is None and not self.first


@dataclass(slots=True)
class ThreadChanges:
    """Ids touched since the last take."""

    changed: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


class ThreadStore:
    """The threads by id."""

    def __init__(self) -> None:
        self.rows: dict[int, Thread] = {}
        self.of_job: dict[int, int] = {}
        """The thread of each job that has one."""
        self.of_client: dict[int, int] = {}
        self.highest = 0
        """The highest id of a note that a person wrote, of all that were ever seen."""
        self._changes = ThreadChanges()

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, thread: int) -> bool:
        return thread in self.rows

    def get(self, thread: int | None) -> Thread | None:
        """One thread."""
        return None if thread is None else self.rows.get(thread)

    def upsert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows in; an attribute that a row lacks keeps its value."""
        for row in rows:
            thread = _taken(row, self.rows.get(row["id"]))
            self.rows[thread.id] = thread
            if thread.job is not None:
                self.of_job[thread.job] = thread.id
            if thread.client is not None:
                self.of_client[thread.client] = thread.id
            self.highest = max(self.highest, thread.written)
            self._changes.changed.add(thread.id)
            self._changes.removed.discard(thread.id)

    def remove(self, threads: Iterable[int]) -> None:
        """Forget threads; unknown ids are passed over."""
        for id_ in threads:
            gone = self.rows.pop(id_, None)
            if gone is not None:
                _forget(self.of_job, gone.job, id_)
                _forget(self.of_client, gone.client, id_)
                self._changes.removed.add(id_)
                self._changes.changed.discard(id_)

    def begin(self, thread: int, first: str) -> None:
        """The first note of a thread was read."""
        known = self.rows.get(thread)
        if known is not None and known.job is None and known.client is None:
            self.rows[thread] = replace(known, first=first[:LONGEST_BEGINNING])

    def take_changes(self) -> ThreadChanges:
        """What changed since the last call."""
        taken, self._changes = self._changes, ThreadChanges()
        return taken


def _taken(row: Mapping[str, Any], known: Thread | None) -> Thread:
    former = known or Thread(row["id"])
    value = row.get
    job, client = value("jobId", former.job), value("clientId", former.client)
    count = int(value("count", former.count) or 0)
    text = str(value("latestNote", former.text) or "")[:LONGEST_KEPT]
    return Thread(
        id=former.id,
        job=job,
        client=client,
        client_label=str(value("clientLabel", former.client_label) or ""),
        count=count,
        handled=bool(value("handled", former.handled)),
        last=wire_seconds(row["lastDate"]) or 0 if "lastDate" in row else former.last,
        text=text,
        author=str(value("latestAuthor", former.author) or ""),
        written=int(value("writtenId", former.written) or 0),
        revision=int(value("revision", former.revision) or 0),
        first=_beginning(count, text, former) if job is None and client is None else "",
    )


def _beginning(count: int, latest: str, former: Thread) -> str:
    """The feed brings latest notes. Where one was taken away, it may have been the first."""
    if count == 1:
        return latest[:LONGEST_BEGINNING]
    return "" if count < former.count else former.first


def _forget(index: dict[int, int], subject: int | None, thread: int) -> None:
    if subject is not None and index.get(subject) == thread:
        del index[subject]


_NOBODY: Final = "anonymous@"


def written_by(author: str, when: str) -> str:
    """`ana, 13:47`: who wrote a note and when; the time alone of an automatic one."""
    return f"{one_line(who(author), 40)}, {when}" if author else when


def who(author: str) -> str:
    """A writer's name as it is shown: of one without a name the address."""
    return author.removeprefix(_NOBODY) or author
