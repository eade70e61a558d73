"""The disk of an agent's spool fills up: no job fails, every exit code is right, and what was cut is marked."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.farm.harness import real_farm


@contextmanager
def disk(folder: Path, size: str) -> Iterator[None]:
    """A small disk in place of this folder; where nobody may mount one the test is left out."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], check=False).returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def run(folder: Path, *, jobs: int, megabytes: int, size: str, full: bool) -> str:
    """All jobs at once on one client; the answer is a summary for people."""
    began = time.monotonic()
    spool = folder / "agent-n1"
    with disk(spool, size), real_farm(folder, agents=1, cpus=jobs) as farm:
        if full:
            fill(spool / "filler", leave=2 << 20)
        written = megabytes * 1_000_000
        command = f"head -c {written} /dev/zero | tr '\\0' x || exit 99; sleep 0.3; printf end; exit $CODE"
        specs = [{"name": f"p{n}", "command": command, "environment": {"CODE": n % 4}} for n in range(jobs)]
        ids: list[int] = farm.hq.newjob(specs)
        for status, codes in (("succeeded", {0}), ("failed", {1, 2, 3})):
            farm.wait_for_status([job for n, job in enumerate(ids) if n % 4 in codes], status, timeout=900)
        kept = 0
        for number, job in enumerate(ids):
            (row,) = farm.hq.getAttempts(job)
            assert (row["exitCode"], row["outputBytes"]) == (number % 4, written + 3)
            assert row["cutBytes"] > 0
            kept += row["outputBytes"] - row["cutBytes"]
            text = str(farm.hq.getJobOutput(job))
            assert "bytes of output were cut here ...]" in text
            assert full or (text.startswith("x" * 1000) and text.endswith("end"))
        return (
            f"{jobs} jobs printing {megabytes} MB each on a {'full ' if full else ''}spool of {size}: "
            f"{jobs} exit codes right, {jobs} logs with their cut marked, {kept / 1e6:.0f} MB kept of "
            f"{jobs * megabytes} MB, in {time.monotonic() - began:.0f} s\n"
        )


def fill(path: Path, leave: int) -> None:
    """Take the room of a disk but for some."""
    import shutil

    with path.open("wb", buffering=0) as filler:
        while (free := shutil.disk_usage(path).free - leave) > 0:
            filler.write(bytes(min(free, 1 << 20)))


@pytest.mark.parametrize("full", [False, True], ids=["filling", "full"])
def test_a_spool_without_room_fails_no_job(tmp_path: Path, full: bool) -> None:
    run(tmp_path, jobs=4, megabytes=20, size="16m", full=full)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("full", [False, True], ids=["filling", "full"])
def test_twenty_jobs_of_a_gigabyte(tmp_path: Path, full: bool, capsys: pytest.CaptureFixture[str]) -> None:
    summary = run(tmp_path, jobs=20, megabytes=1000, size="100m", full=full)
    with capsys.disabled():
        sys.stdout.write(f"\n{summary}")
