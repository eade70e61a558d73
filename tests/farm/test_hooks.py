"""Hooks on a real farm: they see what they need, are told in the log, and outlive whoever started them."""

from __future__ import annotations

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
    ids: list[int] = farm.hq.newjob({"name": "hooked", **spec})
    return ids[0]


def test_what_hooks_print_follows_the_commands_output(farm: RealFarm) -> None:
    job = submit(farm, command="echo out", onSuccess="echo well", onError="echo bad")
    farm.wait_for_status([job], "succeeded")
    assert farm.hq.getJobOutput(job) == "out\nwell\n"
    assert farm.hq.getJobOutput(job, 5) == "well\n"
    assert [row["number"] for row in farm.hq.getAttempts(job)] == [1]


def test_an_error_hook_reads_the_log_and_asks_the_server(farm: RealFarm, tmp_path: Path) -> None:
    """As scripts do that look for a licence message and then repair the licence server."""
    (tmp_path / "repair.py").write_text(
        "import os, time, xmlrpc.client\n"
        "hq = xmlrpc.client.ServerProxy(os.environ['HQSERVER'])\n"
        "job = int(os.environ['JOBID'])\n"
        "def status():\n"
        "    return hq.getJob(job, ['status'])['status']\n"
        "while status() == 'runnable':  # the server has not heard of the start yet\n"
        "    time.sleep(0.05)\n"
        "if 'no licence' in hq.getJobOutput(job):\n"
        f"    open({str(tmp_path / 'repaired')!r}, 'a').write(status() + os.environ['HQ_ATTEMPT'])\n"
    )
    job = submit(
        farm,
        command=f"test -e {tmp_path}/repaired || {{ echo no licence; exit 7; }}",
        onError=f"{sys.executable} {tmp_path}/repair.py",
        triesLeft=1,
    )
    farm.wait_for_status([job], "succeeded")
    assert (tmp_path / "repaired").read_text() == "running1"
    assert farm.job(job, "triesLeft", "attempt") == {"triesLeft": 0, "attempt": 2}


def test_a_container_and_its_failed_child(farm: RealFarm) -> None:
    job = submit(
        farm, onSuccess="echo never", onError="echo failed", onChildError="echo child",
        children=[{"name": "bad", "command": "exit 1"}, {"name": "good", "command": "true"}],
    )  # fmt: skip
    farm.wait_for_status([job], "failed")
    assert farm.hq.getJobOutput(job) == "child\nfailed\n"


def test_cancel_runs_its_hook_after_the_command_is_gone(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(
        farm,
        command=f"trap 'sleep 0.5; exit' INT; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done",
        onCancel=f"kill -0 $(cat {tmp_path}/pid) 2>/dev/null && echo alive || echo gone",
        environment={"A": "b"},
    )
    wait_for("its start", lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    farm.hq.cancelJobs([job])
    farm.wait_for_status([job], "cancelled")
    assert farm.hq.getJobOutput(job) == "gone\n"


def test_a_hook_is_cancelled_with_everything_it_started(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, command="true", onSuccess=f"(setsid sleep 1000 & echo $! > {tmp_path}/pid); sleep 1000")
    pid = int(wait_for("the hook", lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    farm.wait_for_status([job], "running")
    farm.hq.cancelJobs([job])
    farm.wait_for_status([job], "cancelled")
    assert not Path(f"/proc/{pid}").exists()


def test_a_hook_survives_the_agent_and_the_server(tmp_path: Path) -> None:
    with real_farm(tmp_path, agents=1) as farm:
        job = submit(
            farm, command="echo out",
            onSuccess=f"echo begin; touch {tmp_path}/began; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; echo end",
        )  # fmt: skip
        wait_for("the hook", (tmp_path / "began").exists)
        farm.agents["n1"].kill()
        farm.agents["n1"].wait()
        farm.kill_server()
        (tmp_path / "go").touch()
        farm.start_server()
        farm.start_agent("n1")
        farm.wait_for_status([job], "succeeded")
        assert farm.hq.getJobOutput(job) == "out\nbegin\nend\n"
        assert [row["event"] for row in farm.job(job, "logs")["logs"]].count("onSuccess") == 2
