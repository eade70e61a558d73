"""A client that is gone without a word: its jobs run elsewhere when its lease and the grace have ended, no sooner.

With short leases, real processes: the agent, its keepers and the jobs are killed all at once, as by a power cut.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for

LEASE, GRACE, HEARTBEAT = 8.0, 2.0, 0.5
LONG = 100.0
"""A lease that no test waits for."""


def settings(lease: float) -> str:
    return f"[main]\nlease = {lease}\nlease_grace = {GRACE}\nheartbeat = {HEARTBEAT}\nactive_timeout = 0.04\n"


def power_cut(farm: RealFarm, name: str) -> None:
    """Nothing of the machine is left: neither agent nor keepers nor jobs."""
    mark = f"agent-{name}".encode()
    left = [pid for pid in farm.processes() if mark in _words(pid)]
    assert len(left) >= 3, "an agent, a keeper and a job"
    farm.agents[name].kill()  # first, so that it tells nobody of the others
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    farm.agents[name].wait()


def _words(pid: int) -> bytes:
    try:
        process = Path(f"/proc/{pid}")
        folder = os.fsencode((process / "cwd").readlink())
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes() + folder
    except OSError:
        return b""


OTHER_MACHINE = """
import socket, sys
socket.gethostname = lambda: "dark"
from hqagent.__main__ import main
sys.exit(main())
"""
"""An agent as on a machine of its own: what is fenced is a machine."""


def lose_a_machine(farm: RealFarm, fence: str) -> int:
    """A job runs on a machine that is then gone, while another client is there; the job."""
    (farm.folder / "server").mkdir()
    (farm.folder / "server" / "hqserver.ini").write_text(f"{settings(LONG)}fence_command = {fence}\n")
    farm.start_server()
    farm.spawn_agent("one", 1, program=("-c", OTHER_MACHINE))
    job: int = farm.hq.newjob({"name": "job", "command": "[ $HQ_ATTEMPT = 2 ] || sleep 600"})[0]
    farm.wait_for_status([job], "running")
    farm.start_agent("two", cpus=1)
    power_cut(farm, "one")
    return job


def notes_of(farm: RealFarm, name: str) -> str:
    client = (farm.client(name) or {})["id"]
    threads = farm.hq.getNoteThreads(None, ["clientId", "notes"])
    return " ".join(note["text"] for thread in threads if thread["clientId"] == client for note in thread["notes"])


def lose_a_client(farm: RealFarm, lease: float) -> tuple[list[int], float]:
    """Two jobs run on a client that is then gone, another one waits for work; the jobs, and when that was."""
    (farm.folder / "server").mkdir()
    (farm.folder / "server" / "hqserver.ini").write_text(settings(lease))
    farm.start_server()
    farm.start_agent("one", cpus=2)
    jobs = [farm.hq.newjob({"name": "job", "command": "[ $HQ_ATTEMPT = 2 ] || sleep 600"})[0] for _ in range(2)]
    farm.wait_for_status(jobs, "running")
    farm.start_agent("two", cpus=2)
    power_cut(farm, "one")
    return jobs, time.monotonic()


@pytest.fixture
def farm(tmp_path: Path) -> RealFarm:
    return RealFarm(tmp_path)


def test_its_jobs_run_elsewhere_when_the_lease_and_the_grace_have_ended(farm: RealFarm) -> None:
    try:
        jobs, gone = lose_a_client(farm, LEASE)
        wait_for("the client to be grey", lambda: (farm.client("one") or {}).get("status") == "offline")
        farm.wait_for_status(jobs, "succeeded", timeout=LEASE + GRACE + 60)
        assert time.monotonic() >= gone + LEASE - 2 * HEARTBEAT
        for job in jobs:
            clients = [row["name"] for row in farm.job(job, "clients")["clients"]]
            assert clients == ["one", "two"]
            statuses = [entry["status"] for entry in farm.job(job, "logs")["logs"]]
            assert statuses.index("abandoned") < statuses.index("succeeded")
            lost, again = farm.hq.getAttempts(job)
            assert lost["reason"] == "lost"
            assert again["exitCode"] == 0
    finally:
        farm.close()


def test_ejected_by_hand_they_run_elsewhere_at_once(farm: RealFarm) -> None:
    try:
        jobs, _ = lose_a_client(farm, LONG)
        wait_for("the client to be grey", lambda: (farm.client("one") or {}).get("status") == "offline")
        farm.wait_for_status(jobs, "abandoned")
        assert farm.hq.explainJob(jobs[0])["reasons"][0]["code"] == "client-lost"
        assert farm.hq.getUnfinishedRootJobIds() == jobs
        farm.hq.ejectJobs(jobs)
        farm.wait_for_status(jobs, "succeeded")
        assert [row["reason"] for row in farm.hq.getAttempts(jobs[0])] == ["ejected", "exited"]
    finally:
        farm.close()


def test_fenced_by_the_site_they_run_elsewhere_at_once(farm: RealFarm) -> None:
    try:
        mark = farm.folder / "switched-off"
        job = lose_a_machine(farm, f'echo "$HQ_HOSTNAME, $HQ_CLIENT at $HQ_ADDRESS" >> {mark} && echo done')
        farm.wait_for_status([job], "succeeded")
        assert mark.read_text() == "dark, dark:one at 127.0.0.1\n"
        assert [row["reason"] for row in farm.hq.getAttempts(job)] == ["lost", "exited"]
        assert f"may run elsewhere at once: {job}" in notes_of(farm, "one")
        wait_for("the log", lambda: "dark:one is fenced (exit code 0, it says: done)" in farm.log("server"))
    finally:
        farm.close()


def test_a_fence_that_fails_gives_nothing_up_and_says_so(farm: RealFarm) -> None:
    try:
        job = lose_a_machine(farm, "echo no route to it >&2; exit 3")
        wait_for("the note", lambda: "exit code 3, it says: no route to it" in notes_of(farm, "one"))
        wait_for("the log", lambda: "dark:one is not given up: exit code 3" in farm.log("server"))
        assert farm.job(job, "status", "attempt") == {"status": "abandoned", "attempt": 1}
    finally:
        farm.close()


def test_a_client_that_is_started_again_in_time_goes_on(tmp_path: Path) -> None:
    """Its keepers and jobs lived on: the agent alone was killed, and the jobs are taken up again."""
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "hqserver.ini").write_text(settings(LONG))
    with real_farm(tmp_path) as farm:
        farm.start_agent("one", cpus=1)
        job = farm.hq.newjob({"name": "job", "command": f"while [ ! -e {tmp_path}/go ]; do sleep 0.1; done"})[0]
        farm.wait_for_status([job], "running")
        farm.agents["one"].kill()
        farm.agents["one"].wait()
        farm.wait_for_status([job], "abandoned")
        farm.spawn_agent("one", 1)
        farm.wait_for_status([job], "running")
        (tmp_path / "go").touch()
        farm.wait_for_status([job], "succeeded")
        assert farm.job(job, "attempt")["attempt"] == 1
