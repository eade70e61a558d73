"""A plausible farm that does not exist: rows as `getChanges` gives them, for the gallery, tests and pictures.

Everything follows from the arguments; nothing is random. `NOW` is the moment in which the farm stands still.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, count, cycle, islice
from typing import Any, Final

from hqgui.made_up_notes import threads
from hqgui.made_up_trees import MORE, TREES, USER, Layer, Part, Tree

Row = dict[str, Any]

NOW: Final = datetime(2026, 11, 24, 13, 22, 40, tzinfo=UTC)
NOW_SECONDS: Final = NOW.timestamp()
_GB: Final = 1 << 20
"""Kilobytes in a gigabyte."""


def client_id(label: str) -> int:
    """The id of a client by its name."""
    return int(label[4:]) + 100 if label.startswith("rnd-") else 900 + sum(map(ord, label)) % 97


def wire_date(moment: datetime) -> str:
    """`20261124T13:22:40`."""
    return f"{moment:%Y%m%dT%H:%M:%S}"


def ago(seconds: float) -> str:
    """A date on the wire, so many seconds before `NOW`."""
    return wire_date(NOW - timedelta(seconds=seconds))


class Farm:
    """Gathers rows and gives out ids."""

    def __init__(self) -> None:
        self.jobs: list[Row] = []
        self.clients: list[Row] = []
        self._ids = count(48212)
        self._machines: Iterator[str] = iter(())
        self.running: dict[str, list[int]] = {}

    def job(self, name: str, status: str, **values: Any) -> Row:
        """One more job."""
        row: Row = {
            "id": next(self._ids),
            "name": name,
            "status": status,
            "uiStatus": status,
            "parents": [],
            "priority": 0,
            "progress": 0.0,
            "overallProgress": 0.0,
            "ETA": -1,
            "clients": [],
            "conditions": [],
            "queueTime": ago(9040),
            "triesLeft": 1,
            "tags": [],
            "submittedBy": USER,
            "latestNote": "",
            "childCounts": {},
            "childCount": 0,
            "attempt": 0,
            **values,
        }
        self.jobs.append(row)
        return row

    def machine(self, job: int, running: bool) -> list[Row]:
        """The next machine, which gets the job."""
        label = next(self._machines)
        if running:
            self.running.setdefault(label, []).append(job)
        return [{"id": client_id(label), "hostname": label, "name": "", "label": label, "ip": ""}]

    def use_machines(self, labels: Iterable[str]) -> None:
        """From where `machine` takes."""
        self._machines = iter(labels)


def _status_of(counts: Counter[str], total: int) -> str:
    if counts["succeeded"] == total:
        return "succeeded"
    unfinished = total - counts["succeeded"] - counts["failed"] - counts["cancelled"]
    return "queued" if unfinished else "failed" if counts["failed"] else "cancelled"


def _add_tree(farm: Farm, tree: Tree) -> Row:
    started = None if tree.elapsed is None else ago(tree.elapsed)
    shared = {"priority": tree.priority, "submittedBy": tree.user, "queueTime": ago(tree.queued_ago)}
    root = farm.job(tree.name, "queued", latestNote=tree.note, ETA=tree.eta, startTime=started, **shared)
    layers = [_add_layer(farm, root["id"], layer, shared) for layer in tree.layers]
    _sum_up(root, layers)
    if root["status"] in ("failed", "succeeded", "cancelled") and started is not None:
        root["endTime"] = ago(0)
    return root


def _add_layer(farm: Farm, parent: int, layer: Layer, shared: Row) -> Row:
    started = None if layer.elapsed is None else ago(layer.elapsed)
    row = farm.job(
        layer.name, "queued", parents=[parent], latestNote=layer.note, ETA=layer.eta, startTime=started, **shared
    )
    row.update(waitingFor=layer.waiting, tags=list(layer.tags), threadId=layer.thread)
    frames = list(_frames(farm, row["id"], layer, shared))
    _sum_up(row, frames)
    if row["status"] != "queued" and layer.elapsed is not None:
        row["endTime"] = ago(max(0, layer.elapsed - 3240))
        if row["status"] == "succeeded":
            row["startTime"] = ago(layer.elapsed + max(0, layer.elapsed - 3240))
    return row


def _frames(farm: Farm, parent: int, layer: Layer, shared: Row) -> Iterator[Row]:
    number = layer.first
    for part in layer.parts:
        values = zip(cycle(part.progress or (0.0,)), cycle(part.seconds), cycle(part.eta), strict=False)
        for progress, seconds, eta in islice(values, part.count):
            yield _frame(farm, parent, number, part, (progress, seconds, eta), shared)
            number += 1


def _frame(farm: Farm, parent: int, number: int, part: Part, values: tuple[float, int, int], shared: Row) -> Row:
    progress, seconds, eta = values
    row = farm.job(str(number), part.status, parents=[parent], frame=number, ETA=eta, tags=["karma", "aov"], **shared)
    row["progress"] = row["overallProgress"] = 1.0 if part.status == "succeeded" else progress
    row["resources"] = {"karma_render": 1}
    row["waitingFor"] = part.note
    if part.status in ("running", "pausing", "abandoned"):
        row.update(commandStartTime=ago(seconds), startTime=ago(seconds), attempt=1)
        row["clients"] = farm.machine(row["id"], running=True)
    if part.status in ("succeeded", "failed"):
        ended = 200 + number * 613 % (28000 if part.status == "succeeded" else 3000)
        row.update(runtime=float(seconds), startTime=ago(seconds + ended), endTime=ago(ended), attempt=1)
        row["clients"] = farm.machine(row["id"], running=False) if part.status == "failed" else []
        row["exitCode"] = 0 if part.status == "succeeded" else 137 if "memory" in part.note else 1
        row["peakMemory"] = (131 if "memory" in part.note else 40 + number * 37 % 58) * _GB
    return row


def _sum_up(row: Row, below: Sequence[Row]) -> None:
    if not below:
        return
    counts: Counter[str] = Counter()
    done = 0.0
    for child in below:
        own = child["childCounts"] or {child["status"]: 1}
        counts.update(own)
        done += child["overallProgress"] * sum(own.values())
    total = sum(counts.values())
    times = [child["runtime"] for child in below if child["status"] == "succeeded" and child.get("runtime")]
    row["meanRuntime"] = sum(times) / len(times) if times else None
    row["childCounts"] = dict(counts)
    row["childCount"] = len(below)
    row["overallProgress"] = done / total
    row["status"] = _status_of(counts, total)


def _machine_names() -> Iterator[str]:
    yield from ("rnd-142", "rnd-142", "rnd-141", "rnd-016", "rnd-017", "rnd-018", "rnd-055", "rnd-056", "rnd-057")
    yield from ("rnd-060", "rnd-061", "rnd-062", "rnd-063", "rnd-064", "rnd-142")
    taken = {141, 142, 16, 17, 18, 55, 56, 57, 60, 61, 62, 63, 64}
    yield from cycle(f"rnd-{number:03d}" for number in range(1, 103) if number not in taken)


def _add_jobs(farm: Farm, finished_trees: int) -> None:
    farm.use_machines(_machine_names())
    for tree in TREES:
        row = _add_tree(farm, tree)
        if tree.name.startswith("shot_044"):
            row.update(status="runnable", showBlockedClientsWarning=True, minHosts=2, maxHosts=2)
            row["waitingFor"] = "148 of 148 blocked"
            row["resources"] = {"houdini_engine": 1}
    for place, (name, user, priority, running, waiting) in enumerate(MORE):
        parts = (Part(20, "succeeded"), Part(running, "running", (0.2, 0.5, 0.8)), Part(waiting, "runnable"))
        layers = (Layer("beauty", parts, elapsed=4000 + 60 * place),)
        _add_tree(farm, Tree(name, user, priority, 20000 + 900 * place, layers, 4000 + 60 * place, 7000))
    for number in range(19):
        layers = (Layer("layer", (Part(4, "runnable"),)),)
        _add_tree(farm, Tree(f"shot_{100 + number}_previs v{number % 7 + 1:03d}", "layout", 1, 30000, layers))
    _add_finished(farm, finished_trees)


_RHYTHM: Final = (
    *(300, 320, 335, 330, 320, 300, 275, 250, 245, 240, 250, 275),
    *(310, 345, 360, 355, 365, 375, 370, 372, 395, 405, 396, 412),
)
"""How many jobs ended in each of the last 24 hours."""
_A_TREE: Final = 7


def _add_finished(farm: Farm, trees: int) -> None:
    """Trees that ended in the last day, as many in each hour as the rhythm says."""
    whole, done = sum(_RHYTHM), 0.0
    made = 0
    for hour, rate in enumerate(_RHYTHM):
        done += rate / whole * trees
        number = round(done) - made
        for place in range(number):
            age = int((23 - hour) * 3600 + 3540 * (1 - place / number) + 20)
            _add_finished_tree(farm, made + place, age)
        made += number


def _add_finished_tree(farm: Farm, number: int, age: int) -> None:
    shared = {"queueTime": ago(age + 9000), "startTime": ago(age + 5000), "endTime": ago(age), "submittedBy": "dkim"}
    root = farm.job(f"shot_{number % 90 + 10:03d}_comp v{number % 12 + 1:03d}", "succeeded", **shared)
    frames = [
        farm.job(str(1001 + frame), "succeeded", parents=[root["id"]], frame=1001 + frame, runtime=400.0, **shared)
        for frame in range(_A_TREE)
    ]
    for row in frames:
        row["progress"] = row["overallProgress"] = 1.0
    _sum_up(root, frames)


@dataclass(frozen=True, slots=True)
class Machine:
    """A client of note."""

    name: str
    status: str
    load: float
    used: int
    memory: int
    groups: tuple[int, ...] = ()
    platform: str = "linux-x86_64"
    idle: int = -1
    beat: int = 3
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


_MACHINES: Final = (
    Machine("rnd-141", "busy", 0.96, 212, 256, (1, 2), beat=4),
    Machine("rnd-142", "busy", 0.99, 126, 128, (1,), beat=2, note="OOM twice", extra={"needsUpgrade": True}),
    Machine("rnd-143", "offline", 0.0, 0, 128, (1, 2), beat=1080, note="PSU swap"),
    Machine("rnd-144", "onhold", 0.03, 11, 512, (3,), beat=1),
    Machine("ws-aokafor", "disabled", 0.12, 22, 128, (4,), "windows-x86_64", 3, 5, "Drive swap", {"disabled": True}),
    Machine("ws-jlee", "available", 0.02, 38, 128, (4,), "windows-x86_64", 47, 6),
    Machine("ws-mbrandt", "unavailable", 0.34, 71, 128, (4,), "macosx-arm64", 0, 3, "Till 19:00"),
)
_STATES: Final = (
    *("busy",) * 102,
    *("available",) * 18,
    *("onhold",) * 3,
    *("unavailable",) * 11,
    *("disabled",) * 4,
    *("offline",) * 3,
)


def _add_clients(farm: Farm) -> None:
    for machine in _MACHINES:
        farm.clients.append(_client(machine, farm.running.get(machine.name, [])))
    named = {int(machine.name[4:]) for machine in _MACHINES if machine.name.startswith("rnd")}
    busy = sorted(farm.running.items())
    others = [label for label, _ in busy if int(label[4:]) not in named]
    used = {*named, *(int(label[4:]) for label in others)}
    idle = chain((f"rnd-{number:03d}" for number in range(1, 141) if number not in used), ("rnd-000",))
    for state in _STATES:
        name = others.pop(0) if state == "busy" and others else next(idle)
        load = 0.97 if state == "busy" else 0.01
        machine = Machine(name, state, load, 88 if state == "busy" else 9, 128, (1,), extra={"needsUpgrade": False})
        farm.clients.append(_client(machine, farm.running.get(name, [])))
    for client in farm.clients[40:42]:
        client["needsUpgrade"] = True


def _client(machine: Machine, jobs: list[int]) -> Row:
    number = client_id(machine.name)
    beat = 2000 + number if machine.status == "offline" and machine.beat < 60 else machine.beat
    return {
        "id": number,
        "hostname": machine.name,
        "name": "",
        "label": machine.name,
        "status": machine.status,
        "available": machine.status in ("available", "busy"),
        "disabled": machine.status == "disabled",
        "cpus": 64,
        "load": machine.load * 64,
        "memory": machine.memory * _GB,
        "memoryUsed": machine.used * _GB,
        "groups": list(machine.groups),
        "platform": machine.platform,
        "idleTime": machine.idle,
        "lastHeartbeat": ago(beat),
        "latestNote": machine.note,
        "runningJobs": jobs if machine.status == "busy" else [],
        "ip": f"10.0.4.{number % 250}",
        "needsUpgrade": False,
        "agentVersion": "1.4.0",
        **machine.extra,
    }


def rows(finished_trees: int = 1208) -> Row:
    """One answer of `getChanges` with the whole farm."""
    farm = Farm()
    _add_jobs(farm, finished_trees)
    _add_clients(farm)
    groups = [
        {"id": 1, "name": "lookdev", "clients": []},
        {"id": 2, "name": "highmem", "clients": []},
        {"id": 3, "name": "sim", "clients": []},
        {"id": 4, "name": "artists", "clients": []},
    ]
    resources = [
        {"id": 1, "name": "karma_render", "amount": 64, "inUse": 61, "perMachine": False, "holders": []},
        {"id": 2, "name": "houdini_engine", "amount": 12, "inUse": 12, "perMachine": False, "holders": []},
        {"id": 3, "name": "nuke_render", "amount": 20, "inUse": 9, "perMachine": False, "holders": []},
    ]
    return {
        "jobs": farm.jobs,
        "clients": farm.clients,
        "groups": groups,
        "resources": resources,
        "threads": threads(farm.jobs, farm.clients),
        "removed": {},
    }
