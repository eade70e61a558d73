"""A million finished jobs: the oldest of them is answered after a restart as it was, and acted on like any other."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from hqserver.wire.jobs import ATTRIBUTES
from tests.compat.raw import Connection, request
from tests.farm.harness import RealFarm, real_farm, wait_for
from tests.store.large import TREE, fill
from tests.wire import bodies

FINISHED = 1_000_000
KEPT = 100_000
"""Of these, at hand when the first server starts."""
OLDEST_ROOT, OLDEST = 1, 2


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_oldest_of_a_million_finished_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "server"
    data.mkdir()
    size = fill(data, 0, FINISHED, KEPT)
    (data / "hqserver.ini").write_text("[main]\nhistory_days = 10000\nhistory_jobs = 1000000000\n")
    with real_farm(tmp_path, agents=0) as farm:
        before = told(farm)
        farm.hq.newjob({"name": "fresh", "command": "x"})
        farm.stop_server()
        assert f"{KEPT} jobs (and {FINISHED - KEPT} in history)" in farm.log("server")

        (data / "hqserver.ini").write_text("[main]\nhistory_jobs = 0\n")
        farm.start_server()
        began = time.monotonic()
        wait_for("all of it to leave", lambda: count_in_ram(farm) == 1, timeout=900, pause=0.5)
        left = time.monotonic() - began
        assert told(farm) == before
        farm.stop_server()

        began = time.monotonic()
        farm.start_server()
        started = time.monotonic() - began
        assert f", 1 jobs (and {FINISHED} in history)" in farm.log("server")
        began = time.monotonic()
        assert told(farm) == before
        read = time.monotonic() - began

        farm.hq.rescheduleJobs([OLDEST])
        assert farm.job(OLDEST)["status"] == "runnable"
        assert farm.job(OLDEST_ROOT)["status"] == "queued"
        assert farm.hq.addNote("still here", None, OLDEST, None)
        farm.stop_server()
        farm.start_server()
        row = farm.job(OLDEST)
        assert (row["status"], row["latestNote"]) == ("runnable", "still here")
        assert len(farm.hq.getJobIdsByStatus(["succeeded"])) == FINISHED - 2
    with capsys.disabled():
        sys.stdout.write(
            f"\n{FINISHED:,} finished jobs ({size >> 20} MB): {KEPT:,} of them left RAM in {left:.0f} s (the first look at "
            f"them comes after 60),\nthe next start took {started:.1f} s; the oldest is answered byte for byte as "
            f"before, in {read * 1000:.0f} ms with its root,\nrescheduled, and has a note after one more restart\n"
        )


def told(farm: RealFarm) -> list[bytes]:
    """The very bytes of what is answered about jobs of the oldest tree."""
    with Connection(farm.port) as connection:
        asked = (bodies.call("getJob", id_, list(ATTRIBUTES)) for id_ in (OLDEST, OLDEST_ROOT, TREE))
        return [connection.ask(request(body)).body for body in asked]


def count_in_ram(farm: RealFarm) -> int:
    """How many jobs a follower who comes now is told; a page of them at most."""
    return len(json.loads(farm.hq.getChanges(0))["jobs"])
