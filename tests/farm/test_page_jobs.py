"""What HQueue's page says of jobs, on a real farm, as scripts would find it."""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.compat.page import shows
from tests.farm.harness import RealFarm, real_farm, wait_for


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server and one agent with four cpus."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1, cpus=4) as running:
        yield running


def submit(farm: RealFarm, **spec: object) -> int:
    (job,) = farm.hq.newjob({"name": "job", **spec})
    return int(job)


def holding(farm: RealFarm, folder: Path, **spec: object) -> int:
    """A job that runs until `go` is in the folder; it is seen running."""
    job = submit(farm, command=f"while [ ! -e {folder}/go ]; do sleep 0.05; done", **spec)
    farm.wait_for_status([job], "running")
    return job


@shows(
    "connecting.submit", "connecting.follow", "connecting.running_names", "newjob.submits", "newjob.dict", "newjob.ids",
    "getJob.dict", "getJob.attribs", "job.progress", "job.status",
)  # fmt: skip
def test_the_pages_first_example(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    spec = {
        "name": "Render My Image",
        "shell": "bash",
        "command": f"cd {tmp_path}; echo 'PROGRESS: 1/4'; while [[ ! -e go ]]; do sleep 0.05; done; echo $0",
    }
    job_ids = hq.newjob(spec)
    assert len(job_ids) == 1
    farm.wait_for_status(job_ids, "running")
    wait_for("a quarter", lambda: hq.getJob(job_ids[0], ["progress"])["progress"] == pytest.approx(0.25))
    job = hq.getJob(job_ids[0], ["progress", "status"])
    assert set(job) == {"progress", "status"}
    assert job["status"] in hq.getRunningJobStatusNames()
    (tmp_path / "go").touch()
    farm.wait_for_status(job_ids, "succeeded")
    assert hq.getJob(job_ids[0], ["progress"]) == {"progress": 1.0}


@shows("connecting.dead", "connecting.proxy", "ping.true")
def test_a_dead_connection_raises(farm: RealFarm) -> None:
    assert farm.hq.ping() is True
    with xmlrpc.client.ServerProxy("http://127.0.0.1:1") as dead, pytest.raises(OSError, match="refused"):
        dead.ping()


@shows("runcmd.runs", "runcmd.id", "job.clients", "getJobOutput.log", "getJobOutput.last", "getJobOutput.all")
def test_runcmd(farm: RealFarm) -> None:
    hq = farm.hq
    job = hq.runcmd("echo one; echo two")
    farm.wait_for_status([job], "succeeded")
    assert hq.getJobOutput(job) == hq.getJobOutput(job, 0) == hq.getJobOutput(job, -1) == "one\ntwo\n"
    assert hq.getJobOutput(job, 4) == "two\n"
    assert [client["name"] for client in hq.getJob(job, ["clients"])["clients"]] == ["n1"]
    assert hq.getJob(job, ["clients"])["clients"][0]["hostname"]


@shows(
    "newjob.json", "newjob.list", "newjob.parent_id", "newjob.child_ids", "job.children", "job.parents", "job.id",
    "job.name", "getJobs.list", "getJobs.ids", "getJobs.attribs",
)  # fmt: skip
def test_newjob_in_every_form(farm: RealFarm) -> None:
    hq = farm.hq
    (parent,) = hq.newjob(json.dumps({"name": "parent"}))
    ids = hq.newjob(({"name": "a", "command": "true"}, {"name": "b", "command": "true"}), str(parent))
    (more,) = hq.newjob(json.dumps([{"name": "c"}]), parent, [ids[0], str(ids[1])])
    assert hq.getJobs([*ids, more, parent], ["id", "name", "parents", "children"]) == [
        {"id": ids[0], "name": "a", "parents": [parent, more], "children": []},
        {"id": ids[1], "name": "b", "parents": [parent, more], "children": []},
        {"id": more, "name": "c", "parents": [parent], "children": ids},
        {"id": parent, "name": "parent", "parents": [], "children": sorted([*ids, more])},
    ]
    farm.wait_for_status([parent, more, *ids], "succeeded")


@shows(
    "getUnfinishedRootJobIds.ids",
    "getUnfinishedRootJobIds.root",
    "getFinishedRootJobIds.ids",
    "getFinishedRootJobIds.root",
)
def test_roots(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    root = submit(farm, children=[{"name": "child", "command": f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"}])
    (child,) = hq.getJob(root, ["children"])["children"]
    assert root in hq.getUnfinishedRootJobIds()
    assert child not in hq.getUnfinishedRootJobIds()
    (tmp_path / "go").touch()
    farm.wait_for_status([root], "succeeded")
    assert root not in hq.getUnfinishedRootJobIds()
    assert root in hq.getFinishedRootJobIds()
    assert child not in hq.getFinishedRootJobIds()


@shows("job.endTime", "job.endTime_none", "job.startTime", "job.queueTime", "getServerTime.utc", "job.logs")
def test_times_are_utc_without_a_zone(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    parent = submit(farm, children=[{"name": "c", "command": f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"}])
    wait_for("the start", lambda: hq.getJob(parent, ["startTime"])["startTime"])
    assert hq.getJob(parent, ["endTime"]) == {"endTime": None}
    (tmp_path / "go").touch()
    farm.wait_for_status([parent], "succeeded")
    found = hq.getJob(parent, ["queueTime", "startTime", "endTime", "logs"])
    now = datetime.now(UTC).replace(tzinfo=None)
    for value in (found["queueTime"], found["startTime"], found["endTime"], hq.getServerTime()):
        at = datetime.strptime(value.value, "%Y%m%dT%H:%M:%S")  # noqa: DTZ007
        assert abs(now - at) < timedelta(minutes=5)
    assert found["queueTime"] <= found["startTime"] <= found["endTime"]
    assert [set(entry) for entry in found["logs"]] == [{"date", "event", "status", "client", "message"}] * len(
        found["logs"]
    )
    assert [entry["status"] for entry in found["logs"]] == ["queued", "succeeded"]


@shows("job.triesLeft", "job.triesLeft_counts")
def test_tries(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, command=f"echo x >> {tmp_path}/tries; test $(wc -l < {tmp_path}/tries) = 2", triesLeft="2")
    farm.wait_for_status([job], "succeeded")
    assert farm.job(job, "triesLeft") == {"triesLeft": 1}
    assert "rescheduled" in [entry["event"] for entry in farm.job(job, "logs")["logs"]]


@shows(
    "pauseJobs.linked",
    "resumeJobs.linked",
    "cancelJobs.linked",
    "getJobIdsAssignedToClient.ids",
    "getJobIdsAssignedToClient.unknown",
)
def test_pause_resume_and_cancel_reach_the_children(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    parent = submit(farm, children=[{"name": "c", "command": f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"}])
    (child,) = hq.getJob(parent, ["children"])["children"]
    farm.wait_for_status([child], "running")
    client = hq.getJob(child, ["clients"])["clients"][0]["id"]
    assert hq.getJobIdsAssignedToClient(client) == [child]
    assert hq.getJobIdsAssignedToClient(999) == []
    assert hq.pauseJobs([parent]) is None
    farm.wait_for_status([parent, child], "paused")
    assert child in hq.getJobIdsByStatus(["paused", "pausing"])
    assert hq.resumeJobs([parent]) is None
    farm.wait_for_status([child], "running")
    assert hq.cancelJobs([parent]) is None
    farm.wait_for_status([parent, child], "cancelled")
    assert hq.getJobIdsAssignedToClient(client) == []


@shows("rescheduleJobs.linked", "deleteJobs.linked", "ejectJobs.linked", "getJobIdsByStatus.ids")
def test_eject_reschedule_and_delete(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    parent = submit(
        farm, children=[{"name": "c", "command": f"echo x >> {tmp_path}/n; test -e {tmp_path}/go || sleep 1000"}]
    )
    (child,) = hq.getJob(parent, ["children"])["children"]
    wait_for("its start", (tmp_path / "n").exists)
    assert hq.ejectJobs([parent]) is None
    wait_for("its second start", lambda: (tmp_path / "n").read_text() == "x\nx\n")
    hq.cancelJobs([child])
    farm.wait_for_status([parent], "cancelled")
    assert {parent, child} <= set(hq.getJobIdsByStatus(["cancelled"]))
    (tmp_path / "go").touch()
    assert hq.rescheduleJobs([child]) is None
    farm.wait_for_status([parent, child], "succeeded")
    assert hq.deleteJobs([parent]) is None
    assert hq.getJobs([parent, child]) == []


@shows("getJobHistory.ids", "getJobHistory.order", "getJobHistory.limit")
def test_history_of_a_client(farm: RealFarm) -> None:
    hq = farm.hq
    jobs: list[int] = []
    for _ in range(6):
        jobs.append(submit(farm, command="true"))
        farm.wait_for_status(jobs[-1:], "succeeded")
    client = farm.client("n1")
    assert client is not None
    assert hq.getJobHistory(client["id"]) == jobs[:0:-1]
    assert hq.getJobHistory(str(client["id"]), 2) == [jobs[5], jobs[4]]
    assert hq.getJobHistory(client["id"], 0) == []
    assert hq.getJobHistory(client["id"], 10**9)[:6] == jobs[::-1]
    assert hq.getJobHistory(999) == []


@shows("job.overallProgress", "job.progress_none", "job.uiStatus", "job.status_queued", "job.tags")
def test_a_parent_shows_what_its_children_do(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    wait = f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    parent = submit(
        farm,
        children=[
            {"name": "done", "command": "true"},
            {"name": "half", "command": f"echo 'ALF_PROGRESS 50%'; {wait}"},
            {"name": "cleanup", "command": wait, "tags": ["excludeProgress"]},
        ],
    )
    names = ["progress", "overallProgress", "uiStatus", "status"]
    halfway = {"progress": 0.0, "overallProgress": 0.75, "uiStatus": "running (2 clients assigned)", "status": "queued"}
    wait_for("three quarters", lambda: hq.getJob(parent, names) == halfway)
    excluded = hq.getJob(parent, ["children"])["children"][2]
    assert hq.getJob(excluded, ["tags"]) == {"tags": ["excludeProgress"]}
    (tmp_path / "go").touch()
    farm.wait_for_status([parent], "succeeded")
    assert hq.getJob(parent, names) == {
        "progress": 0.0, "overallProgress": 1.0, "uiStatus": "succeeded", "status": "succeeded",
    }  # fmt: skip


@shows(
    "job.waitingFor",
    "job.waitingFor_none",
    "job.status_runnable",
    "getNumWaitingJobs.count",
    "getNumWaitingJobs.waiting",
)
def test_waiting_jobs_say_why(farm: RealFarm) -> None:
    hq = farm.hq
    before = hq.getNumWaitingJobs()
    job = submit(farm, command="true", cpus=1000)
    found = hq.getJob(job, ["waitingFor", "status", "uiStatus"])
    assert (found["status"], found["uiStatus"]) == ("runnable", "waiting for resources")
    assert "1000 cpus" in found["waitingFor"]
    assert hq.getNumWaitingJobs() == before + 1
    hq.cancelJobs([job])
    assert hq.getJob(job, ["waitingFor"]) == {"waitingFor": ""}
    assert hq.getNumWaitingJobs(0, -1, -1) == before


def test_a_job_that_runs_too_long_is_cancelled(farm: RealFarm) -> None:
    job = submit(farm, command="sleep 1000", maxTime="1", onCancel="echo too long")
    farm.wait_for_status([job], "cancelled")
    assert farm.hq.getJobOutput(job) == "too long\n"
    assert "maxTime" in farm.job(job, "logs")["logs"][-1]["message"]


def test_generating_frames_from_inside_the_farm(farm: RealFarm, tmp_path: Path) -> None:
    """Houdini's habit: a container whose running child submits its siblings, copying what the container asks for."""
    (tmp_path / "generate.py").write_text(
        "import os, xmlrpc.client\n"
        "hq = xmlrpc.client.ServerProxy(os.environ['HQSERVER'], allow_none=True)\n"
        "me = hq.getinfo(os.environ['JOBID'])\n"
        "job = hq.getJob(int(os.environ['JOBID']), ['cpus', 'tags'])\n"
        "frames = {}\n"
        "for frame in range(3):\n"
        "    frames['/out/frame%d' % frame] = {\n"
        "        'name': 'Frame %d' % frame, 'shell': 'bash', 'stubId': '/out/frame%d' % frame,\n"
        "        'command': {'linux': 'echo $JOBID $ROOTJOBID $HQHOSTS >> %s/frames' % os.environ['OUT'], 'windows': 'echo'},\n"
        "        'parentIds': [str(i) for i in me['parents']], 'priority': str(me['priority']),\n"
        "        'conditions': list(me['conditions']), 'minHosts': '1', 'maxHosts': '1',\n"
        "        'tags': job['tags'], 'cpus': job['cpus'], 'environment': {'OUT': os.environ['OUT']}}\n"
        "box = {'name': 'Box', 'stubId': '/out/box', 'childStubIds': list(frames), 'command': '',\n"
        "       'parentIds': me['parents'], 'conditions': []}\n"
        "print(hq.newjob([box] + list(frames.values())))\n"
    )
    container = submit(
        farm,
        priority="5 (Medium)",
        hostgroup="",
        children=(
            {
                "name": "Generate IFDs",
                "command": f"python3 {tmp_path}/generate.py",
                "environment": {"OUT": str(tmp_path)},
            },
        ),
    )
    farm.wait_for_status([container], "succeeded")
    rows: list[dict[str, Any]] = farm.hq.getJobs(
        farm.job(container, "children")["children"], ["name", "parents", "status"]
    )
    assert sorted(row["name"] for row in rows) == ["Box", "Frame 0", "Frame 1", "Frame 2", "Generate IFDs"]
    assert {row["status"] for row in rows} == {"succeeded"}
    assert sum(len(row["parents"]) == 2 for row in rows) == 3
    lines = [line.split() for line in (tmp_path / "frames").read_text().splitlines()]
    assert {line[1] for line in lines} == {str(container)}
    assert all(len(line) == 3 for line in lines), "HQHOSTS is there for a single host too"


def test_a_job_that_adds_children_to_itself(farm: RealFarm, tmp_path: Path) -> None:
    (tmp_path / "spawn.py").write_text(
        "import os, xmlrpc.client\n"
        "hq = xmlrpc.client.ServerProxy(os.environ['HQSERVER'], allow_none=True)\n"
        "hq.newjob({'name': 'later', 'command': 'exit 3'}, os.environ.get('JOBID'))\n"
    )
    job = submit(farm, command=f"python3 {tmp_path}/spawn.py", onChildError="echo child failed", onSuccess="echo never")
    farm.wait_for_status([job], "failed")
    assert farm.hq.getJobOutput(job) == "child failed\n"
    assert len(farm.hq.getAttempts(job)) == 1


def test_a_monitor_that_polls(farm: RealFarm, tmp_path: Path) -> None:
    """Desktop monitors ask for lists of attributes again and again, and compare what they get with nil."""
    names = ["name", "status", "progress", "startTime", "endTime", "ETA", "clients", "children", "priority"]
    job = holding(farm, tmp_path)
    seen = [farm.hq.getJobs(farm.hq.getUnfinishedRootJobIds(), names) for _ in range(20)]
    rows = [row for answer in seen for row in answer if row["clients"]]
    assert all(row["endTime"] is None and row["ETA"] / 60 == -1 / 60 for row in rows)
    (tmp_path / "go").touch()
    farm.wait_for_status([job], "succeeded")
    assert farm.hq.getJob(job, ["status"])["status"] in ("succeeded", "failed", "cancelled", "abandoned")


@shows("job.tags_single")
def test_a_single_job_has_its_machine_for_itself(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    other = holding(farm, tmp_path)
    (tmp_path / "alone").mkdir()
    single = submit(
        farm, command=f"while [ ! -e {tmp_path}/alone/go ]; do sleep 0.05; done", tags=["single"], priority=9
    )
    assert hq.getJob(single, ["status"]) == {"status": "runnable"}
    (tmp_path / "go").touch()
    farm.wait_for_status([other], "succeeded")
    farm.wait_for_status([single], "running")
    late = submit(farm, command="true")
    assert hq.getJob(late, ["status"]) == {"status": "runnable"}
    assert hq.getJob(late, ["waitingFor"])["waitingFor"]
    (tmp_path / "alone" / "go").touch()
    farm.wait_for_status([single, late], "succeeded")


@shows("job.ETA", "job.ETA_unknown")
def test_the_time_that_is_left(farm: RealFarm, tmp_path: Path) -> None:
    hq = farm.hq
    wait = f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    parent = submit(farm, children=[{"name": str(i), "command": wait} for i in range(6)])
    farm.wait_for_status(hq.getJob(parent, ["children"])["children"][:4], "running")
    assert hq.getJob(parent, ["ETA"]) == {"ETA": -1}, "nothing is known yet"
    done = submit(farm, command="sleep 0.3", parentIds=[parent], priority=5)
    hq.cancelJobs(hq.getJob(parent, ["children"])["children"][:1])
    farm.wait_for_status([done], "succeeded")
    assert wait_for("an estimate", lambda: max(hq.getJob(parent, ["ETA"])["ETA"], 0)) < 100
    (tmp_path / "go").touch()
    farm.wait_for_status([parent], "cancelled")
    assert hq.getJob(parent, ["ETA"]) == {"ETA": -1}


@shows("job.clientsOnHold_why", "job.clientsOnHold_then")
def test_clients_are_held_for_a_job_that_needs_several(tmp_path: Path) -> None:
    with real_farm(tmp_path, agents=2, cpus=1) as farm:
        hq = farm.hq
        busy = submit(farm, command=f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
        farm.wait_for_status([busy], "running")
        both = submit(farm, command="echo $HQHOSTS", minHosts="2", maxHosts="2", priority=5)
        held = wait_for("a client on hold", lambda: hq.getJob(both, ["clientsOnHold"])["clientsOnHold"])
        assert [client["id"] for client in held] != [client["id"] for client in hq.getJob(busy, ["clients"])["clients"]]
        assert hq.getJob(both, ["status"]) == {"status": "runnable"}
        late = submit(farm, command="true")
        assert hq.getJob(late, ["status"]) == {"status": "runnable"}, "what is held is held"
        (tmp_path / "go").touch()
        farm.wait_for_status([both, late], "succeeded")
        assert hq.getJob(both, ["clientsOnHold"]) == {"clientsOnHold": []}
        assert len(hq.getJobOutput(both).strip().split(",")) == 2
