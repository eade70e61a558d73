"""What the tree should show: which rows stand below a node, in which order.

Pure decisions over the store: filter, sort column, folding, and how much of a long list is loaded. The model compares
the answer with the rows that there are and tells Qt the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hqgui.models.folding import Pins, Wanted, fold
from hqgui.models.job_columns import COLUMNS, PLACE
from hqgui.models.job_filter import NOBODY, ChipCounts, JobFilter, Users
from hqgui.models.job_store import JobChanges, JobStore
from hqgui.models.roles import RowKind
from hqgui.models.sorted_ids import Key, SortedIds
from hqgui.models.tree_nodes import Node

if TYPE_CHECKING:
    from hqgui.models.job_finding import Found

MOST_LOADED = 5_000
"""Rows beyond this one are not loaded for the sake of a selection."""


class Shape:
    """The rules in force, and the rows that follow from them."""

    def __init__(self, store: JobStore, users: Users = NOBODY) -> None:
        self._store = store
        self.filter = JobFilter()
        self.found: Found | None = None
        self.chips = ChipCounts(store, users)
        self.column = PLACE["priority"]
        self.descending = True
        self.folding = True
        self.kept: frozenset[int] = frozenset()
        """Jobs that are selected, current or just looked for."""
        self.expanded: set[int] = set()
        """Jobs that are unfolded."""
        self.now = 0.0

    def set_filter(self, wanted: JobFilter) -> None:
        """Another filter. Raises FilterError, and keeps the one in force, when its text is not understood."""
        if wanted.text != self.filter.text:
            self.found = self._find(wanted.text)
        self.filter = wanted

    def _find(self, text: str) -> Found | None:
        if not text.strip():
            return None
        from hqgui.models.job_finding import Found  # the filter language is loaded when somebody filters

        return Found(self._store, text, self.now, self.found)

    @property
    def asks_for_time(self) -> bool:
        """Whether the text may find others only because time went by."""
        return self.found is not None and self.found.timed

    def take_in(self, changes: JobChanges) -> bool:
        """Keep counts and findings up; says whether the text finds others than before."""
        self.chips.update(changes.changed | changes.removed | changes.tops)
        return self.found is not None and self.found.update(changes, self.now)

    @property
    def key(self) -> Key:
        """The sort key of a job."""
        by_row = COLUMNS[self.column].sort(self._store, self.now)
        row_of = self._store.row_of
        return lambda job: by_row(row_of[job])

    def has_rows(self, node: Node) -> bool:
        """Whether anything stands below a node."""
        if node.kind is not RowKind.JOB:
            return bool(node.members)
        if node.parent is None:
            return bool(len(self._store))
        children = self._store.children(node.job)
        if self.found is None or self._is_open(node):
            return bool(children) or bool(self._store.value(node.job, "childCount"))
        return node.job in self.found.above

    def arrange(self, node: Node, resort: bool) -> list[Wanted]:
        """The rows that should stand below a job's node; its order is brought up to date. `resort`: rows may move."""
        self._refresh(node, resort)
        assert node.order is not None
        ids = node.order.ids
        if not self.folding or node.parent is None:
            return self._window(node, [Wanted(RowKind.JOB, job) for job in ids])
        return self._window(node, fold(ids, self._state, self._pins(node)))

    def arrange_members(self, node: Node) -> list[Wanted]:
        """The rows that should stand below a fold."""
        return self._window(node, [Wanted(RowKind.JOB, job) for job in node.members])

    def _refresh(self, node: Node, resort: bool) -> None:
        belongs = self._membership(node)
        if node.order is None:
            ids = self._store.tops() if node.parent is None else self._store.children(node.job)
            node.order = SortedIds([job for job in ids if belongs(job)], self.key, self.descending)
            node.late.clear()
        else:
            here = {job for job in node.stale if belongs(job)}
            if resort:
                here |= {job for job in node.late if job in node.order and job in self._store}
                node.late.clear()
            else:
                node.late |= here
            node.order.update(self.key, here, node.stale - here, here if resort else ())
        node.stale.clear()

    def _membership(self, node: Node) -> _Membership:
        return _Membership(self._store, self, node, self.found is None or self._is_open(node))

    def _is_open(self, node: Node) -> bool:
        """Whether the text was found in this job or one above it, so that everything below is shown."""
        if self.found is None:
            return True
        if node.parent is None:
            return False
        return node.job in self.found.jobs or any(job in self.found.jobs for job in node.jobs_above())

    def _state(self, job: int) -> str:
        row = self._store.row_of[job]
        if self._store.child_count[row] or self._store.children(job):
            return ""
        return self._store.status[row]

    def _pins(self, node: Node) -> Pins:
        folds = [row for row in node.rows if row.kind is RowKind.FOLD]
        kept = self.kept
        held = [one for one in folds if one.expanded or (one.loaded and kept and not kept.isdisjoint(one.members))]
        return Pins(kept, {job: one.number for one in held for job in one.members})

    def _window(self, node: Node, wanted: list[Wanted]) -> list[Wanted]:
        """As much of a long list as is loaded, and a row for the rest."""
        limit = node.limit
        if len(wanted) > limit and (self.kept or self.expanded):
            opened = {row.job for row in node.rows if row.kind is RowKind.FOLD and row.expanded}
            for place in range(limit, min(len(wanted), MOST_LOADED)):
                job = wanted[place].job
                if job in self.kept or job in self.expanded or job in opened:
                    limit = place + 1
        node.rest = max(0, len(wanted) - limit)
        if not node.rest:
            return wanted
        shown = wanted[:limit]
        if node.parent is not None:
            shown.append(Wanted(RowKind.MORE, node.home().job if node.kind is RowKind.FOLD else node.job))
        return shown


class _Membership:
    """Whether a job stands among the children of a node."""

    def __init__(self, store: JobStore, shape: Shape, node: Node, everything: bool) -> None:
        self._store = store
        self._shape = shape
        self._node = node
        self._everything = everything

    def __call__(self, job: int) -> bool:
        row = self._store.row_of.get(job)
        if row is None:
            return False
        if self._node.parent is None:
            return self._store.is_top(job) and self._chosen(job) and self._found(job)
        return self._node.job in self._store.parents[row] and self._found(job)

    def _found(self, job: int) -> bool:
        found = self._shape.found
        return self._everything or found is None or job in found.jobs or job in found.above

    def _chosen(self, job: int) -> bool:
        if self._shape.filter.passes(self._shape.chips.flags(job)):
            return True
        order = self._node.order
        return order is not None and job in order and job in self._shape.kept


def stale_everywhere(nodes: Iterable[Node]) -> None:
    """Let every node sort and filter anew."""
    for node in nodes:
        node.order = None
        node.stale.clear()
        node.late.clear()
