"""What the window's columns say of a row for each field of the filter language (`hqserver.wire.filter_fields`).

Records are row numbers, so most getters are a list's own look-up. What the feed does not carry (commands, reasons of
jobs that are not shown) has no getter here: a filter that asks for it says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hqgui.models.job_store import JobStore
from hqgui.models.wire_values import ClientRef
from hqserver.wire.conditions import listed
from hqserver.wire.filter_match import Clock
from hqserver.wire.statuses import FINISHED, ON_CLIENT, PAUSED_OR_PAUSING, JobStatus

Getters = dict[str, Callable[[int], Any]]
_WAITS: Final = frozenset({JobStatus.QUEUED, JobStatus.RUNNABLE})


def getters(store: JobStore, clock: Clock) -> Getters:
    """All that the window can answer."""
    column = store.columns
    status, parents, child_count = store.status, store.parents, store.child_count
    queued, started, ended = store.queue_time, store.start_time, store.end_time
    description, resources, conditions = column["description"], column["resources"], column["conditions"]
    threads, attempts, peaks = column["threadId"], column["attempt"], column["peakMemory"]

    def age(row: int) -> float | None:
        since = queued[row]
        return None if since is None else clock.now - since

    def elapsed(row: int) -> float | None:
        since, until = started[row], ended[row]
        return None if since is None else (clock.now if until is None else until) - since

    def blocked(row: int) -> bool:
        root = store.row_of.get(column["rootId"][row])
        return root is not None and bool(column["blockedClients"][root])

    def has_failures(row: int) -> bool:
        failed = any(word == JobStatus.FAILED and count for word, count in store.child_counts[row])
        return failed or status[row] == JobStatus.FAILED

    return {
        "name": store.name.__getitem__,
        "by": store.submitted_by.__getitem__,
        "status": status.__getitem__,
        "id": store.ids.__getitem__,
        "parent": parents.__getitem__,
        "root": column["rootId"].__getitem__,
        "prio": store.priority.__getitem__,
        "age": age,
        "runtime": store.runtime.__getitem__,
        "elapsed": elapsed,
        "eta": lambda row: None if store.eta[row] < 0 else store.eta[row],
        "submitted": queued.__getitem__,
        "started": started.__getitem__,
        "ended": ended.__getitem__,
        "tag": store.tags.__getitem__,
        "on": lambda row: _hosts(store.clients[row]),
        "group": lambda row: _groups(conditions[row]),
        "resource": lambda row: tuple(name for name, _ in resources[row]),
        "note": column["latestNote"].__getitem__,
        "desc": description.__getitem__,
        "cpus": column["cpus"].__getitem__,
        "hosts": column["minHosts"].__getitem__,
        "tries": column["triesLeft"].__getitem__,
        "attempt": attempts.__getitem__,
        "exit": column["exitCode"].__getitem__,
        "progress": store.overall_progress.__getitem__,
        "children": child_count.__getitem__,
        "memory": lambda row: peaks[row] or None,
        "frame": lambda row: "" if store.frame[row] is None else str(store.frame[row]),
        "is:finished": lambda row: status[row] in FINISHED,
        "is:unfinished": lambda row: status[row] not in FINISHED,
        "is:active": lambda row: status[row] in ON_CLIENT,
        "is:idle": lambda row: status[row] in _WAITS,
        "is:halted": lambda row: status[row] in PAUSED_OR_PAUSING,
        "is:root": lambda row: not parents[row],
        "is:parent": lambda row: bool(child_count[row]),
        "is:leaf": lambda row: not child_count[row],
        "is:blocked": blocked,
        "is:held": lambda row: bool(column["clientsOnHold"][row]),
        "is:ending": lambda row: bool(column["ending"][row]),
        "has:note": lambda row: threads[row] is not None,
        "has:children": lambda row: bool(child_count[row]),
        "has:parents": lambda row: bool(parents[row]),
        "has:tags": lambda row: bool(store.tags[row]),
        "has:description": lambda row: bool(description[row]),
        "has:resources": lambda row: bool(resources[row]),
        "has:conditions": lambda row: bool(conditions[row]),
        "has:clients": lambda row: bool(store.clients[row]),
        "has:failures": has_failures,
        "has:retries": lambda row: attempts[row] > 1,
    }


def _hosts(clients: tuple[ClientRef, ...]) -> tuple[str, ...]:
    """Labels, and host names where they differ."""
    return tuple(name for client in clients for name in dict.fromkeys((client.label, client.label.partition(":")[0])))


def _groups(conditions: tuple[dict[str, str], ...]) -> tuple[str, ...]:
    return tuple(
        name
        for item in conditions
        if item["name"] == "group" and item["op"] not in ("!=", "not_in")
        for name in listed(item["op"], item["value"])
    )
