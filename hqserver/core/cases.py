"""A job that waits in line, and which of the clients that a reason keeps from it would do without that reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import fitting, supposing
from hqserver.core.records import Client, Instant, Job
from hqserver.core.supposing import Line
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

MOST_LOOKED_AT: Final = 500
"""Clients of a reason that are looked at one by one."""
_PASSING: Final = frozenset(
    {
        Reason.CPUS,
        Reason.WHOLE,
        Reason.HELD,
        Reason.TAG,
        Reason.FAILED_BEFORE,
        Reason.HOURS,
        Reason.OVERRIDE,
        Reason.UNSTEADY,
    }
)
"""Reasons of clients that pass by themselves."""


@dataclass(frozen=True, slots=True)
class Case:
    """A job that waits in line, and when it is looked at."""

    farm: Farm
    job: Job
    line: Line
    now: Instant

    def alone(self, reason: Reason, clients: Sequence[int]) -> list[Client]:
        """Those of the first of these clients that have nothing else against the job."""
        found = (self.farm.clients[id_] for id_ in clients[:MOST_LOOKED_AT])
        return [client for client in found if fitting.reasons(self.farm, *self.line, client) == [reason]]

    def later(self, reason: Reason, clients: Sequence[int]) -> list[Client]:
        """Those of the first of these clients whose other reasons pass by themselves."""
        found = (self.farm.clients[id_] for id_ in clients[:MOST_LOOKED_AT])
        return [
            client
            for client in found
            if _PASSING.issuperset(set(fitting.reasons(self.farm, *self.line, client)) - {reason})
        ]

    def would_fit(self, clients: Iterable[int], **changed: Any) -> int:
        """How many of these clients fit the job if it wanted this instead."""
        kind, rank = self.line
        line = supposing.of_wants(self.farm, kind.wants._replace(**changed)), rank
        return len(supposing.eligible(self.farm, line, (self.farm.clients[id_] for id_ in clients)))
