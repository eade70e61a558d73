"""The strip over the tree: clients and jobs by state, resources, what was finished in the last day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from hqgui.models.farm import FarmData
from hqgui.models.job_store import END_BUCKET_SECONDS
from hqgui.models.status_words import BAR_ORDER, CLIENT_ORDER
from hqserver.wire.statuses import FINISHED, JobStatus

POINTS: Final = 24
_BUCKETS_AN_HOUR: Final = 3600 // END_BUCKET_SECONDS
_TOGETHER: Final = {JobStatus.PAUSING: JobStatus.PAUSED, JobStatus.RESUMING: JobStatus.RUNNING}


class ResourceFacts(NamedTuple):
    """One of the farm's resources."""

    name: str
    used: int
    amount: int


class SummaryFacts(NamedTuple):
    """What the strip shows."""

    clients: tuple[tuple[str, int], ...]
    """Status and count, in bar order, without zeros."""
    registered: int
    upgrades: int
    """Clients whose agent is out of date."""
    jobs: tuple[tuple[str, int], ...]
    """Unfinished jobs by status, and jobs of their own that failed, in bar order, without zeros."""
    unfinished: int
    trees: int
    """Trees that are not finished."""
    resources: tuple[ResourceFacts, ...]
    finished_last_hour: int
    finished_points: tuple[int, ...]
    """Jobs that ended in each of the last 24 hours, the newest last."""


class Summary:
    """Reads the strip's figures from the stores; costs what there are kinds of states, not what there are jobs."""

    def __init__(self, farm: FarmData, clock: Callable[[], float], unfinished_trees: Callable[[], int]) -> None:
        self._farm = farm
        self._clock = clock
        self._trees = unfinished_trees

    def read(self) -> SummaryFacts:
        """The figures as of now."""
        clients = self._farm.clients
        jobs = self._jobs()
        points = self._points()
        return SummaryFacts(
            clients=_in_order(clients.counts, CLIENT_ORDER),
            registered=len(clients),
            upgrades=len(clients.outdated),
            jobs=_in_order(jobs, BAR_ORDER),
            unfinished=sum(count for status, count in jobs.items() if status not in FINISHED),
            trees=self._trees(),
            resources=tuple(self._resources()),
            finished_last_hour=points[-1],
            finished_points=points,
        )

    def _jobs(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for status, count in self._farm.jobs.counts.items():
            if status not in FINISHED:
                found[_TOGETHER.get(JobStatus(status), status) if status in _STATUSES else status] += count
        found[JobStatus.FAILED] = self._farm.jobs.leaf_counts[JobStatus.FAILED]
        return found

    def _resources(self) -> list[ResourceFacts]:
        rows = sorted(self._farm.resources.values(), key=lambda row: str(row.get("name", "")).casefold())
        return [ResourceFacts(str(row["name"]), row.get("inUse") or 0, row.get("amount") or 0) for row in rows]

    def _points(self) -> tuple[int, ...]:
        ends = self._farm.jobs.ends
        newest = int(self._clock()) // END_BUCKET_SECONDS
        hours = range(POINTS - 1, -1, -1)
        return tuple(
            sum(ends[newest - hour * _BUCKETS_AN_HOUR - step] for step in range(_BUCKETS_AN_HOUR)) for hour in hours
        )


_STATUSES: Final = frozenset(JobStatus)


def _in_order(counts: Counter[str], order: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    known = [(str(status), counts[status]) for status in order if counts[status] > 0]
    return (*known, *((status, count) for status, count in counts.items() if status not in order and count > 0))
