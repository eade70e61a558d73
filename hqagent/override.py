"""What was said last over this client's rules: by the person at the machine, or on the farm.

It holds without the server, survives the agent, and ends by itself. Times are kept on the clock that runs since the
machine's boot, which nobody sets; after another boot they are taken from the wall clock.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from hqserver.wire.agent import OverrideSet
from hqserver.wire.clients import Override

log = logging.getLogger("hqagent")

LONGEST_SECONDS: Final = 366 * 86400.0
"""For how long somebody may take a machine; beyond that they say: until something else is said."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A moment: seconds since the boot, and since the epoch."""

    boot: float
    wall: float


@dataclass(frozen=True, slots=True)
class Saying:
    """One saying, as it is kept on disk. Seconds."""

    stamp: str
    mode: str
    by: str
    boot_id: str
    at: float
    """Since the boot."""
    wall_at: float
    lasts: float | None = None
    """From when it was said; None: until something else is said."""

    def ends_in(self, now: Clock) -> float | None:
        """None: it does not end by itself."""
        return None if self.lasts is None else max(self.at + self.lasts - now.boot, 0.0)


class OverrideKeeper:
    """The override of this client. Raises nothing: what cannot be written holds until the agent ends."""

    def __init__(self, path: Path, boot_id: str, clock: Callable[[], Clock]) -> None:
        self._path = path
        self._boot_id = boot_id
        self._clock = clock
        self._said = self._read()
        self._told = ""
        """Stamp of what the server is known to have."""

    @property
    def mode(self) -> Override:
        """What holds now."""
        if self._said is None or self._said.ends_in(self._clock()) == 0.0:
            return Override.NONE
        return Override(self._said.mode)

    @property
    def until(self) -> float | None:
        """Seconds since the epoch at which it ends by itself; None: it does not, or there is none."""
        if self._said is None or self.mode is Override.NONE:
            return None
        now = self._clock()
        left = self._said.ends_in(now)
        return None if left is None else now.wall + left

    @property
    def by(self) -> str:
        """Who said what holds now; empty: nobody here."""
        return self._said.by if self._said is not None and self.mode is not Override.NONE else ""

    @property
    def is_news(self) -> bool:
        """Whether the server may not have heard of it."""
        return self._said is not None and self._said.stamp != self._told

    def say(self, mode: Override, lasts: float | None, by: str) -> None:
        """Somebody at this machine says something."""
        now = self._clock()
        lasts = None if mode is Override.NONE else lasts
        self._keep(Saying(uuid.uuid4().hex, mode.value, by, self._boot_id, now.boot, now.wall, lasts))

    def to_tell(self) -> OverrideSet | None:
        """For the server; None: nobody ever said anything."""
        said = self._said
        if said is None:
            return None
        now = self._clock()
        return OverrideSet(said.stamp, self.mode.value, max(now.boot - said.at, 0.0), said.ends_in(now))

    def told(self, sent: OverrideSet | None, known: OverrideSet | None) -> None:
        """The server has heard what was sent; `known`: what it knows instead, if it does. The later one holds."""
        if known is None:
            self._told = sent.stamp if sent is not None else ""
            return
        self._told = known.stamp
        if self._said is not None and self._said.stamp == known.stamp:
            return
        now = self._clock()
        at = now.boot - known.ago
        if known.mode not in set(Override) or (self._said is not None and self._said.at >= at):
            return
        lasts = None if known.ends_in is None else known.ago + known.ends_in
        self._keep(Saying(known.stamp, known.mode, "", self._boot_id, at, now.wall - known.ago, lasts))

    def _keep(self, saying: Saying) -> None:
        self._said = saying
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("w") as file:
                json.dump(asdict(saying), file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            log.error("what was said about this machine cannot be kept beyond this agent: %s", error)

    def _read(self) -> Saying | None:
        try:
            saying = Saying(**json.loads(self._path.read_text()))
            Override(saying.mode)
            now = self._clock()
            if saying.boot_id != self._boot_id:
                saying = replace(saying, boot_id=self._boot_id, at=now.boot - (now.wall - saying.wall_at))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            log.error("%s cannot be read, what it said holds no longer: %s", self._path, error)
            with contextlib.suppress(OSError):
                self._path.unlink()
            return None
        return saying
