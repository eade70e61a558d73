"""The rule of exclusive tags: `single` wants the client for itself, of `single:x` a client runs one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core.records import Client
from hqserver.core.wants import labels

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def conflict(farm: Farm, client: Client, wanted: frozenset[str]) -> bool:
    """Whether a job that runs on the client has one of these tags."""
    if not wanted:
        return False
    jobs = farm.jobs
    return any(wanted & labels(jobs[id_].spec) for id_ in (*client.attempts, *client.helps) if id_ in jobs)
