"""Jobs on a real farm: real server, real agents, real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server and one agent with four cpus."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1, cpus=4) as running:
        yield running


def submit(farm: RealFarm, **spec: object) -> int:
    ids: list[int] = farm.hq.newjob(spec)
    return ids[0]


def test_plain_python_runs_a_job(farm: RealFarm) -> None:
    script = (
        f"import xmlrpc.client as x; print(x.ServerProxy({farm.url!r}).newjob({{'name': 'a', 'command': 'echo hi'}}))"
    )
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    job = int(printed.strip().strip("[]"))
    farm.wait_for_status([job], "succeeded")
    assert farm.hq.getJobOutput(job) == "hi\n"


def test_environment_of_a_job(farm: RealFarm) -> None:
    job = submit(farm, name="env", command='echo "$JOBID $ROOTJOBID $HQSERVER $MINE"', environment={"MINE": "yes"})
    farm.wait_for_status([job], "succeeded")
    assert farm.hq.getJobOutput(job) == f"{job} {job} {farm.url} yes\n"


def test_a_failing_job_is_tried_again_and_then_fails(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, name="fails", command=f"echo x >> {tmp_path}/tries; exit 3", triesLeft=2)
    farm.wait_for_status([job], "failed")
    assert (tmp_path / "tries").read_text() == "x\n" * 3
    assert farm.job(job, "exitCode", "triesLeft", "attempt") == {"exitCode": 3, "triesLeft": 0, "attempt": 3}


def test_a_parent_waits_for_its_children(farm: RealFarm, tmp_path: Path) -> None:
    parent = submit(
        farm,
        name="parent",
        command=f"cat {tmp_path}/*.part > {tmp_path}/whole",
        children=[{"name": f"c{i}", "command": f"echo {i} > {tmp_path}/{i}.part"} for i in range(4)],
    )
    assert len(farm.job(parent, "children")["children"]) == 4
    farm.wait_for_status([parent], "succeeded")
    assert (tmp_path / "whole").read_text() == "0\n1\n2\n3\n"
    assert farm.job(parent, "overallProgress")["overallProgress"] == 1.0


def test_a_failed_child_fails_its_parent_whose_command_never_runs(farm: RealFarm, tmp_path: Path) -> None:
    parent = submit(
        farm, name="parent", command=f"touch {tmp_path}/ran", children=[{"name": "bad", "command": "exit 1"}]
    )
    farm.wait_for_status([parent], "failed")
    assert not (tmp_path / "ran").exists()


def test_progress_is_read_from_the_output(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(
        farm,
        name="progress",
        command=f"echo 'ALF_PROGRESS 40%'; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done",
    )
    wait_for("40 %", lambda: farm.job(job, "progress")["progress"] == pytest.approx(0.4))
    (tmp_path / "go").touch()
    farm.wait_for_status([job], "succeeded")


def test_cancel_ends_the_whole_tree(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(
        farm,
        name="escapes",
        command=f"(setsid sleep 1000 & echo $! > {tmp_path}/pid); while :; do sleep 0.1; done",
        shell="bash",
    )
    pid = int(wait_for("the escaped child", lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    farm.hq.cancelJobs([job])
    farm.wait_for_status([job], "cancelled")
    assert not Path(f"/proc/{pid}").exists()


def test_pause_stops_and_resume_continues(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, name="counts", command=f"for i in $(seq 1000); do echo $i > {tmp_path}/n; sleep 0.02; done")
    wait_for("it to count", lambda: (tmp_path / "n").exists() and (tmp_path / "n").read_text())
    farm.hq.pauseJobs([job])
    farm.wait_for_status([job], "paused")
    stopped = (tmp_path / "n").read_text()
    other = submit(farm, name="other", command="sleep 0.5")
    farm.wait_for_status([other], "succeeded")
    assert (tmp_path / "n").read_text() == stopped
    farm.hq.resumeJobs([job])
    farm.wait_for_status([job], "running")
    wait_for("it to go on", lambda: (tmp_path / "n").read_text() not in ("", stopped))
    farm.hq.cancelJobs([job])
    farm.wait_for_status([job], "cancelled")


def test_eject_runs_the_job_anew_without_counting_as_a_failure(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, name="ejected", command=f"echo x >> {tmp_path}/starts; sleep 1000")
    wait_for("its start", (tmp_path / "starts").exists)
    farm.hq.ejectJobs([job])
    wait_for("its second start", lambda: (tmp_path / "starts").read_text() == "x\nx\n")
    assert farm.job(job, "triesLeft", "attempt") == {"triesLeft": 0, "attempt": 2}
    farm.hq.cancelJobs([job])
    farm.wait_for_status([job], "cancelled")


def test_a_disabled_client_gets_nothing(farm: RealFarm) -> None:
    client = farm.client("n1")
    assert client is not None
    assert farm.hq.setdisabled(client["label"], True) is True
    job = submit(farm, name="waits", command="true")
    assert farm.job(job, "status")["status"] == "runnable"
    assert farm.job(job, "waitingFor")["waitingFor"]
    assert farm.hq.setdisabled(client["label"], False) is True
    farm.wait_for_status([job], "succeeded")


def test_output_is_kept_byte_for_byte(farm: RealFarm) -> None:
    job = submit(farm, name="bytes", command="head -c 3000000 /dev/zero | tr '\\0' 'x'; echo; echo é")
    farm.wait_for_status([job], "succeeded")
    output = str(farm.hq.getJobOutput(job))
    assert len(output) == 3_000_003
    assert output.endswith("x\né\n")
    assert farm.hq.getJobOutput(job, 2) == "é\n"
