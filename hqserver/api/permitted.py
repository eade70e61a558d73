"""Permitted clients: conditions of a job as the list of clients that people think in.

The list becomes one condition (`hqserver.core.permitting`).
"""

from __future__ import annotations

from typing import Final

from hqserver.core import permitting
from hqserver.core.farm import Farm
from hqserver.core.records import Job
from hqserver.wire import values
from hqserver.wire.faults import BadValue, Code, shown

MOST_CLIENTS: Final = 20_000
_LONGEST_LABEL: Final = 256
_SEPARATORS: Final = frozenset(",;")


def permitted(farm: Farm, job: Job) -> list[str]:
    """The labels of the clients that the job's conditions, its own or inherited, permit."""
    wanted = job.spec.conditions or farm.jobs[job.root].spec.conditions
    return sorted(client.label for client in permitting.permitted(farm, wanted))


def read_clients(value: object, path: str) -> tuple[str, ...]:
    """A list of `hostname`, `hostname:name` and `hostname:`. Raises BadValue."""
    items = values.list_of_any(value, path, "clients")
    if len(items) > MOST_CLIENTS:
        raise BadValue(path, f"has {len(items)} clients. At most {MOST_CLIENTS} are taken.", Code.TOO_LARGE)
    return tuple(_read_client(item, f"{path}[{index}]") for index, item in enumerate(items))


def _read_client(value: object, path: str) -> str:
    label = values.given_text(value, path, _LONGEST_LABEL).strip()
    host, _, name = label.partition(":")
    if not host.strip() or ":" in name or _SEPARATORS & set(label):
        raise BadValue(path, f"must be hostname, hostname:name or hostname:, got {shown(label)}")
    return label
