"""All jobs that the window knows, in columns: one list for each attribute, a row number for each id.

No object stands for a job; 100,000 of them are lists of shared values. Rows come in as `getChanges` gives them and
leave by id. The store derives what a row does not say (children, roots, counts by status, ends per five minutes) and
notes what changed until `take_changes` is called, which the window does at most ten times a second.

A job whose parents are all unknown stands at the top, except while a snapshot comes in (`loading`), when its parents
may still be on their way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from hqgui.models.wire_values import ClientRef, Convert, Shared, converters, defaults
from hqserver.wire.attributes import feed_names
from hqserver.wire.jobs import ATTRIBUTES
from hqserver.wire.statuses import FINISHED, JobStatus

FED: Final = feed_names(ATTRIBUTES)
ASKED: Final = ("waitingFor", "waitingCode")
"""Not in the feed, because a reason may change without its job; asked for those rows that are shown."""
NAMES: Final = FED + tuple(name for name in ASKED if name not in FED)
_TYPES: Final = {name: ATTRIBUTES[name].type for name in NAMES}
_DEFAULTS: Final = defaults(_TYPES) | {"ETA": -1, "cpus": 1, "minHosts": 1, "maxHosts": 1}
_ALL: Final = itemgetter(*FED)
END_BUCKET_SECONDS: Final = 300
_RAN: Final = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED})


@dataclass(slots=True)
class JobChanges:
    """Ids touched since the last take."""

    changed: set[int] = field(default_factory=set)
    """Rows with new values, added ones too."""
    removed: set[int] = field(default_factory=set)
    moved: dict[int, set[int]] = field(default_factory=dict)
    """For each parent, children that came to it or left it."""
    tops: set[int] = field(default_factory=set)
    """Jobs that came to the top of the tree or left it."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed or self.moved or self.tops)


class JobStore:
    """The columns. Rows are reused after a removal; hold ids, never row numbers, across a change."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in NAMES}
        self.row_of: dict[int, int] = {}
        self._below: tuple[AbstractSet[int], dict[int, bool]] = (frozenset(), {})
        """The last question of `below`, and what is known for it as long as nobody has other parents."""
        self.counts: Counter[str] = Counter()
        """Jobs by status."""
        self.leaf_counts: Counter[str] = Counter()
        """Jobs without children by status."""
        self.ends: Counter[int] = Counter()
        """Leaves that succeeded or failed, by `endTime // END_BUCKET_SECONDS`."""
        self.version = 0
        self.loading = False
        self._shared = Shared()
        self._plan = {name: (self.columns[name], convert) for name, convert in self._converters().items()}
        self._children: dict[int, list[int]] = {}
        self._tops: dict[int, None] = {}
        self._orphans: dict[int, None] = {}
        self._free: list[int] = []
        self._changes = JobChanges()
        self._bind()

    def _bind(self) -> None:
        column = self.columns
        self.ids: list[int] = column["id"]
        self.name: list[str] = column["name"]
        self.status: list[str] = column["status"]
        self.parents: list[tuple[int, ...]] = column["parents"]
        self.priority: list[int] = column["priority"]
        self.progress: list[float] = column["progress"]
        self.overall_progress: list[float] = column["overallProgress"]
        self.eta: list[float] = column["ETA"]
        self.clients: list[tuple[ClientRef, ...]] = column["clients"]
        self.tags: list[tuple[str, ...]] = column["tags"]
        self.submitted_by: list[str] = column["submittedBy"]
        self.queue_time: list[int | None] = column["queueTime"]
        self.start_time: list[int | None] = column["startTime"]
        self.end_time: list[int | None] = column["endTime"]
        self.command_start: list[int | None] = column["commandStartTime"]
        self.runtime: list[float | None] = column["runtime"]
        self.mean_runtime: list[float | None] = column["meanRuntime"]
        self.child_counts: list[tuple[tuple[str, int], ...]] = column["childCounts"]
        self.child_count: list[int] = column["childCount"]
        self.frame: list[int | str | None] = column["frame"]

    def _converters(self) -> dict[str, Convert | None]:
        found = converters(self._shared, _TYPES)
        return found | {"clients": self._shared.clients, "clientsOnHold": self._shared.clients}

    # What is known

    def __len__(self) -> int:
        return len(self.row_of)

    def __contains__(self, job: int) -> bool:
        return job in self.row_of

    def children(self, job: int) -> Sequence[int]:
        """Ids of known children, in the order in which they came."""
        return self._children.get(job, ())

    def tops(self) -> Iterator[int]:
        """Ids of what stands at the top of the tree."""
        return iter(self._tops) if self.loading else chain(self._tops, self._orphans)

    def is_top(self, job: int) -> bool:
        """Whether it stands at the top of the tree."""
        return job in self._tops or (not self.loading and job in self._orphans)

    def is_leaf(self, job: int) -> bool:
        """Whether it has no children, known or announced."""
        row = self.row_of.get(job)
        return row is None or (not self.child_count[row] and job not in self._children)

    def known_parents(self, job: int) -> list[int]:
        """Its parents that are known."""
        row = self.row_of.get(job)
        return [] if row is None else [parent for parent in self.parents[row] if parent in self.row_of]

    def family(self, jobs: Iterable[int]) -> list[int]:
        """The jobs and their distinct descendants, ancestors before descendants of the same branch."""
        seen: dict[int, None] = {}
        waiting = list(jobs)[::-1]
        while waiting:
            job = waiting.pop()
            if job in seen or job not in self.row_of:
                continue
            seen[job] = None
            waiting.extend(reversed(self._children.get(job, ())))
        return list(seen)

    def below(self, jobs: Iterable[int], tops: AbstractSet[int]) -> set[int]:
        """Those of the jobs that are among `tops` or below one of them.

        Each job above them is looked at once, and not again while the same is asked and no job has other parents.
        """
        row_of, parents = self.row_of, self.parents
        if self._below[0] != tops:
            self._below = frozenset(tops), dict.fromkeys(tops, True)
        known = self._below[1]
        asked = tuple(jobs)
        path = [job for job in asked if job not in known]
        entered: set[int] = set()
        while path:
            job = path[-1]
            if job not in known:
                row = row_of.get(job)
                above = parents[row] if row is not None else ()
                later = [one for one in above if one not in known and one in row_of]
                if later and job not in entered:
                    entered.add(job)
                    path += later
                    continue
                known[job] = any(known.get(one, False) for one in above)
            path.pop()
        return {job for job in asked if known[job]}

    def _forget_below(self) -> None:
        self._below = frozenset(), {}

    def ancestors(self, jobs: Iterable[int]) -> set[int]:
        """The distinct known ancestors, without the jobs themselves unless they are ancestors of others."""
        row_of, parents = self.row_of, self.parents
        found: set[int] = set()
        level = set(jobs)
        while level:
            families = {parents[row_of[job]] for job in level if job in row_of}  # far fewer than jobs
            level = {parent for family in families for parent in family if parent in row_of} - found
            found |= level
        return found

    def roots_of(self, jobs: Iterable[int]) -> set[int]:
        """The tops above (or among) the jobs."""
        given = set(jobs)
        return {job for job in given | self.ancestors(given) if self.is_top(job)}

    def value(self, job: int, name: str) -> Any:
        """One attribute of one job; its default when the job is unknown."""
        row = self.row_of.get(job)
        return _DEFAULTS.get(name) if row is None else self.columns[name][row]

    def is_finished(self, job: int) -> bool:
        """Whether it ended."""
        return self.value(job, "status") in FINISHED

    # Changes

    def upsert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows in; an attribute that a row lacks keeps its value."""
        if not rows:
            return
        self.version += 1
        self._make_room(sum(row["id"] not in self.row_of for row in rows))
        numbers = [self._row_for(row["id"]) for row in rows]
        places = list(dict.fromkeys(numbers))
        old_parents = [self.parents[place] for place in places]
        self._count(places, -1)
        self._write(numbers, rows)
        self._count(places, 1)
        self._changes.changed.update(self.ids[place] for place in places)
        self._relate(places, old_parents)

    def remove(self, jobs: Iterable[int]) -> None:
        """Forget jobs; unknown ids are passed over."""
        gone = {job: self.row_of[job] for job in jobs if job in self.row_of}
        if not gone:
            return
        self.version += 1
        self._forget_below()
        self._count(gone.values(), -1)
        self._detach({job: self.parents[row] for job, row in gone.items()})
        for job, row in gone.items():
            self._tops.pop(job, None)
            self._orphans.pop(job, None)
            self._changes.tops.add(job)
            del self.row_of[job]
            for name, column in self.columns.items():
                column[row] = _DEFAULTS[name]
            self._free.append(row)
            self._changes.changed.discard(job)
            self._changes.removed.add(job)
        self._place_again(chain.from_iterable(self.children(job) for job in gone))

    def begin_loading(self) -> None:
        """A snapshot comes in: jobs whose parents are unknown wait for them."""
        if not self.loading:
            self.loading = True
            self._changes.tops.update(self._orphans)

    def loaded(self) -> None:
        """The snapshot is complete: jobs whose parents never came stand at the top now."""
        if self.loading:
            self.loading = False
            self._changes.tops.update(self._orphans)

    def take_changes(self) -> JobChanges:
        """What changed since the last call."""
        taken, self._changes = self._changes, JobChanges()
        return taken

    def _make_room(self, rows: int) -> None:
        missing = rows - len(self._free)
        if missing <= 0:
            return
        start = len(self.ids)
        for name, column in self.columns.items():
            column.extend([_DEFAULTS[name]] * missing)
        self._free[:0] = range(start + missing - 1, start - 1, -1)

    def _row_for(self, job: int) -> int:
        row = self.row_of.get(job)
        if row is not None:
            return row
        row = self._free.pop()
        self.ids[row] = job
        self.row_of[job] = row
        self._changes.removed.discard(job)
        self._orphans[job] = None
        self._changes.tops.add(job)
        self._place_again(self._children.get(job, ()))
        return row

    def _write(self, numbers: list[int], rows: Sequence[Mapping[str, Any]]) -> None:
        try:
            whole = [_ALL(row) for row in rows]
        except KeyError:
            self._write_partly(numbers, rows, NAMES)
            return
        for name, values in zip(FED, zip(*whole, strict=True), strict=True):
            self._fill(name, numbers, values)
        self._write_partly(numbers, rows, ASKED)

    def _write_partly(self, numbers: list[int], rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> None:
        for name in names:
            said = [(place, row[name]) for place, row in zip(numbers, rows, strict=True) if name in row]
            if said:
                self._fill(name, [place for place, _ in said], [value for _, value in said])

    def _fill(self, name: str, numbers: Sequence[int], values: Sequence[Any]) -> None:
        column, convert = self._plan[name]
        kept = values if convert is None else convert(values)
        for place, value in zip(numbers, kept, strict=True):
            column[place] = value

    def _count(self, places: Iterable[int], step: int) -> None:
        status, childless, ends = self.status, self.child_count, self.end_time
        for place in places:
            word = status[place]
            if not word:
                continue
            self.counts[word] += step
            if childless[place]:
                continue
            self.leaf_counts[word] += step
            end = ends[place]
            if end is not None and word in _RAN:
                self.ends[end // END_BUCKET_SECONDS] += step

    def _relate(self, places: list[int], old_parents: list[tuple[int, ...]]) -> None:
        left: dict[int, tuple[int, ...]] = {}
        moved: list[int] = []
        for place, old in zip(places, old_parents, strict=True):
            new = self.parents[place]
            job = self.ids[place]
            if old != new:
                self._forget_below()
                left[job] = tuple(parent for parent in old if parent not in new)
                for parent in dict.fromkeys(new):
                    if parent not in old:
                        self._children.setdefault(parent, []).append(job)
                        self._changes.moved.setdefault(parent, set()).add(job)
            if old != new or job in self._orphans:
                moved.append(job)
        self._detach(left)
        self._place_again(moved)

    def _detach(self, left: Mapping[int, tuple[int, ...]]) -> None:
        by_parent: dict[int, set[int]] = {}
        for job, parents in left.items():
            for parent in parents:
                by_parent.setdefault(parent, set()).add(job)
        for parent, gone in by_parent.items():
            kept = [child for child in self._children.get(parent, ()) if child not in gone]
            if kept:
                self._children[parent] = kept
            else:
                self._children.pop(parent, None)
            self._changes.moved.setdefault(parent, set()).update(gone)

    def _place_again(self, jobs: Iterable[int]) -> None:
        """Put each job among the tops, the orphans or neither, as its parents say."""
        for job in jobs:
            row = self.row_of.get(job)
            if row is None:
                continue
            parents = self.parents[row]
            where = (
                None if any(parent in self.row_of for parent in parents) else self._orphans if parents else self._tops
            )
            for home in (self._tops, self._orphans):
                if home is where:
                    if job not in home:
                        home[job] = None
                        self._changes.tops.add(job)
                elif job in home:
                    del home[job]
                    self._changes.tops.add(job)
