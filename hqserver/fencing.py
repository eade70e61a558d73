"""Runs the site's own command that switches the machine of a silent client off, and tells the farm what it said.

One machine at a time, and each once for a silence. Only exit code 0 is a proof; everything else, a command that cannot
be run or does not answer included, changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import tempfile
from typing import BinaryIO, Final

from hqserver.core import fencing
from hqserver.core.commands import Fenced
from hqserver.core.records import Client
from hqserver.core.state import Changes
from hqserver.engine import Engine
from hqserver.wire.statuses import JobStatus

log = logging.getLogger("hqserver.fencing")

LONGEST_SECONDS: Final = 60.0
"""How long the command may take."""
_LOOK_SECONDS: Final = 15.0
"""Clients that were not to be fenced when their jobs were abandoned are looked at again."""
_LONGEST_WORD: Final = 200


class Fencing:
    """Follows the farm. Made and used on the engine's loop."""

    def __init__(self, engine: Engine, command: str, seconds: float = LONGEST_SECONDS) -> None:
        self._engine = engine
        self._command = command
        self._seconds = seconds
        self._tried: dict[int, float] = {}
        """When a client had been heard last, as its machine was to be switched off."""
        self._news = asyncio.Event()
        engine.observers.append(self._look)

    def _look(self, changes: Changes) -> None:
        if any(job.status is JobStatus.ABANDONED for job in changes.jobs.values()):
            self._news.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self._news.clear()
            while (client := self._next()) is not None:
                await self._fence(client)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_SECONDS)

    def _next(self) -> Client | None:
        clients = fencing.due(self._engine.farm, self._engine.now())
        return next((item for item in clients if self._tried.get(item.id) != item.heard_monotonic), None)

    async def _fence(self, client: Client) -> None:
        heard = self._tried[client.id] = client.heard_monotonic
        log.warning("%s is silent and holds jobs: running fence_command for it", client.label)
        dead, told = await self._asked(client)
        believed = await self._engine.change(Fenced(client.id, heard, dead, told))
        if believed:
            log.warning("%s is fenced (%s): its jobs run elsewhere", client.label, told)
        else:
            log.error("%s is not given up: %s", client.label, told if not dead else "it called in meanwhile")

    async def _asked(self, client: Client) -> tuple[bool, str]:
        """Whether the machine is proved dead, and the command's last words."""
        told = {"HQ_HOSTNAME": client.hostname, "HQ_CLIENT": client.label, "HQ_ADDRESS": client.ip}
        with tempfile.TemporaryFile() as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    "/bin/sh", "-c", self._command,
                    stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                    env={**os.environ, **told}, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                return False, f"fence_command cannot be run: {error.strerror}"
            try:
                async with asyncio.timeout(self._seconds):
                    code = await process.wait()
            except TimeoutError:
                return False, f"fence_command did not end within {self._seconds:.0f} s"
            finally:
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)
            return code == 0, f"exit code {code}{_last_words(output)}"


def _last_words(output: BinaryIO) -> str:
    output.seek(max(output.seek(0, os.SEEK_END) - 4096, 0))
    lines = output.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f", it says: {last[:_LONGEST_WORD]}" if last else ""
