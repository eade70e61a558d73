"""Who may do what when the wire between agent and server is cut, in each direction, or carries everything twice.

The lease is short here: what takes minutes on a farm takes seconds. Each job takes a lock of its own while it runs and
prints its number and numbered lines, so what ran twice, or what of its output came twice or not, is seen.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, wait_for
from tests.farm.wire import Wire

LEASE, HEARTBEAT, ABANDON = 12.0, 1.0, 6.0
INI = f"[main]\nlease = {LEASE}\nheartbeat = {HEARTBEAT}\nactive_timeout = {ABANDON / 60}\nreconnects_limit = 0\n"
JOB = """
import fcntl, os, sys, time
folder, lines = sys.argv[1], int(sys.argv[2])
job = os.environ["JOBID"]
lock = os.open(f"{folder}/lock-{job}", os.O_CREAT | os.O_RDWR)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    open(f"{folder}/TWICE-{job}", "a").close()
open(f"{folder}/starts-{job}", "a").write("x")
for number in range(lines):
    print(job, number, flush=True)
    time.sleep(0.1)
while os.path.exists(f"{folder}/hold"):
    time.sleep(0.1)
"""


@dataclass
class Net:
    """A farm whose agent `a` sits behind a wire; `b` (if any) does not."""

    farm: RealFarm
    wire: Wire
    witness: Path

    def submit(self, lines: int, count: int = 1) -> list[int]:
        """Jobs that print so many lines, ten a second."""
        command = f"exec {sys.executable} -I -S {self.farm.folder}/job.py {self.witness} {lines}"
        jobs: list[int] = self.farm.hq.newjob([{"name": f"j{number}", "command": command} for number in range(count)])
        return jobs

    def starts(self, job: int) -> int:
        """How often its command was started."""
        file = self.witness / f"starts-{job}"
        return len(file.read_text()) if file.exists() else 0

    def account(self, jobs: list[int], lines: int, starts: int = 1) -> None:
        """Each ran to its end, alone, and its output is whole and once."""
        self.farm.wait_for_status(jobs, "succeeded", timeout=180)
        assert not list(self.witness.glob("TWICE-*"))
        for job in jobs:
            assert self.starts(job) == starts
            assert self.farm.hq.getJobOutput(job) == "".join(f"{job} {number}\n" for number in range(lines))

    def pass_time(self, seconds: float) -> None:
        """Let the world go on."""
        until = time.monotonic() + seconds
        wait_for("time to pass", lambda: time.monotonic() >= until, timeout=seconds + 10)

    def status(self, job: int) -> str:
        """A job's."""
        status: str = self.farm.job(job, "status")["status"]
        return status


@contextmanager
def net(folder: Path, *, other: bool = False, cpus: int = 2, hears: bool = True) -> Iterator[Net]:
    """A running farm with a wire in it; it may carry no answer from the first on."""
    witness = folder / "witness"
    witness.mkdir()
    (folder / "job.py").write_text(JOB)
    (folder / "server").mkdir(mode=0o700)
    (folder / "server" / "hqserver.ini").write_text(INI)
    farm = RealFarm(folder)
    wire = Wire(farm.port)
    wire.down = hears
    try:
        farm.start_server()
        farm.spawn_agent("a", cpus, url=wire.url)
        wait_for("agent a to register", lambda: (farm.client("a") or {}).get("available") is hears)
        if other:
            farm.start_agent("b", cpus)
            assert farm.hq.setdisabled((farm.client("b") or {})["label"], True)
        yield Net(farm, wire, witness)
    finally:
        wire.heal()
        farm.close()
        wire.close()


def test_everything_carried_twice_happens_once(tmp_path: Path) -> None:
    with net(tmp_path, cpus=4) as one:
        one.wire.doubled = True
        jobs = one.submit(3, 12)
        one.account(jobs, 3)
        assert one.wire.copies >= 6, "each three at a time: their start and their end"


def test_a_short_cut_is_caught_up(tmp_path: Path) -> None:
    with net(tmp_path) as one:
        hold = one.witness / "hold"
        hold.touch()
        (job,) = one.submit(20)
        one.farm.wait_for_status([job], "running")
        one.wire.cut()
        one.pass_time(1.5)
        assert one.status(job) == "running"
        one.wire.heal()
        hold.unlink()
        one.account([job], 20)


def test_an_agent_that_hears_no_answer_is_given_nothing(tmp_path: Path) -> None:
    """Its hello arrives, and shows only that: what it was given would wait for the end of its lease."""
    with net(tmp_path, other=True, hears=False) as one:
        jobs = one.submit(2, 2)
        assert (one.farm.client("a") or {})["runningJobs"] == []
        assert one.farm.hq.setdisabled((one.farm.client("b") or {})["label"], False)
        one.account(jobs, 2)
        one.wire.heal()
        wait_for("agent a to be there", lambda: (one.farm.client("a") or {}).get("available"))


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("direction", ["both", "up", "down"])
def test_a_cut_shorter_than_the_lease(tmp_path: Path, direction: str) -> None:
    """Grey, no new work, abandoned; then everything goes on and nothing was started again."""
    with net(tmp_path) as one:
        (job,) = one.submit(150)
        wait_for("its start", lambda: one.starts(job))
        one.wire.cut(up=direction != "down", down=direction != "up")
        wait_for("the client to be missed", lambda: not (one.farm.client("a") or {})["available"])
        late = one.submit(2)
        wait_for("the job to be abandoned", lambda: one.status(job) == "abandoned")
        assert one.status(late[0]) == "runnable", "no new work for a client that is out of touch"
        one.wire.heal()
        wait_for("the job to be running again", lambda: one.status(job) == "running")
        one.account([job], 150)
        one.account(late, 2)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("direction", ["both", "up", "down"])
def test_a_cut_longer_than_the_lease(tmp_path: Path, direction: str) -> None:
    """The keeper ends the job at the end of its lease; only then, and after a grace, it runs elsewhere."""
    with net(tmp_path, other=True) as one:
        (job,) = one.submit(200)
        wait_for("its start", lambda: one.starts(job))
        lock = one.witness / f"lock-{job}"
        one.wire.cut(up=direction != "down", down=direction != "up")
        cut_at = time.monotonic()
        assert one.farm.hq.setdisabled((one.farm.client("b") or {})["label"], False)
        wait_for("the keeper to end it", lambda: not _is_locked(lock), timeout=LEASE + 20)
        ended_after = time.monotonic() - cut_at
        assert ended_after <= LEASE + 5
        assert one.starts(job) == 1
        wait_for("its second start", lambda: one.starts(job) == 2, timeout=LEASE + 60)
        assert time.monotonic() - cut_at >= LEASE
        one.wire.heal()
        one.account([job], 200, starts=2)
        reasons = [row["reason"] for row in one.farm.hq.getAttempts(job)]
        assert reasons == ["lost", "exited"]


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_answers_that_do_not_arrive_start_nothing_twice(tmp_path: Path) -> None:
    """Requests arrive, replies do not: the order to start is on its way for a while, and obeyed once."""
    with net(tmp_path) as one:
        one.wire.cut(up=False)
        jobs = one.submit(5, 2)
        one.pass_time(ABANDON + 2)
        assert [one.starts(job) for job in jobs] == [0, 0]
        one.wire.heal()
        one.account(jobs, 5)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_server_is_away_for_less_than_the_lease(tmp_path: Path) -> None:
    with net(tmp_path) as one:
        jobs = one.submit(120, 2)
        wait_for("their start", lambda: all(map(one.starts, jobs)))
        one.farm.kill_server()
        one.pass_time(LEASE / 2)
        one.farm.start_server()
        one.account(jobs, 120)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_server_is_away_for_longer_than_the_lease(tmp_path: Path) -> None:
    """The job is ended at the end of its lease, the report is kept, and the server lets it run again."""
    with net(tmp_path) as one:
        (job,) = one.submit(200)
        wait_for("its start", lambda: one.starts(job))
        one.farm.kill_server()
        wait_for("the keeper to end it", lambda: not _is_locked(one.witness / f"lock-{job}"), timeout=LEASE + 20)
        one.farm.start_server()
        one.account([job], 200, starts=2)
        assert [row["reason"] for row in one.farm.hq.getAttempts(job)] == ["lease", "exited"]


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_agent_is_dead_and_the_wire_with_it(tmp_path: Path) -> None:
    """Agent dead, job alive: the keeper holds the lease by itself; a new agent finds how it ended."""
    with net(tmp_path) as one:
        (job,) = one.submit(200)
        wait_for("its start", lambda: one.starts(job))
        one.farm.agents["a"].kill()
        one.farm.agents["a"].wait()
        wait_for("the keeper to end it", lambda: not _is_locked(one.witness / f"lock-{job}"), timeout=LEASE + 20)
        one.farm.spawn_agent("a", 2, url=one.wire.url)
        one.account([job], 200, starts=2)
        assert [row["reason"] for row in one.farm.hq.getAttempts(job)] == ["lease", "exited"]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_cuts_of_every_kind_at_random(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four kinds, twelve times each, of random lengths around the lease, while jobs are submitted and run."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    kinds = ["both", "up", "down", "doubled"] * 12
    chance.shuffle(kinds)
    lines = 60
    with net(tmp_path, other=True, cpus=4) as one:
        assert one.farm.hq.setdisabled((one.farm.client("b") or {})["label"], False)
        jobs: list[int] = []
        cut_seconds = 0.0
        for kind in kinds:
            jobs += one.submit(lines, 4)
            longest = chance.choice([HEARTBEAT, ABANDON, LEASE, 1.5 * LEASE])
            length = chance.uniform(longest / 2, longest)
            one.wire.doubled = kind == "doubled"
            if kind != "doubled":
                one.wire.cut(up=kind != "down", down=kind != "up")
                cut_seconds += length
            one.pass_time(length)
            one.wire.heal()
            one.pass_time(chance.uniform(0, 2.0))
        one.farm.wait_for_status(jobs, "succeeded", timeout=600)
        assert not list(one.witness.glob("TWICE-*")), f"seed {seed}"
        for job in jobs:
            text = "".join(f"{job} {number}\n" for number in range(lines))
            assert one.farm.hq.getJobOutput(job) == text, f"seed {seed}"
        again = sum(one.starts(job) - 1 for job in jobs)
        with capsys.disabled():
            sys.stdout.write(
                f"\nseed {seed}: {len(kinds)} faults ({cut_seconds:.0f} s cut, {one.wire.copies} requests carried twice), "
                f"{len(jobs)} jobs: 0 in two processes at one time, every output whole and once; "
                f"{again} started again after the end of their lease\n"
            )


def _is_locked(path: Path) -> bool:
    """Whether the job still runs: it holds its lock for as long."""
    import fcntl

    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
