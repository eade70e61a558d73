"""Everything that the window knows of one farm: the stores together, fed with what the server answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hqgui.models.client_store import ClientChanges, ClientStore
from hqgui.models.job_store import JobChanges, JobStore
from hqgui.models.thread_store import ThreadChanges, ThreadStore

KINDS: Final = ("jobs", "clients", "groups", "resources", "threads")

Rows = Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class FarmChanges:
    """What changed since the last take."""

    jobs: JobChanges = field(default_factory=JobChanges)
    clients: ClientChanges = field(default_factory=ClientChanges)
    threads: ThreadChanges = field(default_factory=ThreadChanges)
    kinds: frozenset[str] = frozenset()
    """Which of groups and resources changed."""

    def __bool__(self) -> bool:
        return bool(self.jobs or self.clients or self.threads or self.kinds)


class FarmData:
    """Jobs, clients and note threads in their stores; groups and resources as rows by id."""

    def __init__(self) -> None:
        self.jobs = JobStore()
        self.clients = ClientStore()
        self.threads = ThreadStore()
        self.groups: dict[int, dict[str, Any]] = {}
        self.resources: dict[int, dict[str, Any]] = {}
        self._stores: dict[str, JobStore | ClientStore | ThreadStore] = {
            "jobs": self.jobs,
            "clients": self.clients,
            "threads": self.threads,
        }
        self._tables: dict[str, dict[int, dict[str, Any]]] = {"groups": self.groups, "resources": self.resources}
        self._kinds: set[str] = set()

    def take_in(self, answer: Mapping[str, Any]) -> None:
        """One answer of `getChanges`, whole."""
        for kind, ids in (answer.get("removed") or {}).items():
            self.remove(kind, ids)
        for kind in KINDS:
            self.upsert(kind, answer.get(kind) or ())

    def upsert(self, kind: str, rows: Rows) -> None:
        """Rows of one kind; a kind that this version does not know is passed over."""
        if kind in self._stores:
            self._stores[kind].upsert(rows)
        elif kind in self._tables and rows:
            known = self._tables[kind]
            for row in rows:
                known[row["id"]] = {**known.get(row["id"], {}), **row}
            self._kinds.add(kind)

    def remove(self, kind: str, ids: Iterable[int]) -> None:
        """Rows of one kind are gone."""
        if kind in self._stores:
            self._stores[kind].remove(ids)
        elif kind in self._tables:
            for row_id in ids:
                self._tables[kind].pop(row_id, None)
            self._kinds.add(kind)

    def ids(self, kind: str) -> set[int]:
        """The ids of one kind that are known."""
        if kind == "jobs":
            return set(self.jobs.row_of)
        known: Mapping[int, Any] = self._tables[kind] if kind in self._tables else self._rows(kind)
        return set(known)

    def _rows(self, kind: str) -> Mapping[int, Any]:
        return self.clients.rows if kind == "clients" else self.threads.rows

    def take_changes(self) -> FarmChanges:
        """What changed since the last call."""
        kinds, self._kinds = frozenset(self._kinds), set()
        stores = self.jobs.take_changes(), self.clients.take_changes(), self.threads.take_changes()
        return FarmChanges(*stores, kinds)


class Snapshot:
    """Finds out after a snapshot what is gone: rows that were known and did not come again."""

    def __init__(self, farm: FarmData) -> None:
        self._farm = farm
        self._unseen = {kind: farm.ids(kind) for kind in KINDS}
        farm.jobs.begin_loading()

    def saw(self, kind: str, rows: Rows) -> None:
        """These rows came."""
        if kind in self._unseen:
            self._unseen[kind].difference_update(row["id"] for row in rows)

    def end(self) -> None:
        """Everything came."""
        for kind, ids in self._unseen.items():
            if ids:
                self._farm.remove(kind, ids)
        self._farm.jobs.loaded()


def slices(rows: Rows, size: int) -> Iterator[Rows]:
    """Rows in parts that are taken in without a pause that is seen."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
