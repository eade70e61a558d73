"""Rows of the tree that exist for Qt: one node for each loaded row, found by number or by job.

A node is a place, not a job: a job with two parents has two. Numbers are never reused, so a stale index finds nothing
instead of something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from hqgui.models.folding import Wanted
from hqgui.models.roles import RowKind
from hqgui.models.sorted_ids import SortedIds

CHUNK = 500
"""Rows that are loaded at once."""


class Node:
    """One loaded row and, once it was opened, the rows below it."""

    __slots__ = (
        "depth",
        "expanded",
        "job",
        "kind",
        "late",
        "limit",
        "loaded",
        "members",
        "number",
        "order",
        "parent",
        "rest",
        "row",
        "rows",
        "stale",
        "was_parent",
    )

    def __init__(self, number: int, parent: Node | None, wanted: Wanted, row: int) -> None:
        self.number = number
        self.parent = parent
        self.kind = wanted.kind
        self.job = wanted.job
        self.members = wanted.members
        self.row = row
        self.depth: int = -1 if parent is None else parent.depth + 1
        self.rows: list[Node] = []
        self.loaded = False
        self.expanded = False
        self.limit = CHUNK
        self.rest = 0
        """Rows that the limit leaves out."""
        self.order: SortedIds | None = None
        """Of a job: its children that pass the filter."""
        self.stale: set[int] = set()
        """Children that changed since the rows were arranged."""
        self.late: set[int] = set()
        """Children that stand where they stood, until rows are put in order again."""
        self.was_parent = False
        """Whether the view was told that there is something below."""

    def home(self) -> Node:
        """The job's node (or the root) whose children this node stands among."""
        above = self.parent
        assert above is not None
        return above.home() if above.kind is RowKind.FOLD else above

    def jobs_above(self) -> Iterator[int]:
        """Ids from the job above to the top."""
        above = self.parent
        while above is not None:
            if above.kind is RowKind.JOB and above.parent is not None:
                yield above.job
            above = above.parent


class Nodes:
    """All nodes."""

    def __init__(self) -> None:
        self._next = 1
        self._by_number: dict[int, Node] = {}
        self._by_job: dict[int, list[Node]] = {}
        self.root = self.add(None, Wanted(RowKind.JOB, 0), 0)
        self.root.loaded = True

    def add(self, parent: Node | None, wanted: Wanted, row: int) -> Node:
        """A new node; the caller puts it among its parent's rows."""
        node = Node(self._next, parent, wanted, row)
        self._next += 1
        self._by_number[node.number] = node
        if node.kind is RowKind.JOB:
            self._by_job.setdefault(node.job, []).append(node)
        return node

    def forget(self, node: Node) -> None:
        """A node and all below it are gone."""
        waiting = [node]
        while waiting:
            gone = waiting.pop()
            waiting.extend(gone.rows)
            del self._by_number[gone.number]
            if gone.kind is RowKind.JOB:
                places = self._by_job[gone.job]
                places.remove(gone)
                if not places:
                    del self._by_job[gone.job]

    def find(self, number: int) -> Node | None:
        """The node with this number, if it is still there."""
        return self._by_number.get(number)

    def of_job(self, job: int) -> list[Node]:
        """All places where a job has a row of its own; 0: the root."""
        return self._by_job.get(job, [])

    def alive(self, node: Node) -> bool:
        """Whether the node is still there."""
        return node.number in self._by_number

    def loaded(self) -> list[Node]:
        """All nodes of jobs whose rows were loaded, the root too."""
        return [node for node in self._by_number.values() if node.loaded and node.kind is RowKind.JOB]

    def closed(self) -> list[Node]:
        """All nodes of jobs whose rows were never loaded."""
        return [node for node in self._by_number.values() if not node.loaded and node.kind is RowKind.JOB]


def renumber(rows: list[Node], start: int = 0) -> None:
    """Tell nodes where they stand."""
    for place in range(start, len(rows)):
        rows[place].row = place


def fitting(rows: list[Node], wanted: list[Wanted]) -> list[Node | Wanted]:
    """For each wanted row the node that shows it already, else the wish itself.

    A fold goes on as the same row when its first member left it, as long as it has a member in common with the one it
    was and nobody else claims it: it may be selected.
    """
    jobs = {node.job: node for node in rows if node.kind is RowKind.JOB}
    folds = {node.job: node for node in rows if node.kind is RowKind.FOLD}
    more = next((node for node in rows if node.kind is RowKind.MORE), None)
    found: list[Node | Wanted] = []
    orphans: list[int] = []
    for wish in wanted:
        node = more if wish.kind is RowKind.MORE else (jobs if wish.kind is RowKind.JOB else folds).pop(wish.job, None)
        if node is None and wish.kind is RowKind.FOLD:
            orphans.append(len(found))
        found.append(wish if node is None else node)
    if orphans and folds:
        _adopt(found, orphans, list(folds.values()))
    return found


def _adopt(found: list[Node | Wanted], orphans: list[int], folds: list[Node]) -> None:
    owner = {job: fold for fold in folds for job in fold.members}
    taken: set[int] = set()
    for place in orphans:
        wish = found[place]
        assert isinstance(wish, Wanted)
        heir = next((owner[job] for job in wish.members if job in owner), None)
        if heir is not None and heir.number not in taken:
            taken.add(heir.number)
            found[place] = heir
