"""What one person's follower of the change feed is told: their root jobs, the clients of their machine, notes on these.

A tray beside the clock must not hold the farm, and sixty of them must cost the server little: a filtered answer looks
at the farm at most once a second, its snapshot walks roots alone, and it is short.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from hqserver.core.change_log import Key
from hqserver.core.farm import Farm
from hqserver.wire import values
from hqserver.wire.faults import BadValue, shown

RECENT_SECONDS: Final = 24 * 3600.0
"""How long after their end jobs are still among those that a filtered snapshot holds."""
MOST_ROOTS: Final = 1_000
PAUSE_SECONDS: Final = 1.0
"""Least time between two looks of a filtered follower at what changed."""
_MOST_NAMES: Final = 100
_KEYS: Final = ("users", "hosts", "known")
_ROOTS_A_LOOK: Final = 512


@dataclass(frozen=True, slots=True)
class Only:
    """Whose changes are told."""

    users: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    """Hostnames in lower case."""
    known: frozenset[int] = frozenset()
    """Jobs that the follower holds: it is told when one of them is gone, or is no root any more."""


def read_only(value: object, path: str) -> Only:
    """A filter as a script sent it. Raises BadValue."""
    if not isinstance(value, dict):
        raise BadValue(path, f"must be a struct of {', '.join(_KEYS)}, got {shown(value)}")
    unknown = sorted(map(str, value.keys() - set(_KEYS)))
    if unknown:
        raise BadValue(path, f"has the unknown key {unknown[0][:60]!r}; known are {', '.join(_KEYS)}")
    return Only(
        frozenset(_names(value.get("users"), f"{path}.users")),
        frozenset(name.lower() for name in _names(value.get("hosts"), f"{path}.hosts")),
        frozenset(values.ids(value.get("known", []), f"{path}.known")),
    )


def _names(value: object, path: str) -> tuple[str, ...]:
    found = () if value is None else values.names(value, path)
    if len(found) > _MOST_NAMES:
        raise BadValue(path, f"has {len(found)} names. At most {_MOST_NAMES} are taken.")
    return found


def fits(farm: Farm, only: Only, key: Key) -> bool:
    """Whether a change of this record is told. Of kinds that belong to nobody (groups, resources) it is."""
    kind, id_ = key
    if kind == "jobs":
        job = farm.jobs.get(id_)
        return id_ in only.known or (job is not None and not job.parents and job.submitted_by in only.users)
    if kind == "clients":
        client = farm.clients.get(id_)
        return client is None or client.hostname.lower() in only.hosts
    return kind != "threads" or _is_about(farm, only, id_)


def _is_about(farm: Farm, only: Only, thread: int) -> bool:
    found = farm.threads.get(thread)
    if found is None:
        return False
    job = farm.jobs.get(found.job or 0)
    client = farm.clients.get(found.client or 0)
    return (job is not None and job.submitted_by in only.users) or (
        client is not None and client.hostname.lower() in only.hosts
    )


def is_left(farm: Farm, only: Only, job: int) -> bool:
    """Whether a job that the follower holds is to be told as removed."""
    found = farm.jobs.get(job)
    return found is None or bool(found.parents) or found.submitted_by not in only.users


def snapshot(farm: Farm, only: Only, wanted: frozenset[str], now: float) -> Generator[None, None, list[Key]]:
    """The keys of all that is told to a new follower, made in turns: the newest roots, the unfinished ones first."""
    keys: list[Key] = []
    if "jobs" in wanted and only.users:
        unfinished = yield from _roots(farm, only, reversed(tuple(farm.unfinished_roots)), 0.0)
        ended = yield from _roots(farm, only, reversed(tuple(farm.finished_roots)), now - RECENT_SECONDS)
        keys += [("jobs", id_) for id_ in islice((*unfinished, *ended), MOST_ROOTS)]
    for kind, records in _others(farm):
        if kind in wanted:
            keys += [key for id_ in records if fits(farm, only, key := (kind, id_))]
            yield
    return keys


def _others(farm: Farm) -> Sequence[tuple[str, Iterable[int]]]:
    return (
        ("clients", tuple(farm.clients)),
        ("groups", tuple(farm.groups)),
        ("resources", tuple(farm.resources)),
        ("threads", tuple(farm.threads)),
    )


def _roots(farm: Farm, only: Only, ids: Iterable[int], ended_from: float) -> Generator[None, None, list[int]]:
    """Roots of the users, as far as they did not end before then; the ids come newest end first."""
    found: list[int] = []
    for number, id_ in enumerate(ids, 1):
        job = farm.jobs.get(id_)
        if job is not None and job.ended_at is not None and job.ended_at < ended_from:
            break
        if job is not None and not job.parents and job.submitted_by in only.users:
            found.append(id_)
            if len(found) >= MOST_ROOTS:
                break
        if not number % _ROOTS_A_LOOK:
            yield
    return found
