"""Rows of jobs and clients as `getChanges` gives them, for tests of the models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def job_row(job: int, parents: Iterable[int] = (), status: str = "runnable", **values: Any) -> dict[str, Any]:
    """A row of a job; what is not named has its default."""
    row: dict[str, Any] = {
        "id": job,
        "name": f"job {job}",
        "parents": list(parents),
        "status": status,
        "clients": [],
        "clientsOnHold": [],
        "conditions": [],
        "endTime": None,
        "ETA": -1,
        "latestNote": "",
        "overallProgress": 0.0,
        "priority": 0,
        "progress": 0.0,
        "queueTime": "20261124T11:00:00",
        "resources": None,
        "showBlockedClientsWarning": False,
        "blockedClients": 0,
        "startTime": None,
        "tags": [],
        "threadId": None,
        "triesLeft": 0,
        "uiStatus": status,
        "waitingFor": "",
        "submittedBy": "anna",
        "description": "",
        "cpus": 1,
        "minHosts": 1,
        "maxHosts": 1,
        "maxTime": None,
        "rootId": job,
        "frame": None,
        "attempt": 0,
        "exitCode": None,
        "childCounts": {},
        "childCount": 0,
        "waitingCode": "",
        "runtime": None,
        "meanRuntime": None,
        "peakMemory": 0,
        "ending": "",
        "commandStartTime": None,
        "revision": job,
    }
    return row | values


def family_rows(parent: int, children: Iterable[int], status: str = "runnable", **values: Any) -> list[dict[str, Any]]:
    """A parent that waits for its children, and they."""
    ids = list(children)
    top = job_row(parent, status="queued", childCount=len(ids), childCounts={status: len(ids)})
    return [top, *(job_row(child, [parent], status, **values) for child in ids)]


def client_row(client: int, **values: Any) -> dict[str, Any]:
    """A row of a client that is there and free; what is not named has its default."""
    row: dict[str, Any] = {
        "id": client,
        "hostname": f"node{client}",
        "label": f"node{client}",
        "name": "",
        "status": "available",
        "available": True,
        "cpus": 8,
        "platform": "linux-x86_64",
        "lastHeartbeat": "20261125T10:00:00",
        "override": "none",
    }
    return row | values
