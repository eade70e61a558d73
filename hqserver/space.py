"""Room on the server's disk: what is refused when it gets short, and a reserve for the moment when there is none.

New submissions are refused while there is still room for everything else: reports of agents, cancellations, notes. If
the disk is filled all the same, a file that was laid aside is given up, so that what is under way gets to the disk.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from hqserver.wire.faults import Code

log = logging.getLogger("hqserver.space")

RESERVE_FILE: Final = "reserve"
_LOOK_SECONDS: Final = 2.0


class Stalled(Protocol):
    """Why commits wait."""

    @property
    def is_full(self) -> bool:
        """Whether it is for lack of room."""

    def __str__(self) -> str:
        """In the database's words."""


class Space:
    """Looks at a folder's disk. `least` and `reserve` are bytes."""

    def __init__(self, folder: Path, least: int, reserve: int, stalled: Callable[[], Stalled | None]) -> None:
        self._folder = folder
        self._least = least
        self._reserve = reserve
        self._stalled = stalled
        self._file = folder / RESERVE_FILE
        self._free = least
        self._is_short = False

    def refusal(self) -> tuple[int, str] | None:
        """Why nothing new is taken now: a fault's code and text; None when it is."""
        stall = self._stalled()
        if stall is not None and not stall.is_full:
            return Code.UNAVAILABLE, f"the database cannot be written now ({stall}). Try again in 5 s."
        if stall is not None or self._is_short:
            return Code.NO_SPACE, (
                f"the server's disk is full ({self._free >> 20} MB free). Make room there, or have old jobs deleted; "
                "then submit again."
            )
        return None

    async def watch(self) -> None:
        """Look at the disk for as long as the server runs."""
        while True:
            self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """See how much room there is, and lay the reserve aside or give it up."""
        self._free = shutil.disk_usage(self._folder).free
        stall = self._stalled()
        is_short = self._free < self._least
        if is_short is not self._is_short:
            self._is_short = is_short
            if is_short:
                log.error("only %d MB are free in %s: nothing new is taken", self._free >> 20, self._folder)
            else:
                log.warning("there is room in %s again", self._folder)
        if (stall is not None and stall.is_full) or self._free < self._reserve // 8:
            self._give_up()
        elif self._free > self._least + 2 * self._reserve:
            self._lay_aside()

    def _give_up(self) -> None:
        if self._file.exists():
            log.error("the disk of %s is full: the reserve of %d MB is given up", self._folder, self._reserve >> 20)
            self._file.unlink(missing_ok=True)

    def _lay_aside(self) -> None:
        if not self._reserve or self._file.exists():
            return
        file = os.open(self._file, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.posix_fallocate(file, 0, self._reserve)
        except OSError as error:
            log.warning("no reserve can be laid aside in %s: %s", self._folder, error.strerror)
        finally:
            os.close(file)
