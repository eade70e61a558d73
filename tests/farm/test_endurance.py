"""A long run under kills of the server: nothing lost, nothing stuck, nothing twice, nothing cancelled comes back."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

from tests.farm.endurance import PATIENCE, Endurance
from tests.farm.harness import real_farm, wait_for


def run(folder: Path, jobs: int, kills: int, seed: int) -> str:
    """Run it; the answer is a summary for people. Fails with what was promised and not kept."""
    began = time.monotonic()
    with real_farm(folder, agents=2, cpus=6) as farm:
        endurance = Endurance(farm, seed)
        submitting = endurance.account.watched(lambda: endurance.submit(jobs, kills))
        cancelling = endurance.account.watched(endurance.cancel)
        killed = endurance.kill(kills, lambda: not endurance.account.errors)
        for thread in (submitting, cancelling):
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"seed {seed}: it does not come to an end"
        assert endurance.account.errors == [], f"seed {seed}"
        wait_for(f"every job to end (seed {seed})", lambda: not endurance.unfinished(), timeout=PATIENCE, pause=0.2)
        problems = endurance.problems()
        assert problems == [], f"seed {seed}"
        wait_for("no witness to be left", lambda: not endurance.left_over())
        account = endurance.account
        ended = len(account.jobs) + len(account.victims)
        return (
            f"seed {seed}: {killed} kill -9 of the server in {time.monotonic() - began:.0f} s, "
            f"{ended} jobs acknowledged in {account.calls['newjob']} calls\n"
            f"  lost 0, stuck 0, started more than once 0, at one time in two processes 0\n"
            f"  {len(account.jobs)} succeeded, each with exactly one start; "
            f"{len(account.cancelling)} cancellations acknowledged, all of them cancelled, none of these started again\n"
        )


def test_a_short_run_under_kills_keeps_every_promise(tmp_path: Path) -> None:
    run(tmp_path, jobs=200, kills=4, seed=22)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_twenty_thousand_jobs_under_five_hundred_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("HQ_SEED", random.randrange(10**6)))
    summary = run(tmp_path, jobs=20_000, kills=500, seed=seed)
    with capsys.disabled():
        sys.stdout.write(f"\n{summary}")
