"""A change feed without a farm behind it: 100,000 jobs, 2,000 clients, and as many changes a second as are wanted.

It speaks what the window asks for at its start (`ping`, `getServerInfo`, `getServerTime`) and `getChanges`; what that
costs is paid in a process of its own. Rows are as `getChanges` of the real server gives them, each attribute included.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
import xmlrpc.client
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.models.farm_rows import job_row

LAYERS: Final = 2
FRAMES: Final = 98
_TREE: Final = 1 + LAYERS * (1 + FRAMES)
MOST_ROWS: Final = 2000
_TICK_SECONDS: Final = 0.1
_WORDS: Final = ("lighting", "comp", "fx", "sim", "lookdev")

Row = dict[str, Any]


class Farm:
    """The rows, and which of them changed last."""

    def __init__(self, jobs: int, clients: int, changes_a_second: int) -> None:
        self._random = random.Random(1)
        self.jobs: dict[int, Row] = {}
        self._frames: list[int] = []
        for tree in range(-(-jobs // _TREE)):
            self._add_tree(tree)
        self.jobs = {job: row for job, row in self.jobs.items() if job <= jobs}
        self._frames = [job for job in self._frames if job <= jobs]
        self.clients = {number: _client(number) for number in range(1, clients + 1)}
        self._rate = changes_a_second
        self._log: list[tuple[str, int]] = [
            *(("jobs", job) for job in self.jobs),
            *(("clients", client) for client in self.clients),
        ]
        self._initial = len(self._log)
        self._changed = threading.Condition()

    def _add_tree(self, tree: int) -> None:
        root = tree * _TREE + 1
        user = ("anna", "mbrandt", "kim", "jlee")[tree % 4]
        common: Row = {
            "submittedBy": user,
            "priority": tree % 10,
            "rootId": root,
            "queueTime": "20261124T11:00:00",
        }
        counts = {"succeeded": 40, "running": 8, "runnable": 50}
        below = {status: n * LAYERS for status, n in counts.items()}
        name = f"shot_{tree:03}_{_WORDS[tree % 5]} v{tree % 40:03}"
        self._add(job_row(root, status="queued", name=name, childCount=LAYERS, childCounts=below, **common))
        for layer in range(LAYERS):
            parent = root + 1 + layer * (1 + FRAMES)
            row = job_row(
                parent, [root], "queued", name=f"beauty_{layer}", childCount=FRAMES, childCounts=counts, **common
            )
            self._add(row)
            for frame in range(FRAMES):
                job = parent + 1 + frame
                status = "succeeded" if frame < 40 else "running" if frame < 48 else "runnable"
                values: Row = {"progress": 1.0 if frame < 40 else 0.5 if frame < 48 else 0.0}
                self._add(
                    job_row(job, [parent], status, name=f"{1001 + frame}", frame=1001 + frame, **values, **common)
                )
                self._frames.append(job)

    def _add(self, row: Row) -> None:
        self.jobs[row["id"]] = row

    def keep_changing(self) -> None:
        """Until the process ends."""
        due = time.monotonic()
        while True:
            due += _TICK_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))
            with self._changed:
                for _ in range(max(1, round(self._rate * _TICK_SECONDS))):
                    self._change()
                self._changed.notify_all()

    def _change(self) -> None:
        kind = self._random.random()
        if kind < 0.15:
            client = self._random.choice(list(self.clients.values()))
            client["load"] = self._random.random() * 64
            self._log.append(("clients", client["id"]))
            return
        frame = self.jobs[self._random.choice(self._frames)]
        if kind < 0.75:
            frame |= {"status": "running", "progress": self._random.random()}
        else:
            frame |= {"status": self._random.choice(("runnable", "succeeded", "failed")), "progress": 1.0}
        self._log.append(("jobs", frame["id"]))
        if self._random.random() < 0.3:  # what is above it changes with it
            above = self.jobs[self.jobs[frame["parents"][0]]["parents"][0]]
            above["overallProgress"] = self._random.random()
            above["ETA"] = self._random.randrange(10_000)
            self._log.append(("jobs", above["id"]))

    def changes(self, since: int, wait: float) -> str:
        """The answer of `getChanges`."""
        with self._changed:
            if since >= self._initial and self._rate:
                self._changed.wait_for(lambda: len(self._log) > since, wait)
            elif since >= self._initial:
                self._changed.wait(wait)
            keys = self._log[since : since + MOST_ROWS]
            end = since + len(keys)
            rows: dict[str, dict[int, Row]] = {"jobs": {}, "clients": {}}
            sources = {"jobs": self.jobs, "clients": self.clients}
            for kind, number in keys:
                rows[kind][number] = sources[kind][number]
            answer = {
                "epoch": "e",
                "seq": end,
                "reset": since == 0,
                "more": end < self._initial,
                "jobs": list(rows["jobs"].values()),
                "clients": list(rows["clients"].values()),
                "groups": [],
                "resources": [],
                "threads": [],
                "removed": {},
            }
            return json.dumps(answer, separators=(",", ":"))


def _client(number: int) -> Row:
    busy = number % 3 > 0
    return {
        "availabilityRules": [],
        "available": True,
        "cpus": 64,
        "cpuSpeed": 2900.0,
        "description": "",
        "disabled": False,
        "groups": [],
        "hostname": f"rnd-{number:04}",
        "id": number,
        "idleTime": -1 if busy else 12,
        "ip": f"10.0.{number // 250}.{number % 250}",
        "label": f"rnd-{number:04}",
        "lastHeartbeat": f"{datetime.now(UTC):%Y%m%dT%H:%M:%S}",
        "latestNote": "",
        "load": 60.0 if busy else 0.4,
        "memory": 256 << 20,
        "name": "",
        "needsUpgrade": False,
        "platform": "linux-x86_64",
        "runningJobs": [number * 7 + 3] if busy else [],
        "threadId": None,
        "version": "c0ffee",
        "status": "busy" if busy else "available",
        "memoryUsed": 100 << 20,
        "diskFree": 10 << 20,
        "diskTotal": 900 << 20,
        "gpus": 0,
        "port": 5001,
        "override": "none",
        "overrideUntil": None,
        "failures": 0,
        "agentVersion": "1.0.0",
        "cpusUsed": 60 if busy else 0,
        "draining": False,
        "revision": number,
    }


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    farm: Farm

    def do_POST(self) -> None:
        """Any call."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        arguments, method = xmlrpc.client.loads(body)
        answer = _ANSWERS[method or ""](self.farm, *arguments) if method in _ANSWERS else []
        text = xmlrpc.client.dumps((answer,), methodresponse=True, allow_none=True).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


_ANSWERS: Final[dict[str, Callable[..., Any]]] = {
    "ping": lambda farm: True,
    "getServerTime": lambda farm: datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    "getServerInfo": lambda farm: {
        "version": "bench",
        "features": ["changes", "priority"],
        "user": "anna",
        "role": "operator",
        "epoch": "e",
    },
    "getVersion": lambda farm: "bench",
    "getChanges": lambda farm, since, wait=0, kinds=None: farm.changes(since, wait),
}


def main() -> None:
    """Serve until killed; the first line of output is the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=2_000)
    parser.add_argument("--changes", type=int, default=500, help="a second")
    options = parser.parse_args()
    farm = Farm(options.jobs, options.clients, options.changes)
    handler = type("Door", (_Door,), {"farm": farm})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if options.changes:
        threading.Thread(target=farm.keep_changing, daemon=True).start()
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
