"""A long run under kills: who submits, who cancels, who kills, and how the witnesses are held to account.

Each job takes a lock of its own for as long as it runs, so a second process of the same job finds it taken and leaves
a mark. It writes a line when it starts, so a job that runs again, or after its cancellation was acknowledged, is seen.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.farm.harness import RealFarm, wait_for

BATCH = 50
VICTIMS_A_BATCH = 3
"""Jobs in each batch that never end by themselves and are cancelled."""
PATIENCE = 600.0

WITNESS = """\
folder=$1
flock -n -E 99 "$folder/lock-$JOBID" sh -c '
    echo "$(date +%s.%N)" >> "$0/starts-$JOBID"
    sleep "$1"
    echo "done $JOBID"' "$folder" "$2"
code=$?
[ $code != 99 ] || echo again >> "$folder/TWICE-$JOBID"
exit $code
"""


@dataclass
class Account:
    """What callers were told."""

    jobs: list[int] = field(default_factory=list)
    """Jobs that end by themselves."""
    victims: list[int] = field(default_factory=list)
    cancelling: set[int] = field(default_factory=set)
    """Jobs whose cancellation was acknowledged: an order to start them may still be on its way to be recalled."""
    cancelled: dict[int, float] = field(default_factory=dict)
    """When such a job was seen as cancelled; wall time. From then on nothing of it runs."""
    calls: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)

    def watched(self, work: Callable[[], None]) -> threading.Thread:
        """A thread whose failure is told."""

        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - the test's own thread must hear of it
                self.errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread


class Endurance:
    """One run in a folder."""

    def __init__(self, farm: RealFarm, seed: int) -> None:
        self.farm = farm
        self.account = Account()
        self.witness = farm.folder / "witness"
        self.witness.mkdir()
        self.script = farm.folder / "witness.sh"
        self.script.write_text(WITNESS)
        self._chance = random.Random(seed)
        self._uncancelled: list[int] = []
        self._submitting = True
        self._killed = 0

    def submit(self, count: int, kills: int) -> None:
        """So many jobs, as evenly as the kills come; each call with a key, repeated until it is answered."""
        chance = random.Random(self._chance.random())
        for number in range(0, count, BATCH):
            due = kills * number // count
            wait_for("the kills so far", lambda due=due: self._killed >= due or self.account.errors, PATIENCE)  # type: ignore[misc]
            kinds = [chance.uniform(0.02, 0.3)] * (BATCH - 1 - VICTIMS_A_BATCH) + [3600.0] * VICTIMS_A_BATCH
            children = [
                {"name": f"{number}.{index}", "command": self._command(seconds)} for index, seconds in enumerate(kinds)
            ]
            key = f"batch {number}"
            spec = {"name": key, "command": self._command(0.02), "children": children, "submissionKey": key}
            (parent,) = self._told("newjob", spec)
            ids: list[int] = self._told("getJob", parent, ["children"])["children"]
            self.account.jobs += ids[:-VICTIMS_A_BATCH]
            self.account.victims += [*ids[-VICTIMS_A_BATCH:], parent]
            self._uncancelled += ids[-VICTIMS_A_BATCH:]
        self._submitting = False

    def cancel(self) -> None:
        """Every victim, sooner or later; the call is repeated until it is answered."""
        chance = random.Random(self._chance.random())
        while self._submitting or self._uncancelled:
            if len(self._uncancelled) > (6 if self._submitting else 0):
                victim = self._uncancelled.pop(chance.randrange(len(self._uncancelled)))
                self._told("cancelJobs", [victim])
                self.account.cancelling.add(victim)
            else:
                time.sleep(0.01)
            self._look_at_cancelled()
        wait_for("the last to be cancelled", lambda: not self._look_at_cancelled(), PATIENCE)

    def _look_at_cancelled(self) -> set[int]:
        """Note what is seen as cancelled now; what is left."""
        left = self.account.cancelling - self.account.cancelled.keys()
        rows: list[dict[str, Any]] = self._told("getJobs", sorted(left), ["id", "status"]) if left else []
        now = time.time()
        self.account.cancelled.update((row["id"], now) for row in rows if row["status"] == "cancelled")
        return self.account.cancelling - self.account.cancelled.keys()

    def kill(self, kills: int, goes_on: Callable[[], bool]) -> int:
        """Kill the server at random moments, its start included; how many kills it was."""
        while self._killed < kills and goes_on():
            until = time.monotonic() + self._chance.choice([self._chance.uniform(0.0, 1.0), 1.0, 2.0])
            wait_for("the moment to kill", lambda until=until: time.monotonic() >= until, pause=0.005)  # type: ignore[misc]
            self.farm.kill_server()
            self.farm.start_server(wait=self._chance.random() < 0.8)
            self._killed += 1
        self.farm.wait_for_server()
        return self._killed

    def _command(self, seconds: float) -> str:
        return f"sh {self.script} {self.witness} {seconds:.3f}"

    def _told(self, method: str, *arguments: object) -> Any:
        """What a call is answered in the end, as a careful script asks: again after every failure."""
        self.account.calls[method] += 1

        def ask() -> tuple[Any]:
            return (getattr(self.farm.hq, method)(*arguments),)

        return wait_for(f"{method} to be answered", ask, timeout=PATIENCE)[0]

    def problems(self) -> list[str]:
        """Everything that a promise does not allow, once all is over."""
        account = self.account
        told = {row["id"]: row for row in self._rows([*account.jobs, *account.victims])}
        found = [f"job {id_} is lost" for id_ in [*account.jobs, *account.victims] if id_ not in told]
        found += [f"{file.name}: two processes at one time" for file in self.witness.glob("TWICE-*")]
        for id_ in account.jobs:
            starts = self._starts(id_)
            if id_ in told and told[id_]["status"] != "succeeded":
                found.append(f"job {id_} is {told[id_]['status']}")
            if len(starts) != 1:
                found.append(f"job {id_} was started {len(starts)} times")
        for id_ in account.cancelling:
            if told[id_]["status"] != "cancelled":
                found.append(f"job {id_} is {told[id_]['status']} though its cancellation was acknowledged")
            if any(start > account.cancelled[id_] for start in self._starts(id_)):
                found.append(f"job {id_} was started after it was cancelled")
        everything = self.farm.hq.getJobIdsByStatus(self.farm.hq.getAllJobStatusNames())
        if len(everything) != len(set(account.jobs + account.victims)):
            found.append(f"{len(everything)} jobs are known, {len(account.jobs + account.victims)} were acknowledged")
        return found

    def left_over(self) -> list[str]:
        """Witnesses that still run."""
        mark = str(self.script).encode()
        return [
            entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and mark in _read(entry / "cmdline")
        ]

    def unfinished(self) -> int:
        """How many jobs are not over."""
        return len(self.farm.hq.getJobIdsByStatus(["queued", "runnable", "running", "paused", "abandoned"]))

    def _rows(self, ids: list[int]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.farm.hq.getJobs(ids, ["id", "status"])
        return rows

    def _starts(self, job: int) -> list[float]:
        file = self.witness / f"starts-{job}"
        return [float(line) for line in file.read_text().split()] if file.exists() else []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
