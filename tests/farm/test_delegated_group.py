"""An agent that was handed a control group of its own, as systemd's Delegate=yes does: each attempt has one below it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hqagent.processes.groups import own_group, usable
from tests.farm.harness import RealFarm, wait_for


@pytest.fixture
def group() -> Iterator[Path]:
    top = own_group()
    folder = top / f"hq-test-delegated-{os.getpid()}" if top is not None else None
    try:
        assert folder is not None
        folder.mkdir()
        os.setxattr(folder, "user.delegate", b"1")
    except (AssertionError, OSError):
        pytest.skip("this user may not make a control group and hand it over")
    assert usable(folder)
    yield folder
    wait_for("everybody to be gone", lambda: not (folder / "cgroup.procs").read_text())
    folder.rmdir()


def test_each_attempt_has_a_group_and_is_paused_and_killed_with_it(tmp_path: Path, group: Path) -> None:
    farm = RealFarm(tmp_path)
    home = own_group()
    assert home is not None
    try:
        farm.start_server()
        (group / "cgroup.procs").write_text(str(os.getpid()))
        try:
            farm.spawn_agent("n1", 2)
        finally:
            (home / "cgroup.procs").write_text(str(os.getpid()))
        wait_for("the agent", lambda: (farm.client("n1") or {}).get("available"))
        escape = "env -i /usr/bin/setsid /bin/sh -c 'while :; do :; done' &"
        command = f"{escape} trap '' INT TERM; cat /proc/self/cgroup; while :; do :; done"
        (job,) = farm.hq.newjob({"name": "x", "command": command})
        (own,) = wait_for("its group", lambda: [entry for entry in group.iterdir() if entry.is_dir()])
        assert own.name.endswith(f"-{job}-1")
        wait_for("both processes in it", lambda: len((own / "cgroup.procs").read_text().split()) >= 2)
        farm.hq.pauseJobs([job])
        farm.wait_for_status([job], "paused")
        assert "frozen 1" in (own / "cgroup.events").read_text()
        farm.hq.resumeJobs([job])
        farm.wait_for_status([job], "running")
        pids = [int(pid) for pid in (own / "cgroup.procs").read_text().split()]
        farm.hq.cancelJobs([job])
        farm.wait_for_status([job], "cancelled")
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        wait_for("its group to be gone", lambda: not own.exists())
        assert f"/{own.name}\n" in str(farm.hq.getJobOutput(job))
        (code,) = farm.hq.newjob({"name": "y", "command": "exit 7"})
        farm.wait_for_status([code], "failed")
        assert farm.job(code, "exitCode") == {"exitCode": 7}
    finally:
        farm.close()
