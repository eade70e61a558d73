"""Clients that are alike: a pool holds those that no condition of any waiting job tells apart.

So a job's conditions are looked at once for a pool, however many clients it has. Hosts that some condition names, and
clients that are blocked for a root job, bear a *mark* for it, which makes other pools of them; clients that bear the
same marks still share one. Within a pool its usable clients stand in buckets by the number of their free cpus.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hqserver.core import conditions, fitting, groups
from hqserver.core.records import Client
from hqserver.core.service import is_usable
from hqserver.core.wants import Choice, Room

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

Mark = Hashable
"""A condition that names hosts, or the number of a root job for which clients are blocked."""


class Traits(NamedTuple):
    """What clients of a pool have in common."""

    cpus: int
    system: str
    groups: tuple[str, ...]
    """Names, sorted."""
    marks: frozenset[Mark]


@dataclass(slots=True, eq=False)
class Selector:
    """A choice of clients that jobs make, and the pools that it means."""

    choice: Choice
    marks: tuple[Mark, ...] = ()
    pools: dict[Pool, None] = field(default_factory=dict)
    kinds: int = 0
    """Kinds that use it."""


@dataclass(slots=True, eq=False)
class Pool:
    """Clients that are alike."""

    traits: Traits
    clients: dict[int, Client] = field(default_factory=dict)
    free: dict[int, dict[int, None]] = field(default_factory=dict)
    """Usable clients by the number of their free cpus, none of them empty."""
    usable: dict[int, None] = field(default_factory=dict)
    lines: dict[Room, Any] = field(default_factory=dict)
    """Kinds that wait for clients of this pool (`hqserver.core.lines.Line`), by the room that they ask for."""
    holder: Any = None
    """The one kind that may hold clients of this pool back."""

    def with_room(self, room: Room) -> Iterator[Client]:
        """Usable clients with that much room, the fullest first, those that have waited longest first among equals."""
        counts = sorted(self.free) if not room.whole else [self.traits.cpus]
        for count in counts:
            if count >= room.cpus:
                for id_ in self.free.get(count, ()):
                    client = self.clients[id_]
                    if not room.whole or not client.cpus_used:
                        yield client


class Pools:
    """All pools, and the selectors of all waiting jobs."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._pools: dict[Traits, Pool] = {}
        self._pool_of: dict[int, Pool] = {}
        self._bucket_of: dict[int, int] = {}
        self._selectors: dict[Choice, Selector] = {}
        self._marks: dict[Mark, int] = {}
        """Marks in use, and how many selectors use them."""
        self._by_host: dict[str, dict[int, None]] = {}
        """Clients by their short names."""
        self.new_pool: Callable[[Pool], None] = lambda _pool: None
        """Told of each pool that is made, once its selectors know it."""
        self.moved: Callable[[Client], None] = lambda _client: None
        """Told of each client that is about to leave its pool."""
        self.version: int = 0
        """Grows whenever a client may have become able or unable to take part in something."""

    def __iter__(self) -> Iterator[Pool]:
        return iter(self._pools.values())

    def choices(self) -> list[Choice]:
        """What is chosen by waiting jobs, or was not long ago."""
        return list(self._selectors)

    def of(self, client: int) -> Pool | None:
        """The pool of a client."""
        return self._pool_of.get(client)

    def free(self, client: int) -> int:
        """The free cpus of a client, as its bucket has them; 0 for one that is not usable."""
        return self._bucket_of.get(client, 0)

    def select(self, choice: Choice) -> Selector:
        """The selector for a choice of clients."""
        selector = self._selectors.get(choice)
        if selector is None:
            marks = _marks(choice)
            selector = self._selectors[choice] = Selector(choice, marks)
            self._use_marks(marks)
            for pool in self._pools.values():
                if self._matches(pool, choice):
                    selector.pools[pool] = None
        return selector

    def drop(self, selector: Selector) -> None:
        """No kind uses it any more."""
        self._selectors.pop(selector.choice, None)
        for mark in selector.marks:
            self._marks[mark] -= 1
            if not self._marks[mark]:
                del self._marks[mark]
                for client in self._marked(mark):
                    self.place(client)

    def place(self, client: Client) -> Pool:
        """Put a client where it belongs now. Anything about it may have changed."""
        traits = self._traits(client)
        pool = self._pool_of.get(client.id)
        if pool is None or pool.traits != traits:
            if pool is not None:
                self.moved(client)
                self._leave(client, pool)
            pool = self._pools.get(traits) or self._make(traits, client)
            pool.clients[client.id] = client
            self._pool_of[client.id] = pool
            self._by_host.setdefault(conditions.short_name(client.hostname), {})[client.id] = None
        self.settle(client)
        return pool

    def settle(self, client: Client) -> int:
        """Put a client in the bucket of its free cpus; answers how many these are, 0 for one that is not usable."""
        pool = self._pool_of[client.id]
        usable = is_usable(client)
        free = max(client.machine.cpus - client.cpus_used, 0) if usable else 0
        former = self._bucket_of.get(client.id, 0)
        if usable is not (client.id in pool.usable):
            self.version += 1
            if usable:
                pool.usable[client.id] = None
            else:
                del pool.usable[client.id]
        if free != former:
            self._take_out(client.id, pool)
            if free:
                self._bucket_of[client.id] = free
                pool.free.setdefault(free, {})[client.id] = None
        return free

    def remove(self, client: Client) -> None:
        """A client is gone."""
        pool = self._pool_of.get(client.id)
        if pool is not None:
            del self._pool_of[client.id]
            self._leave(client, pool)

    def touch_marked(self, mark: Mark) -> None:
        """The clients that bear a mark, or bore it, are others now."""
        if mark in self._marks:
            for client in self._farm.clients.values():
                pool = self._pool_of.get(client.id)
                if pool is not None and (mark in pool.traits.marks) is not self._bears(client, mark):
                    self.place(client)

    def _make(self, traits: Traits, client: Client) -> Pool:
        pool = self._pools[traits] = Pool(traits)
        pool.clients[client.id] = client
        for selector in self._selectors.values():
            if self._matches(pool, selector.choice):
                selector.pools[pool] = None
        self.new_pool(pool)
        return pool

    def _leave(self, client: Client, pool: Pool) -> None:
        self.version += 1
        self._take_out(client.id, pool)
        pool.usable.pop(client.id, None)
        del pool.clients[client.id]
        host = conditions.short_name(client.hostname)
        known = self._by_host.get(host)
        if known is not None:
            known.pop(client.id, None)
            if not known:
                del self._by_host[host]
        if not pool.clients:
            del self._pools[pool.traits]
            for selector in self._selectors.values():
                selector.pools.pop(pool, None)

    def _take_out(self, client: int, pool: Pool) -> None:
        former = self._bucket_of.pop(client, 0)
        if former:
            bucket = pool.free[former]
            del bucket[client]
            if not bucket:
                del pool.free[former]

    def _traits(self, client: Client) -> Traits:
        marks = frozenset(mark for mark in self._marks if self._bears(client, mark)) if self._marks else _NO_MARKS
        return Traits(
            client.machine.cpus,
            conditions.system(client.machine.platform),
            tuple(sorted(groups.names(self._farm, client))),
            marks,
        )

    def _bears(self, client: Client, mark: Mark) -> bool:
        if isinstance(mark, int):
            return client.id in self._farm.blocked_clients(mark)
        assert isinstance(mark, conditions.Hosts)
        return conditions.names(mark, client)

    def _marked(self, mark: Mark) -> list[Client]:
        """Clients that may bear the mark."""
        found: Iterable[int]
        if isinstance(mark, int):
            found = self._farm.blocked_clients(mark)
        else:
            assert isinstance(mark, conditions.Hosts)
            found = [id_ for host in mark.short_names() for id_ in self._by_host.get(host, ())]
        return [self._farm.clients[id_] for id_ in dict.fromkeys(found) if id_ in self._pool_of]

    def _use_marks(self, marks: Iterable[Mark]) -> None:
        for mark in marks:
            self._marks[mark] = self._marks.get(mark, 0) + 1
            if self._marks[mark] == 1:
                for client in self._marked(mark):
                    self.place(client)

    def _matches(self, pool: Pool, choice: Choice) -> bool:
        return fitting.is_chosen(self._farm, choice, next(iter(pool.clients.values())))


def _marks(choice: Choice) -> tuple[Mark, ...]:
    marks: list[Mark] = list(dict.fromkeys(conditions.named_hosts(choice.conditions)))
    if choice.blocked:
        marks.append(choice.blocked)
    return tuple(marks)


_NO_MARKS: Final[frozenset[Mark]] = frozenset()
