"""The server is killed at random moments: what was acknowledged is kept, and nothing runs twice.

The jobs themselves are the witnesses: each takes an exclusive lock for its run and leaves a line for each start.
"""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.farm.harness import AWAY, RealFarm, real_farm, wait_for

LINES = 28
DOWN_SECONDS = 20.0

ENDLESS_TICKER = """
import os, sys, time
number = 0
with open(sys.argv[1], "a", buffering=1) as log:
    while not os.path.exists(sys.argv[2]):
        log.write(f"{number}\\n")
        number += 1
        time.sleep(0.05)
"""

TICKER = f"""
import sys, time
with open(sys.argv[1], "a", buffering=1) as log:
    for number in range({LINES}):
        log.write(f"{{number}} {{time.monotonic()}}\\n")
        time.sleep(1)
"""

WITNESS = """
import fcntl, os, sys, time
folder, job = sys.argv[1], os.environ["JOBID"]
lock = os.open(f"{folder}/lock-{job}", os.O_CREAT | os.O_RDWR)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    open(f"{folder}/TWICE-{job}", "a").close()
with open(f"{folder}/starts-{job}", "a") as starts:
    starts.write("start\\n")
time.sleep(float(sys.argv[2]))
print("done", job)
"""


def test_running_jobs_go_on_while_the_server_is_gone_and_after_it_came_back(tmp_path: Path) -> None:
    (tmp_path / "ticker.py").write_text(ENDLESS_TICKER)
    files = [tmp_path / f"t{number}" for number in range(8)]

    def ticks() -> list[int]:
        return [len(file.read_text().splitlines()) if file.exists() else 0 for file in files]

    def go_on() -> None:
        wanted = [count + 20 for count in ticks()]
        wait_for("every job to go on", lambda: all(map(int.__ge__, ticks(), wanted)))

    with real_farm(tmp_path, agents=1, cpus=8) as farm:
        command = f"exec {sys.executable} {tmp_path}/ticker.py"
        jobs = farm.hq.newjob([{"name": file.name, "command": f"{command} {file} {tmp_path}/enough"} for file in files])
        go_on()
        farm.kill_server()
        go_on()
        farm.start_server()
        farm.wait_for_status(jobs, "running")
        go_on()
        (tmp_path / "enough").touch()
        farm.wait_for_status(jobs, "succeeded")
        for job, file in zip(jobs, files, strict=True):
            numbers = [int(line) for line in file.read_text().split()]
            assert numbers == list(range(len(numbers))), f"job {job} repeats or lacks lines"
            assert farm.job(job, "attempt")["attempt"] == 1


@pytest.mark.long
def test_running_jobs_do_not_notice_that_the_server_is_gone(tmp_path: Path) -> None:
    (tmp_path / "ticker.py").write_text(TICKER)
    with real_farm(tmp_path, agents=1, cpus=8) as farm:
        jobs = [
            farm.hq.newjob({"name": f"t{i}", "command": f"exec {sys.executable} {tmp_path}/ticker.py {tmp_path}/t{i}"})[
                0
            ]
            for i in range(8)
        ]
        files = [tmp_path / f"t{i}" for i in range(8)]
        wait_for("every job to write", lambda: all(file.exists() and file.read_text() for file in files))
        farm.kill_server()
        back = time.monotonic() + DOWN_SECONDS
        wait_for("the server to be missed", lambda: time.monotonic() >= back, timeout=DOWN_SECONDS + 5)
        farm.start_server()
        farm.wait_for_status(jobs, "succeeded", timeout=90)
        for job, file in zip(jobs, files, strict=True):
            rows = [line.split() for line in file.read_text().splitlines()]
            assert [int(number) for number, _ in rows] == list(range(LINES)), f"job {job} repeats or lacks lines"
            times = [float(at) for _, at in rows]
            assert max(b - a for a, b in itertools.pairwise(times)) < 1.5
            assert farm.job(job, "attempt")["attempt"] == 1


@dataclass
class Submitter:
    """Submits jobs in small calls, again with the same key until acknowledged, as a careful script does."""

    farm: RealFarm
    jobs: int
    command: str
    acknowledged: list[int] = field(default_factory=list)
    error: BaseException | None = None

    def run(self) -> None:
        try:
            for number in range(0, self.jobs, 10):
                specs = [
                    {"name": f"w{number + i}", "command": self.command, "submissionKey": f"w{number + i}"}
                    for i in range(10)
                ]
                self.acknowledged += self._submit(specs)
        except BaseException as error:  # noqa: BLE001 - the test's own thread must hear of it
            self.error = error

    def _submit(self, specs: list[dict[str, str]]) -> list[int]:
        ids: list[int] = []
        for spec in specs:
            ids += wait_for("an acknowledgement", lambda spec=spec: self.farm.hq.newjob(spec), timeout=60)  # type: ignore[misc]
        return ids


def run_with_kills(folder: Path, kills: int, jobs: int, seed: int) -> None:
    """Kill the server `kills` times while `jobs` jobs are submitted and run; then hold the witnesses to account."""
    chance = random.Random(seed)
    witness = folder / "witness"
    witness.mkdir()
    (folder / "witness.py").write_text(WITNESS)
    with real_farm(folder, agents=2, cpus=4) as farm:
        command = f"exec {sys.executable} {folder}/witness.py {witness} 0.2"
        submitter = Submitter(farm, jobs, command)
        thread = threading.Thread(target=submitter.run)
        thread.start()
        for _ in range(kills):
            up_until = time.monotonic() + chance.uniform(0.05, 1.2)
            wait_for("the moment to kill", lambda until=up_until: time.monotonic() >= until, pause=0.005)  # type: ignore[misc]
            farm.kill_server()
            farm.start_server(wait=chance.random() < 0.8)
        farm.wait_for_server()
        thread.join(timeout=300)
        assert submitter.error is None, f"seed {seed}: {submitter.error!r}"
        assert len(set(submitter.acknowledged)) == jobs
        farm.wait_for_status(submitter.acknowledged, "succeeded", timeout=300)
        assert not list(witness.glob("TWICE-*")), f"seed {seed}"
        for job in submitter.acknowledged:
            assert (witness / f"starts-{job}").read_text() == "start\n", f"seed {seed}: job {job} ran more than once"
            assert farm.hq.getJobOutput(job) == f"done {job}\n", f"seed {seed}"
        known = farm.hq.getFinishedRootJobIds()
        assert sorted(known) == sorted(submitter.acknowledged)


def test_nothing_acknowledged_is_lost_by_a_few_kills(tmp_path: Path) -> None:
    run_with_kills(tmp_path, kills=6, jobs=120, seed=21)


@pytest.mark.long
def test_nothing_acknowledged_is_lost_by_a_hundred_kills(tmp_path: Path) -> None:
    run_with_kills(tmp_path, kills=100, jobs=2000, seed=random.randrange(10**6))


def test_a_clean_stop_keeps_everything_and_ends_quickly(tmp_path: Path) -> None:
    with real_farm(tmp_path, agents=1, cpus=2) as farm:
        job = farm.hq.newjob(
            {"name": "long", "command": f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; echo end"}
        )[0]
        farm.wait_for_status([job], "running")
        assert farm.stop_server() == 0
        farm.start_server()
        (tmp_path / "go").touch()
        farm.wait_for_status([job], "succeeded")
        assert farm.hq.getJobOutput(job) == "end\n"
        assert farm.job(job, "attempt")["attempt"] == 1


def test_a_proxy_error_is_not_a_crash(tmp_path: Path) -> None:
    """A call that is under way when the server dies fails at the caller, who may simply call again."""
    with real_farm(tmp_path) as farm:
        farm.kill_server()
        with pytest.raises(AWAY):
            farm.hq.ping()
        farm.start_server()
        assert farm.hq.ping() is True
