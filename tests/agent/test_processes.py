"""Keepers and what they keep, with real processes: nothing escapes, nothing is lost, nothing is started twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hqagent.output import Follower
from hqagent.processes import Processes, platform_processes
from hqagent.processes.family import tree
from hqagent.processes.groups import own_group, usable
from hqagent.processes.keeper import LONGEST_SLEEP, after_the_lease
from hqagent.processes.slots import STOPPED
from hqagent.spool import Exit, Launch, Spool
from tests.farm.harness import wait_for
from tests.simulation.oracle import THAW

ESCAPES = {
    "setsid": "setsid sleep 1000 &",
    "double fork": "(sleep 1000 &) &",
    "empty environment": "env -i /bin/sleep 1000 &",
    "nohup": "nohup sleep 1000 > /dev/null 2>&1 &",
    "deaf": "(trap '' INT TERM HUP; while :; do sleep 0.1; done) &",
    "own session, deaf": "setsid sh -c 'trap \"\" INT TERM; while :; do sleep 0.1; done' &",
    "stopped": "sleep 1000 & kill -STOP $!",
    "disowned grandchild": "sh -c 'sh -c \"sleep 1000 & sleep 1000\" &' ",
}


class Bench:
    """A spool and the processes of this system."""

    def __init__(self, folder: Path, groups: Path | None = None) -> None:
        self.spool = Spool(folder)
        self.processes: Processes = platform_processes(groups)

    def prepare(self, job: int, command: str, lease: float = 100.0, shell: str = "/bin/sh", **more: Any) -> Path:
        folder = self.spool.make(job, 1)
        assert folder is not None
        environment = {"PATH": os.environ["PATH"], "MARK": "here", "TMPDIR": f"{folder}/tmp"} | more.pop(
            "environment", {}
        )
        until = time.clock_gettime(time.CLOCK_BOOTTIME) + lease
        more = {"group": self.processes.group(folder.name), **more}
        self.spool.prepare(folder, command, Launch(shell, environment, until, **more))
        return folder

    def wish(self, job: int, keeper: int, words: str) -> None:
        self.spool.wish(job, 1, words)
        self.processes.nudge(keeper, self.spool.path(job, 1))

    async def run_to_its_end(self, folder: Path) -> int:
        """As the agent does it; the keeper's process id."""
        keeper = self.processes.launch(folder)
        gone = asyncio.Event()
        self.processes.watch(keeper, gone.set)
        await asyncio.wait_for(gone.wait(), 30)
        return keeper

    def ended(self, job: int) -> object:
        return wait_for(f"job {job} to end", lambda: self.spool.exit(job, 1))

    def output(self, job: int) -> str:
        return self.spool.read_output(job, 1, 0, 1 << 20).decode()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path / "attempts")
    yield one
    for job, _ in list(one.spool.held()):
        keeper = one.processes.keeper(one.spool.path(job, 1))
        if keeper is not None:
            one.wish(job, keeper, "end cancelled 0")
            one.ended(job)
    one.processes.close()


def test_exit_code_output_and_environment(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "echo out; echo err >&2; echo $MARK; pwd; exit 3"))
    bench.ended(1)
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert (ended.reason, ended.exit_code, ended.signal) == ("exited", 3, None)
    assert bench.output(1) == f"out\nerr\nhere\n{bench.spool.path(1, 1)}/tmp\n"
    assert ended.peak_memory > 0


def test_a_signal_is_told_as_one(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "kill -SEGV $$"))
    bench.ended(1)
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert (ended.exit_code, ended.signal) == (None, signal.SIGSEGV)


def test_a_command_of_any_length(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, f"echo {'x' * 1_000_000} | wc -c"))
    bench.ended(1)
    assert bench.output(1).strip() == "1000001"


def test_a_variable_that_the_system_does_not_take_is_named(bench: Bench) -> None:
    asyncio.run(bench.run_to_its_end(bench.prepare(1, "true", environment={"BIG": "y" * (1 << 17)})))
    assert "too long for this system: BIG has 131072 bytes" in bench.output(1)


def test_a_shell_that_cannot_be_started_is_told_in_the_output(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "true", shell="/no/such/shell"))
    bench.ended(1)
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert ended.exit_code == 127
    assert "cannot be started" in bench.output(1)


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES.keys())
def test_cancel_means_dead(bench: Bench, escape: str) -> None:
    keeper = bench.processes.launch(bench.prepare(1, f"{escape}\ntrap '' INT\necho ready\nwhile :; do sleep 0.1; done"))
    wait_for("the command to be ready", lambda: "ready" in bench.output(1))
    family = tree(keeper)
    assert len(family) >= 2
    bench.wish(1, keeper, "end cancelled 0.3")
    bench.ended(1)
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert ended.reason == "cancelled"
    assert not [pid for pid in family if is_alive(pid)]


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES.keys())
def test_what_a_command_leaves_behind_ends_with_it(bench: Bench, escape: str) -> None:
    folder = bench.prepare(1, f"{escape}\nsleep 0.1\necho ready")
    keeper = bench.processes.launch(folder)
    bench.ended(1)
    wait_for("the keeper to let go", lambda: bench.processes.keeper(folder) is None)
    assert not tree(keeper)
    marks = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and str(folder) in cwd_of(entry)]
    assert not marks


def test_pause_takes_no_cpu_and_resume_goes_on(bench: Bench) -> None:
    command = "sh -c 'i=0; while :; do i=$((i+1)); echo $i; done' & i=0; while :; do i=$((i+1)); done"
    keeper = bench.processes.launch(bench.prepare(1, command))
    wait_for("output", lambda: bench.spool.output_size(1, 1))
    bench.wish(1, keeper, "pause")
    wait_for("the pause", lambda: bench.spool.state(1, 1) == STOPPED)
    wait_for("everybody to be stopped", lambda: all(state(pid) == "T" for pid in tree(keeper)))
    before, size = ticks(keeper), bench.spool.output_size(1, 1)
    later = time.monotonic() + 0.5
    wait_for("half a second", lambda: time.monotonic() > later)
    assert ticks(keeper) == before
    assert bench.spool.output_size(1, 1) == size
    bench.wish(1, keeper, "resume")
    wait_for("more output", lambda: bench.spool.output_size(1, 1) > size)


def test_a_paused_job_can_be_ended(bench: Bench) -> None:
    keeper = bench.processes.launch(bench.prepare(1, "sleep 1000"))
    bench.wish(1, keeper, "pause")
    wait_for("the pause", lambda: bench.spool.state(1, 1) == STOPPED)
    bench.wish(1, keeper, "end ejected 0.2")
    bench.ended(1)


def test_the_keeper_ends_the_job_when_its_lease_is_over(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "sleep 1000", lease=0.3))
    bench.ended(1)
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert ended.reason == "lease"


def test_a_lease_that_ended_while_the_machine_slept_leaves_no_time_to_say_goodbye(bench: Bench) -> None:
    """By then it may run elsewhere: the signals that ask come at once with the one that does not."""
    folder = bench.prepare(1, "trap '' INT TERM; touch ../started; sleep 1000", lease=3.0)
    bench.processes.launch(folder)
    wait_for("the command to run", (folder / "started").exists)
    bench.spool.renew(1, 1, time.clock_gettime(time.CLOCK_BOOTTIME) - 100)
    bench.ended(1)
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert ended.reason == "lease"
    assert after_the_lease(100.0) == 0.0
    assert after_the_lease(0.0) > 1.0
    assert LONGEST_SLEEP <= THAW


def test_a_command_is_not_started_when_its_lease_is_over_by_then(bench: Bench) -> None:
    """The machine slept between the order and the start: not even the first line may run."""
    folder = bench.prepare(1, "touch ../started", lease=-1.0)
    asyncio.run(bench.run_to_its_end(folder))
    ended = bench.spool.exit(1, 1)
    assert ended is not None
    assert (ended.reason, ended.signal) == ("lease", signal.SIGKILL)
    assert not (folder / "started").exists()
    assert bench.output(1) == "the command is not started: its lease was over by then\n"


def test_a_renewed_lease_is_honoured(bench: Bench) -> None:
    lease = 4.0
    folder = bench.prepare(1, "while [ ! -e ../go ]; do sleep 0.05; done; echo whole", lease=lease)
    over = time.monotonic() + lease
    bench.processes.launch(folder)
    bench.spool.renew(1, 1, time.clock_gettime(time.CLOCK_BOOTTIME) + 100)
    wait_for("the first lease to be over", lambda: time.monotonic() > over + 0.3)
    (folder / "go").touch()
    bench.ended(1)
    assert bench.output(1) == "whole\n"


def test_keepers_outlive_their_launcher(bench: Bench) -> None:
    folder = bench.prepare(1, "while [ ! -e ../go ]; do sleep 0.05; done; echo still here")
    keeper = bench.processes.launch(folder)
    wait_for("the keeper to hold its lock", lambda: bench.processes.keeper(folder) == keeper)
    bench.processes.close()
    assert bench.processes.keeper(folder) == keeper
    (folder / "go").touch()
    bench.ended(1)
    assert bench.output(1) == "still here\n"


def test_a_buried_attempt_is_never_started(bench: Bench) -> None:
    folder = bench.prepare(1, "echo started")
    assert bench.processes.bury(folder)
    asyncio.run(bench.run_to_its_end(folder))
    assert bench.output(1) == ""
    assert bench.spool.exit(1, 1) is None


def test_what_runs_cannot_be_buried(bench: Bench) -> None:
    folder = bench.prepare(1, "sleep 1000")
    keeper = bench.processes.launch(folder)
    wait_for("the keeper to hold its lock", lambda: bench.processes.keeper(folder) == keeper)
    assert not bench.processes.bury(folder)


def test_an_attempt_has_one_folder_ever(bench: Bench) -> None:
    assert bench.spool.make(1, 1) is not None
    assert bench.spool.make(1, 1) is None
    assert list(bench.spool.held()) == [(1, 1)]


def test_keepers_are_reused_one_attempt_at_a_time(bench: Bench) -> None:
    async def run() -> list[int]:
        return [await bench.run_to_its_end(bench.prepare(job, f"echo {job}")) for job in (1, 2, 3)]

    keepers = asyncio.run(run())
    assert len(set(keepers)) == 1
    assert [bench.output(job) for job in (1, 2, 3)] == ["1\n", "2\n", "3\n"]


def test_a_keeper_has_less_than_a_megabyte_to_itself(bench: Bench) -> None:
    async def run() -> int:
        keepers = {await bench.run_to_its_end(bench.prepare(job, "echo here")) for job in range(1, 51)}
        (keeper,) = keepers
        return private_kilobytes(keeper)

    assert asyncio.run(run()) <= 1024
    assert list(bench.spool.path(1, 1).parent.glob("practice*")) == [], "the launcher cleans up after its practice"


def private_kilobytes(pid: int) -> int:
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Private_"))


def test_a_launcher_that_cannot_practise_makes_keepers_all_the_same(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "attempts" / f"practice-{os.getpid()}").write_text("in the way")
    asyncio.run(bench.run_to_its_end(bench.prepare(1, "echo here")))
    assert bench.output(1) == "here\n"
    Spool(tmp_path / "attempts")
    assert list((tmp_path / "attempts").glob("practice*")) == [], "what a killed launcher left is cleared away"


def test_a_killed_keeper_is_noticed_and_replaced(bench: Bench) -> None:
    async def run() -> None:
        folder = bench.prepare(1, "setsid sleep 1000 & sleep 1000")
        keeper = bench.processes.launch(folder)
        gone = asyncio.Event()
        bench.processes.watch(keeper, gone.set)
        wait_for("the keeper to hold its lock", lambda: bench.processes.keeper(folder) == keeper)
        wait_for("the commands", lambda: len(tree(keeper)) == 3)
        children = tree(keeper)
        os.kill(keeper, signal.SIGKILL)
        await asyncio.wait_for(gone.wait(), 30)
        assert bench.spool.exit(1, 1) is None
        bench.processes.sweep(folder)
        wait_for("what it left behind to be dead", lambda: not any(map(is_alive, children)))
        assert await bench.run_to_its_end(bench.prepare(2, "echo two")) != keeper

    asyncio.run(run())
    assert bench.output(2) == "two\n"


def test_a_later_agent_watches_what_an_earlier_one_started(bench: Bench) -> None:
    later = platform_processes()
    folder = bench.prepare(1, "while [ ! -e ../go ]; do sleep 0.05; done; echo whole")
    bench.processes.launch(folder)
    keeper = wait_for("the keeper to hold its lock", lambda: bench.processes.keeper(folder) or 0)
    bench.processes.close()

    async def watch() -> None:
        gone = asyncio.Event()
        later.watch(keeper, gone.set)
        (folder / "go").touch()
        await asyncio.wait_for(gone.wait(), 30)

    asyncio.run(watch())
    assert bench.output(1) == "whole\n"
    assert not is_alive(keeper)


def is_alive(pid: int) -> bool:
    return state(pid) not in ("", "Z", "X")


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def cwd_of(entry: Path) -> str:
    try:
        return str((entry / "cwd").readlink())
    except OSError:
        return ""


def ticks(root: int) -> int:
    """Cpu time of everything below a process."""
    total = 0
    for pid in tree(root):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total


def ended(bench: Bench, job: int = 1) -> Exit:
    bench.ended(job)
    found = bench.spool.exit(job, 1)
    assert found is not None
    return found


def test_a_command_that_runs_longer_than_it_may_is_ended(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "sleep 1000", max_time=0.3))
    assert ended(bench).reason == "time"


def test_a_command_that_is_silent_for_too_long_is_ended(bench: Bench) -> None:
    timeout = 2.5
    command = "while [ ! -e ../quiet ]; do echo x; sleep 0.05; done; echo last; sleep 1000"
    folder = bench.prepare(1, command, no_output_timeout=timeout)
    bench.processes.launch(folder)
    later = time.monotonic() + timeout
    wait_for("it to live longer than it may be silent", lambda: time.monotonic() > later + 0.3)
    assert bench.spool.exit(1, 1) is None
    (folder / "quiet").touch()
    found = ended(bench)
    assert found.reason == "silent"
    assert bench.output(1).endswith("x\nlast\n")
    assert found.ran_seconds > 2 * timeout


def test_a_pause_counts_neither_as_running_nor_as_silence(bench: Bench) -> None:
    limit = 4.0
    command = "while [ ! -e ../go ]; do sleep 0.05; done; echo whole"
    folder = bench.prepare(1, command, max_time=limit, no_output_timeout=limit)
    keeper = bench.processes.launch(folder)
    bench.wish(1, keeper, "pause")
    wait_for("the pause", lambda: bench.spool.state(1, 1) == STOPPED)
    later = time.monotonic() + limit
    wait_for("longer than it may run", lambda: time.monotonic() > later + 0.3)
    (folder / "go").touch()
    bench.wish(1, keeper, "resume")
    found = ended(bench)
    assert (found.reason, found.exit_code) == ("exited", 0)
    assert found.ran_seconds < limit


def test_the_umask_is_the_jobs(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "umask", umask=0o027))
    bench.ended(1)
    assert bench.output(1).strip().endswith("027")


def test_output_can_be_reopened_without_loss(bench: Bench) -> None:
    """With a file as its output, `> /dev/stderr` would empty the log."""
    bench.processes.launch(bench.prepare(1, "echo one; echo two > /dev/stderr; echo three > /dev/stdout; echo four"))
    bench.ended(1)
    assert bench.output(1) == "one\ntwo\nthree\nfour\n"


def test_output_of_any_bytes_is_kept_byte_for_byte(bench: Bench) -> None:
    bench.processes.launch(bench.prepare(1, "head -c 3000000 /dev/urandom | tee ../own", shell="/bin/bash"))
    assert ended(bench).output_bytes == 3_000_000
    own = (bench.spool.path(1, 1) / "own").read_bytes()
    assert bench.spool.read_output(1, 1, 0, 1 << 22) == own


def test_beyond_the_quota_beginning_and_end_are_kept(bench: Bench) -> None:
    quota = 2 << 20
    folder = bench.prepare(1, "seq -w 0 9999999 | head -c 20000000", quota=quota)
    bench.processes.launch(folder)
    assert ended(bench).output_bytes == 20_000_000
    head, tail = quota // 10, quota - quota // 10
    assert bench.spool.cuts(1, 1) == ((head, 20_000_000 - tail),)
    whole = "".join(f"{number:07}\n" for number in range(2_500_000)).encode()
    assert bench.spool.read_kept(1, 1, 0, quota) == (0, whole[:head])
    assert bench.spool.read_kept(1, 1, head, quota) == (20_000_000 - tail, whole[-tail:])
    assert (folder / "output").stat().st_blocks * 512 < quota * 1.5


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB; where nobody may mount one there is none."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], check=False).returncode:
        pytest.skip("this user may not mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Leave no room on its disk."""
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(bytes(4096)):
            pass
    assert shutil.disk_usage(path).free == 0


def test_a_full_disk_does_not_fail_a_job(small_disk: Path) -> None:
    bench = Bench(small_disk / "attempts")
    keepers = []
    for job in range(3):
        script = f"head -c 20000000 /dev/zero | tr '\\0' x || exit 9; echo; sleep 0.2; echo end; exit {job}"
        keepers.append(bench.processes.launch(bench.prepare(job + 1, script)))
    for job in range(3):
        found = ended(bench, job + 1)
        assert (found.exit_code, found.output_bytes) == (job, 20_000_005)
        follower = Follower(bench.spool)
        follower.follow((job + 1, 1))
        summary = follower.finish((job + 1, 1), found.output_bytes)
        assert summary.cut_bytes > 15_000_000
    bench.processes.close()


def test_a_disk_that_is_full_stops_neither_cancel_nor_pause_nor_lease(small_disk: Path) -> None:
    bench = Bench(small_disk / "attempts")
    keeper = bench.processes.launch(bench.prepare(1, "trap '' INT TERM; while :; do sleep 0.1; done", lease=30.0))
    wait_for("the keeper to hold its lock", lambda: bench.processes.keeper(bench.spool.path(1, 1)) == keeper)
    fill(small_disk / "filler")
    bench.wish(1, keeper, "pause")
    wait_for("the pause", lambda: bench.spool.state(1, 1) == STOPPED)
    bench.spool.renew(1, 1, time.clock_gettime(time.CLOCK_BOOTTIME) + 100)
    bench.wish(1, keeper, "end cancelled 0.2")
    found = ended(bench)
    assert (found.reason, found.signal) == ("cancelled", signal.SIGKILL)
    bench.processes.close()


def test_what_a_killed_keeper_leaves_is_found_without_any_mark(bench: Bench) -> None:
    async def run() -> None:
        folder = bench.prepare(1, "env -i /usr/bin/setsid /bin/sleep 1000 & env -i /bin/sleep 1000")
        keeper = bench.processes.launch(folder)
        gone = asyncio.Event()
        bench.processes.watch(keeper, gone.set)
        wait_for("the commands", lambda: len(tree(keeper)) == 3)
        children = tree(keeper)
        os.kill(keeper, signal.SIGKILL)
        await asyncio.wait_for(gone.wait(), 30)
        bench.processes.sweep(folder)
        wait_for("all of it to be dead", lambda: not any(map(is_alive, children)))

    asyncio.run(run())


@pytest.fixture
def grouped(tmp_path: Path) -> Iterator[Bench]:
    """With control groups below one of our own; where that is not allowed there are none."""
    top = own_group()
    folder = top / f"hq-test-{os.getpid()}" if top is not None else None
    try:
        assert folder is not None
        folder.mkdir()
    except (AssertionError, OSError):
        pytest.skip("this user may not make a control group")
    assert usable(folder)
    one = Bench(tmp_path / "attempts", folder)
    yield one
    one.processes.close()
    assert [entry.name for entry in folder.iterdir() if entry.is_dir()] == []
    folder.rmdir()


def test_in_a_control_group_a_job_is_paused_and_killed_as_one(grouped: Bench) -> None:
    command = (
        "env -i /usr/bin/setsid /bin/sh -c 'while :; do :; done' & trap '' INT TERM; echo ready; while :; do :; done"
    )
    keeper = grouped.processes.launch(grouped.prepare(1, command))
    wait_for("the command to be ready", lambda: "ready" in grouped.output(1))
    wait_for("its family", lambda: len(tree(keeper)) >= 2)
    family = tree(keeper)
    grouped.wish(1, keeper, "pause")
    wait_for("the pause", lambda: grouped.spool.state(1, 1) == STOPPED)
    before = ticks(keeper)
    later = time.monotonic() + 0.3
    wait_for("a moment", lambda: time.monotonic() > later)
    assert ticks(keeper) == before
    grouped.wish(1, keeper, "end cancelled 0.2")
    assert ended(grouped).reason == "cancelled"
    assert not any(map(is_alive, family))
    wait_for("the keeper to let go", lambda: grouped.processes.keeper(grouped.spool.path(1, 1)) is None)


def test_in_a_control_group_exit_codes_and_failures_to_start_are_the_same(grouped: Bench) -> None:
    grouped.processes.launch(grouped.prepare(1, "echo $MARK; exit 5"))
    grouped.processes.launch(grouped.prepare(2, "true", shell="/no/such/shell"))
    assert ended(grouped, 1).exit_code == 5
    assert grouped.output(1) == "here\n"
    assert ended(grouped, 2).exit_code == 127
    assert "cannot be started" in grouped.output(2)
    for job in (1, 2):
        wait_for("the keepers to let go", lambda job=job: grouped.processes.keeper(grouped.spool.path(job, 1)) is None)  # type: ignore[misc]
