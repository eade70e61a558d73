"""Kinds that lack a resource: each stands in that resource's line alone, and is woken when there may be enough of it.

What is free of a resource is kept for the job that goes first of those that wait for it, if it could ever have enough:
so a job that asks for much is not passed by those that ask for little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hqserver.core import supply
from hqserver.core.lines import Kind, Line
from hqserver.core.pools import Pool
from hqserver.core.records import Client
from hqserver.core.supply import Lack
from hqserver.core.wants import Rank
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


class Parking:
    """The lines of all resources."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._lines: dict[str, Line] = {}
        self._supplied: dict[str, None] = {}
        """Resources of which there may be more than before."""
        self._woken: dict[Kind, None] = {}
        """Kinds that left since there is more, and were not served yet."""

    def is_due(self) -> bool:
        """Whether there may be more of a resource, and its line was not looked at since."""
        return bool(self._supplied)

    def look_again(self, name: str) -> None:
        """There may be more of a resource, or another kind is the first that waits for it."""
        self._supplied[name] = None

    def put(self, kind: Kind, name: str) -> None:
        """A kind waits for a resource; also when it does already and has another first job."""
        self._woken.pop(kind, None)
        kind.parked = name
        self._lines.setdefault(name, Line()).put(kind)

    def leave(self, kind: Kind) -> None:
        """A kind waits for it no more."""
        name, kind.parked = kind.parked, ""
        self._lines[name].take(kind)
        self.look_again(name)

    def served(self, kind: Kind) -> None:
        """A kind that was woken has had its turn, or has no jobs any more."""
        self._woken.pop(kind, None)

    def is_line_of(self, line: Line, kind: Kind) -> bool:
        """Whether this is the line in which a parked kind stands."""
        return line is self._lines.get(kind.parked)

    def wake_one(self, but: Collection[Kind]) -> Kind | None:
        """Let go of a kind for which there is enough of a resource now; None when there is none.

        Not more at once than it is enough for: the next one's turn comes when this one was served.
        """
        for name in list(self._supplied):
            found = self._first_hopeful(name)
            lack = self.lack(found[1], found[0], ()) if found is not None else None
            if found is None or (lack is not None and lack.name == name) or found[1] in but:
                del self._supplied[name]
            elif self._is_enough(name, found[1]):
                self.leave(found[1])
                self._woken[found[1]] = None
                return found[1]
        return None

    def with_a_unit_on(self, client: Client, pool: Pool) -> Iterator[tuple[Rank, Kind, Line, str]]:
        """The first kind of each resource of which this client holds a unit already: there it costs nothing more."""
        for name, line in self._lines.items():
            resource = self._farm.resource_of_name.get(name)
            if resource is not None and resource.per_machine and client.id in resource.clients:
                found = line.first(name, lambda kind: pool in kind.selector.pools)
                if found is not None:
                    yield *found, line, name

    def lack(self, kind: Kind, rank: Rank, clients: tuple[int, ...]) -> Lack | None:
        """The resource that keeps the kind's job of this rank from running on these clients, or on a new one."""
        if not kind.wants.resources:
            return None
        for found in supply.lacks(self._farm, kind.wants, clients):
            return found
        for name, amount in kind.wants.resources:
            if self._is_kept(name, amount, kind, rank, clients):
                return Lack(name, Reason.RESOURCE)
        return None

    def _is_enough(self, name: str, kind: Kind) -> bool:
        """Whether a resource suffices for this kind beside those that were woken for it and not served yet."""
        resource = self._farm.resource_of_name[name]
        needs = (
            supply.needed(resource, amount, item.wants.least, ())
            for item in (*self._woken, kind)
            for asked, amount in item.wants.resources
            if asked == name
        )
        return resource.in_use + sum(needs) <= resource.amount

    def _first_hopeful(self, name: str) -> tuple[Rank, Kind] | None:
        """The first kind that waits for a resource and does not ask for more of it than there is."""
        line, resource = self._lines.get(name), self._farm.resource_of_name.get(name)
        if line is None or resource is None:
            return None

        def hopeful(kind: Kind) -> bool:
            return not supply.is_too_small(resource, dict(kind.wants.resources)[name], kind.wants.least)

        return line.first(name, hopeful)

    def _is_kept(self, name: str, amount: int, kind: Kind, rank: Rank, clients: tuple[int, ...]) -> bool:
        """Whether a job that goes before this one waits for the resource, and could ever have enough of it."""
        resource = self._farm.resource_of_name.get(name)
        if name not in self._lines or resource is None:
            return False
        if not supply.needed(resource, amount, kind.wants.least, clients):
            return False
        first = self._first_hopeful(name)
        return first is not None and first[1] is not kind and first[0] < rank
