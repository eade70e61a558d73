"""The agent's decisions, pure: which orders are new, what is to be reported, what the server has seen.

A session numbers its orders and reports. Orders come repeatedly until they are seen; reports go repeatedly until they
are seen. The book is told what happened and answers what to send; it starts nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hqagent.processes.slots import STOPPED
from hqserver.wire.agent import MOST_REPORTS, Ended, Held, Order, Paused, Progressed, Report, Resumed, Started


@dataclass(slots=True)
class Running:
    """What the book knows of an attempt that is not over."""

    job: int
    attempt: int
    state: str = ""
    """`stopped` or `going`, as it was last reported."""
    lease: float = 0.0
    """Seconds that it may run without word from the server; 0: as long as the farm's usual."""
    ending_since: float | None = None
    """When it was first asked to end, monotonic; None: not yet, or it was told that it does not."""
    lease_until: float = 0.0
    """As it was last written for its keeper, CLOCK_BOOTTIME."""
    name: str = ""
    """Of the job; empty for what an earlier agent started."""
    since: float = 0.0
    """When it was started, CLOCK_BOOTTIME."""
    progress: float = 0.0


@dataclass(slots=True)
class Book:
    """One agent's attempts, orders and reports."""

    session: str = ""
    orders_seen: int = 0
    running: dict[tuple[int, int], Running] = field(default_factory=dict)
    ended: dict[tuple[int, int], Ended] = field(default_factory=dict)
    """Over, until the server says Forget."""
    _reports: list[Report] = field(default_factory=list)
    _last_number: int = 0

    def begin_session(self, session: str) -> None:
        """Everything that the server may not know is reported anew."""
        self.session, self.orders_seen = session, 0
        self._reports.clear()
        self._last_number = 0
        for running in self.running.values():
            self.report(Started(0, running.job, running.attempt))
            if running.state:
                self.report((Paused if running.state == STOPPED else Resumed)(0, running.job, running.attempt))
        for ended in self.ended.values():
            self.report(ended)

    def new_orders(self, orders: Iterable[Order]) -> list[Order]:
        """Those that were not seen before, in their order; they count as seen from now on."""
        fresh = [order for order in orders if order.number > self.orders_seen]
        if fresh:
            self.orders_seen = fresh[-1].number
        return fresh

    def started(self, job: int, attempt: int, lease: float = 0.0, name: str = "", since: float = 0.0) -> None:
        """A keeper runs it."""
        self.running[job, attempt] = Running(job, attempt, lease=lease, name=name, since=since)
        self.report(Started(0, job, attempt))

    def over(self, ended: Ended) -> None:
        """It is over; from now on only its result matters."""
        key = ended.job, ended.attempt
        self.running.pop(key, None)
        self.ended[key] = ended
        self._reports = [item for item in self._reports if not _is_progress_of(item, key)]
        self.report(ended)

    def progressed(self, job: int, attempt: int, progress: float) -> None:
        """Only the newest progress that was not sent yet is worth sending."""
        key = job, attempt
        self._reports = [item for item in self._reports if not _is_progress_of(item, key)]
        self.report(Progressed(0, job, attempt, progress))

    def report(self, report: Report) -> None:
        """Number a report and keep it until it was seen."""
        self._last_number += 1
        self._reports.append(replace(report, number=self._last_number))

    def reports(self) -> Sequence[Report]:
        """What is to be sent now."""
        return tuple(self._reports[:MOST_REPORTS])

    def reports_were_seen(self, number: int) -> None:
        """The server has all up to this number on its disk."""
        self._reports = [item for item in self._reports if item.number > number]

    def forget(self, held: Iterable[Held]) -> list[tuple[int, int]]:
        """The server has these results; answers those of which nothing needs to be kept."""
        keys = [key for item in held if (key := (item.job, item.attempt)) not in self.running]
        for key in keys:
            self.ended.pop(key, None)
        return keys

    def live(self) -> tuple[Held, ...]:
        """What runs here."""
        return tuple(Held(job, attempt) for job, attempt in self.running)

    def held(self) -> tuple[Held, ...]:
        """Every attempt of which there is a trace."""
        return tuple(Held(job, attempt) for job, attempt in (*self.running, *self.ended))


def _is_progress_of(report: Report, key: tuple[int, int]) -> bool:
    return isinstance(report, Progressed) and (report.job, report.attempt) == key
