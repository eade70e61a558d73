"""A job that kills its own keeper wherever it runs is stopped after three clients, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.farm.harness import real_farm, wait_for


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_job_that_kills_its_keeper_fails_after_three_clients(tmp_path: Path) -> None:
    with real_farm(tmp_path, agents=4, cpus=1) as farm:
        mark = f"{tmp_path}/left"
        deed = f"setsid sh -c 'exec sleep 98765' {mark} & kill -9 $PPID; sleep 98765"
        (job,) = farm.hq.newjob([{"name": "poison", "command": deed}])
        farm.wait_for_status([job], "failed")
        attempts = farm.hq.getAttempts(job)
        assert [attempt["reason"] for attempt in attempts] == ["lost"] * 3
        assert len({attempt["clientId"] for attempt in attempts}) == 3
        wait_for("all of it to be dead", lambda: not sleepers())
        other = farm.hq.newjob({"name": "other", "command": "true"})[0]
        farm.wait_for_status([other], "succeeded")


def sleepers() -> list[str]:
    """Processes of the job."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"98765" in text:
                found.append(entry.name)
    return found
