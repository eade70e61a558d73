"""A process that not even KILL ends: its job is not said to be over, and somebody is told to look at the machine.

What waits in the kernel for a disk that hangs is made here with a freezer.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hqagent.attempts import Attempts, Rules
from hqagent.book import Book
from hqagent.environment import Surroundings
from hqagent.output import CHUNK, Follower
from hqagent.processes import platform_processes
from hqagent.spool import Spool
from hqserver.wire.agent import End, Ended, EndReason, Started
from tests.agent.test_parts import start


def test_a_process_that_does_not_die_keeps_its_job_and_is_told(
    tmp_path: Path, freezer: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def live() -> None:
        book = Book()
        attempts = Attempts(book, Spool(tmp_path / "a"), platform_processes(), lambda: None, Rules(longest_end=0.3))
        attempts.usual_lease = 100.0
        attempts.surroundings = Surroundings("", "", tmp_path, "linux-x86_64", {"PATH": os.environ["PATH"]})
        command = f"sh -c 'echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec sleep 1000'"
        attempts.obey(start(command=command, cpus=1), time.clock_gettime(time.CLOCK_BOOTTIME))
        await until((tmp_path / "pid").exists)
        (freezer / "cgroup.procs").write_text((tmp_path / "pid").read_text())
        (freezer / "freezer.state").write_text("FROZEN")
        await until(lambda: (freezer / "freezer.state").read_text() == "FROZEN\n")
        attempts.obey(End(0, 7, 2, EndReason.CANCELLED, grace=0.2), 0.0)

        def told() -> bool:
            attempts.look()
            return "a process of it does not die" in caplog.text

        await until(told)
        assert (7, 2) in book.running
        assert [type(report) for report in book.reports()] == [Started]
        (freezer / "freezer.state").write_text("THAWED")
        await until(lambda: not book.running)
        (ended,) = [report for report in book.reports() if isinstance(report, Ended)]
        assert ended.reason == EndReason.CANCELLED
        attempts.close()

    with caplog.at_level(logging.ERROR):
        asyncio.run(live())


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not look():  # noqa: ASYNC110 - files change without telling
            await asyncio.sleep(0.02)


def test_no_attempt_sends_more_than_its_share_between_two_looks(tmp_path: Path) -> None:
    """Two megabytes a second: 512 kB a look, four looks a second, however much a command writes."""
    spool = Spool(tmp_path)
    keys = (1, 1), (2, 1)
    for key in keys:
        folder = spool.make(*key)
        assert folder is not None
        (folder / "output").write_bytes(bytes(5 << 20))
    follower = Follower(spool)
    for key in keys:
        follower.follow(key)
    sent = dict.fromkeys(keys, 0)
    for look in range(1, 6):
        for key in keys:
            follower.look(key)
            follower.look(key)
        while chunks := follower.chunks():
            for chunk in chunks:
                assert chunk.offset == sent[chunk.job, chunk.attempt]
                sent[chunk.job, chunk.attempt] += len(base64.b64decode(chunk.data))
        assert set(sent.values()) == {look * (512 << 10)}
    assert CHUNK <= 512 << 10
    follower.finish((1, 1), 5 << 20)
    assert follower.lacking((1, 1)), "what is over is sent whole"
