"""The site's own command that switches machines off, run for real: what it is told, and what is made of how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from hqserver.core.records import Instant
from hqserver.engine import Engine
from hqserver.fencing import Fencing
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.compat.server import ReliableDisk
from tests.core.world import World
from tests.farm.harness import wait_for


@pytest.fixture
def world() -> World:
    """A client is silent for so long that its job is abandoned, while another one calls in."""
    world = World()
    silent = world.hello("a")
    world.submit(JobSpec("x", "x"))
    world.beat(silent)
    other = world.hello("b")
    for _ in range(32):
        world.tick(10)
        world.beat(other)
    assert world.job(1).status is JobStatus.ABANDONED
    return world


@pytest.fixture
def fence(world: World, caplog: pytest.LogCaptureFixture) -> Callable[..., str]:
    """Runs a command for whoever is due; what the log and the client's newest note say then."""

    async def run(command: str, seconds: float) -> None:
        engine = Engine(world.farm, ReliableDisk(), lambda: Instant(world.time, world.time))
        fencing = asyncio.create_task(Fencing(engine, command, seconds).run())
        async with asyncio.timeout(60):
            while not ("is fenced" in caplog.text or "is not given up" in caplog.text):  # noqa: ASYNC110 - a log
                await asyncio.sleep(0.01)
        engine.close()
        fencing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await fencing

    def told(command: str, seconds: float = 60.0) -> str:
        with caplog.at_level(logging.WARNING):
            asyncio.run(run(command, seconds))
        return caplog.text + world.farm.thread_of_client[world.farm.client_of_label["a"].id].notes[-1].text

    return told


def test_the_last_line_of_much_output_is_told(fence: Callable[..., str]) -> None:
    told = fence("seq 100000; printf '\\377 off\\n\\n'")
    assert "a is fenced (exit code 0, it says: \ufffd off)" in told
    assert "so what ran there may run elsewhere at once: 1" in told


def test_a_command_that_does_not_end_is_ended_with_all_that_it_started(
    world: World, fence: Callable[..., str], tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    told = fence(f"mkfifo {pipe}; exec 3<>{pipe}; (sleep 1000) & sleep 1000", 1.0)
    assert told.endswith("fence_command did not end within 1 s")
    assert world.job(1).status is JobStatus.ABANDONED
    wait_for("nobody to hold the pipe", lambda: not _holders(pipe))


def test_a_command_that_is_not_there_changes_nothing(world: World, fence: Callable[..., str]) -> None:
    assert "exit code 127" in fence('/no/such/program "$HQ_HOSTNAME"')
    assert world.job(1).status is JobStatus.ABANDONED


def test_what_a_client_calls_itself_is_no_text_of_the_shell(
    world: World, fence: Callable[..., str], tmp_path: Path
) -> None:
    world.farm.client_of_label["a"].ip = f"$(touch {tmp_path}/caught)"
    fence(f'echo "$HQ_ADDRESS" > {tmp_path}/told')
    assert (tmp_path / "told").read_text() == f"$(touch {tmp_path}/caught)\n"
    assert not (tmp_path / "caught").exists()


def _holders(path: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if entry.readlink() == path:
                found.append(entry.parts[2])
    return found
