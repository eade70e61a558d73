"""Room for output logs: when all of them together are too much, the oldest that are over give theirs back.

Such a log keeps its length and becomes one cut: whoever reads it sees how much was there. Looking through the folder
takes its time where there are many logs, so that is done on a thread, and only when enough has been written since.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hqserver.core.farm import Farm
from hqserver.outputs import Outputs

log = logging.getLogger("hqserver.log_room")

_LOOK_SECONDS: Final = 30.0
_NAME: Final = re.compile(r"(\d{1,18})-(\d{1,9})\.log")
_BLOCK: Final = 512
_SHARE_OF_DISK: Final = 2
"""Without a limit, all logs together may take half of their disk."""
_ENOUGH: Final = 0.9
"""What is cleared away is cleared as far as this share of the limit."""
_WORTH_A_LOOK: Final = 0.02
"""Share of the limit that must have been written since the last look."""
_AT_ONCE: Final = 50

Key = tuple[int, int]
"""Job and attempt."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log as it is on disk."""

    written_at: float
    """When something was last written to it: when its attempt ended, or later."""
    key: Key
    room: int
    """Bytes of the disk that it takes."""


def to_clear(logs: Collection[LogFile], limit: int, live: Collection[Key]) -> list[LogFile]:
    """The logs that give their room back, oldest first; of attempts that are under way none does."""
    total = sum(item.room for item in logs)
    if total <= limit:
        return []
    found = []
    for item in sorted((item for item in logs if item.room and item.key not in live), key=lambda item: item.written_at):
        if total <= limit * _ENOUGH:
            break
        found.append(item)
        total -= item.room
    return found


class LogRoom:
    """Keeps all logs within a limit. `limit` is in bytes, 0: half of their disk; `least` is what must stay free."""

    def __init__(
        self, folder: Path, outputs: Outputs, limit: int, least: int, live: Callable[[], Collection[Key]]
    ) -> None:
        self._folder = folder
        self._outputs = outputs
        self._limit = limit
        self._least = least
        self._live = live
        self._looked_at = -1
        """How much had been written when the logs were looked at; negative: they never were."""

    async def watch(self) -> None:
        """For as long as the server runs."""
        while True:
            try:
                await self.look()
            except OSError as error:
                log.error("the logs in %s cannot be looked through: %s", self._folder, error)
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> int:
        """See whether there is too much, and clear away; answers how many logs gave their room back."""
        if not self._folder.exists():
            return 0
        disk = shutil.disk_usage(self._folder)
        limit = self._limit or disk.total // _SHARE_OF_DISK
        written = self._outputs.written
        is_short = disk.free < 2 * self._least
        if self._looked_at >= 0 and written - self._looked_at < limit * _WORTH_A_LOOK and not is_short:
            return 0
        self._looked_at = written
        logs = await asyncio.to_thread(lambda: list(_logs(self._folder)))
        if is_short:  # logs go first: what is submitted, reported and cancelled needs the room more
            limit = min(limit, max(sum(item.room for item in logs) - (2 * self._least - disk.free), 0))
        return await self._clear(to_clear(logs, limit, self._live()))

    async def _clear(self, logs: list[LogFile]) -> int:
        cleared = 0
        for number, item in enumerate(logs):
            if item.key not in self._live():
                cleared += self._outputs.clear(*item.key)
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
        if cleared:
            room = sum(item.room for item in logs)
            log.warning("%d of the oldest logs gave their room back: %d MB", cleared, room >> 20)
        return cleared


def live_logs(farm: Farm) -> set[tuple[int, int]]:
    """The logs, by job and attempt, that somebody may still write to; a hook goes on with the log of its job."""
    found = set()
    for client in farm.clients.values():
        for attempt in client.attempts.values():
            found.add((attempt.job, attempt.number))
            newest = farm.jobs[attempt.job].attempt
            found.add((attempt.job, newest.number if newest is not None else 0))
    return found


def _logs(folder: Path) -> Iterator[LogFile]:
    """Every log; what vanishes meanwhile is left out."""
    for place in os.scandir(folder):
        if not place.is_dir(follow_symlinks=False):
            continue
        for entry in os.scandir(place.path):
            name = _NAME.fullmatch(entry.name)
            if name is not None:
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield LogFile(found.st_mtime, (int(name[1]), int(name[2])), found.st_blocks * _BLOCK)
