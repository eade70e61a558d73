"""What becomes of attempts on a real farm: limits, patterns, earlier logs, terminate()."""

from __future__ import annotations

import time
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for

NODE = """
[main]
job_umask = 027
output_limit = 1
[shells]
loud = {folder}/loud
[path_mapping]
Z:/projects = {folder}
[progress]
mine = ^tile (?P<done>\\d+) of (?P<total>\\d+)
[failure]
no licence = ^.*no licence for you
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    folder = tmp_path_factory.mktemp("farm")
    loud = folder / "loud"
    loud.write_text("#!/bin/sh\necho LOUD\nexec sh $1\n")
    loud.chmod(0o755)
    (folder / "agent-n1").mkdir()
    (folder / "agent-n1" / "hqnode.ini").write_text(NODE.format(folder=folder))
    with real_farm(folder, agents=1, cpus=4) as running:
        yield running


def submit(farm: RealFarm, command: str, **spec: object) -> int:
    ids: list[int] = farm.hq.newjob({"name": "x", "command": command, **spec})
    return ids[0]


def messages(farm: RealFarm, job: int) -> str:
    return "\n".join(entry["message"] for entry in farm.job(job, "logs")["logs"])


def test_every_attempt_keeps_its_log(farm: RealFarm, tmp_path: Path) -> None:
    command = f"echo x >> {tmp_path}/tries; n=$(wc -l < {tmp_path}/tries); echo try $n; printf '\\377\\000\\r'; exit $((3 - n))"
    job = submit(farm, command, triesLeft=5)
    farm.wait_for_status([job], "succeeded")
    rows: list[dict[str, Any]] = farm.hq.getAttempts(job)
    assert [(row["number"], row["exitCode"], row["reason"], row["live"]) for row in rows] == [
        (1, 2, "exited", False), (2, 1, "exited", False), (3, 0, "exited", False),
    ]  # fmt: skip
    assert all(row["client"].endswith(":n1") and row["endTime"] >= row["startTime"] for row in rows)
    assert all(row["peakMemory"] > 0 and row["outputBytes"] == 9 and row["cutBytes"] == 0 for row in rows)
    for number in (1, 2, 3):
        part = farm.hq.getOutput(job, number)
        assert part["data"].data == f"try {number}\n".encode() + b"\xff\0\r"
        assert (part["offset"], part["size"], part["attempt"], part["live"], part["cuts"]) == (0, 9, number, False, [])
    assert farm.hq.getOutput(job, None, 4, 1)["data"].data == b"3"
    with pytest.raises(xmlrpc.client.Fault, match=f"attempt: job {job} has no attempt 4; it has 3"):
        farm.hq.getOutput(job, 4)


def test_a_search_in_a_log_over_the_wire(farm: RealFarm) -> None:
    job = submit(farm, "seq 1 20000; echo 'ERROR: no light'; printf 'ESC \\033[1m error at the end'")
    farm.wait_for_status([job], "succeeded")
    size = farm.hq.getOutput(job)["size"]
    found = farm.hq.searchOutput(job, "error")
    assert (found["complete"], found["place"], found["attempt"], found["searched"]) == (True, "", 1, size)
    first, second = found["matches"]
    assert (first["line"], first["text"]) == (20001, "ERROR: no light")
    assert farm.hq.getOutput(job, 1, first["offset"], 5)["data"].data == b"ERROR"
    assert (second["line"], second["text"]) == (20002, "ESC ␛[1m error at the end")
    assert size - second["offset"] == len("error at the end")
    part = farm.hq.searchOutput(job, "1", 1, 3)
    assert ([match["text"] for match in part["matches"]], part["complete"]) == (["1", "10", "11"], False)
    assert [match["text"] for match in farm.hq.searchOutput(job, "1", 1, 2, part["place"])["matches"]] == ["11", "12"]
    for arguments, problem in (
        ((job, ""), "pattern: must not be empty"),
        ((job, "a\nb"), "pattern: must be a text within one line"),
        ((job, "a", 4), f"attempt: job {job} has no attempt 4"),
        ((job, "a", 1, 10, "there"), "place: must be what an earlier answer says"),
        ((job + 1000, "a"), f"no job {job + 1000}"),
    ):
        with pytest.raises(xmlrpc.client.Fault, match="searchOutput: ") as fault:
            farm.hq.searchOutput(*arguments)
        assert problem in fault.value.faultString


def test_cpu_time_and_memory_of_a_command_and_its_children(farm: RealFarm) -> None:
    job = submit(farm, "python3 -c 'x = bytearray(64 << 20)\nfor i in range(3000000): pass'; true")
    farm.wait_for_status([job], "succeeded")
    (row,) = farm.hq.getAttempts(job)
    assert row["peakMemory"] > 64 << 10
    assert row["cpuSeconds"] > 0.05


def test_a_log_beyond_the_quota_shows_its_cut(farm: RealFarm) -> None:
    job = submit(farm, "echo begin; head -c 30000000 /dev/zero | tr '\\0' x; echo; echo end")
    farm.wait_for_status([job], "succeeded")
    text = str(farm.hq.getJobOutput(job))
    assert text.startswith("begin\nxxx")
    assert text.endswith("xxx\nend\n")
    cuts = farm.hq.getOutput(job, None, 0, 0)["cuts"]
    assert cuts, "what was sent before it was cut is there, so there may be several"
    for cut in cuts:
        assert f"\n[... {cut['length']:,} bytes of output were cut here ...]\n" in text
    (row,) = farm.hq.getAttempts(job)
    assert (row["outputBytes"], row["cutBytes"]) == (30_000_011, sum(cut["length"] for cut in cuts))
    assert row["cutBytes"] > 20_000_000
    beyond = farm.hq.getOutput(job, None, cut["offset"], 10)
    assert beyond["offset"] == cut["offset"] + cut["length"]


def test_max_time_cancels_and_says_so(farm: RealFarm) -> None:
    job = submit(farm, "trap 'exit 0' INT; while :; do sleep 0.1; done", maxTime=1)
    farm.wait_for_status([job], "cancelled")
    assert "ran longer than its maxTime" in messages(farm, job)


def test_no_output_for_too_long_fails_and_says_so(farm: RealFarm) -> None:
    job = submit(farm, "echo one; sleep 1000", noOutputTimeout=0.7)
    farm.wait_for_status([job], "failed")
    assert "no output for its noOutputTimeout" in messages(farm, job)
    assert farm.hq.getAttempts(job)[0]["reason"] == "silent"


def test_words_that_mean_failure_although_the_exit_code_is_0(farm: RealFarm) -> None:
    job = submit(farm, "echo fine; echo error: no licence for you; exit 0")
    farm.wait_for_status([job], "failed")
    assert "the output says that it failed (no licence): error: no licence for you" in messages(farm, job)
    assert farm.job(job, "exitCode")["exitCode"] == 0


def test_progress_by_a_pattern_of_the_clients(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, f"echo tile 3 of 4; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    wait_for("75 %", lambda: farm.job(job, "progress")["progress"] == 0.75)
    (tmp_path / "go").touch()
    farm.wait_for_status([job], "succeeded")


def test_paths_shell_umask_and_temporary_folder_are_the_clients(farm: RealFarm) -> None:
    command = "echo Z:/projects/x $WHERE; umask; echo $TMPDIR; touch $TMPDIR/left; pwd"
    job = submit(farm, command, environment={"WHERE": "Z:\\projects\\y"}, shell="loud")
    farm.wait_for_status([job], "succeeded")
    loud, mapped, umask, temporary, here = str(farm.hq.getJobOutput(job)).splitlines()
    assert (loud, mapped) == ("LOUD", f"{farm.folder}/x {farm.folder}/y")
    assert umask.endswith("027")
    assert temporary == here
    wait_for("it to be removed", lambda: not Path(temporary).exists())


def test_a_shell_that_is_not_allowed_fails_the_job_and_says_so(farm: RealFarm) -> None:
    job = submit(farm, "true", shell="perl")
    farm.wait_for_status([job], "failed")
    assert "shell 'perl' is not one of bash, sh" in messages(farm, job)


def test_the_log_of_the_agent_has_hqueues_wording(farm: RealFarm) -> None:
    done = submit(farm, "true")
    farm.wait_for_status([done], "succeeded")
    cancelled = submit(farm, "sleep 1000")
    farm.wait_for_status([cancelled], "running")
    farm.hq.cancelJobs([cancelled])
    farm.wait_for_status([cancelled], "cancelled")
    log = farm.folder / "agent-n1" / "hqnode.log"
    for words in (
        f"Running job {done}\n", f"Finished job {done} ", f"Running job {cancelled}\n", f"Cancelling job {cancelled}\n",
        f"Finished job {cancelled} ",
    ):  # fmt: skip
        wait_for(repr(words), lambda words=words: words in log.read_text())  # type: ignore[misc]


def test_terminate_cancels_what_is_paused_finishes_what_runs_and_leaves(tmp_path: Path) -> None:
    with real_farm(tmp_path, agents=1, cpus=3) as farm:
        running = submit(farm, f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; echo whole")
        paused = submit(farm, "sleep 1000")
        farm.wait_for_status([running, paused], "running")
        farm.hq.pauseJobs([paused])
        farm.wait_for_status([paused], "paused")
        client = farm.client("n1") or {}
        agent = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{client['port']}", allow_none=True)
        assert agent.wakeup() is None
        assert agent.terminate() is None
        farm.wait_for_status([paused], "cancelled")
        late = submit(farm, "true")
        wait_for("it to drain", lambda: (farm.client("n1") or {}).get("draining"))
        assert farm.job(running, "status")["status"] == "running"
        assert farm.agents["n1"].poll() is None
        (tmp_path / "go").touch()
        farm.wait_for_status([running], "succeeded")
        wait_for("the client to leave the list", lambda: farm.client("n1") is None)
        assert farm.agents["n1"].wait(timeout=20) == 0
        assert farm.job(late, "status")["status"] == "runnable"
        assert farm.hq.getJobOutput(running) == "whole\n"


def test_wakeup_makes_an_agent_call_in_but_not_all_the_time(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir(mode=0o700)
    (tmp_path / "server" / "hqserver.ini").write_text("[main]\nheartbeat = 600\n")
    with real_farm(tmp_path, agents=1) as farm:
        client = farm.client("n1") or {}
        agent = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{client['port']}", allow_none=True)
        before = client["lastHeartbeat"].value
        later = time.monotonic() + 1.1
        wait_for("another second", lambda: time.monotonic() > later)
        agent.wakeup()
        wait_for("a heartbeat", lambda: (farm.client("n1") or {})["lastHeartbeat"].value > before)
        calls, began = _calls(farm), time.monotonic()
        for _ in range(50):
            agent.wakeup()
        wait_for("calls to be over", lambda: (count := _calls(farm)) == _calls(farm) and count)
        assert _calls(farm) - calls <= 2 * (2 + time.monotonic() - began), "one a second, and a reply to each"


def _calls(farm: RealFarm) -> int:
    """How often the client has changed, which each heartbeat does."""
    revision: int = (farm.client("n1") or {})["revision"]
    return revision


def test_ended_on_exit_is_run_again_elsewhere(tmp_path: Path) -> None:
    with real_farm(tmp_path) as farm:
        farm.spawn_agent("gone", 1, "--end-jobs-on-exit")
        job = submit(farm, f"echo $HQCLIENT $$ >> {tmp_path}/starts; sleep 1000")
        farm.wait_for_status([job], "running")
        wait_for("its start", (tmp_path / "starts").exists)
        farm.agents["gone"].terminate()
        assert farm.agents["gone"].wait(timeout=20) == 0
        farm.start_agent("other", 1)
        wait_for("its second start", lambda: len((tmp_path / "starts").read_text().splitlines()) == 2)
        farm.wait_for_status([job], "running")  # the server hears of a start after the command's own first word
        assert farm.job(job, "attempt") == {"attempt": 2}
        assert farm.hq.getAttempts(job)[0]["reason"] == "ejected"
        first = int((tmp_path / "starts").read_text().split()[1])
        assert not Path(f"/proc/{first}").exists()
        farm.hq.cancelJobs([job])
        farm.wait_for_status([job], "cancelled")
