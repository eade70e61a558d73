"""What the person at the machine can say to its agent directly, whether the server is there or not.

    local.getState()                 what is shown of this machine
    local.setOverride(mode, until)   `mine`, `drain` or `none`; what runs here goes on
    local.takeBack(now, until)       now: what runs here is stopped at once and ended with a grace of two seconds, and
                                     the machine is theirs; else it finishes what it has and takes nothing new

`until` is a date, UTC; nil or left out: until something else is said. What is ended runs elsewhere, and that is none of
its tries. The server is told as soon as it is there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hqagent.override import LONGEST_SECONDS
from hqserver.wire import values
from hqserver.wire.clients import Override
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.local import GET_STATE, SET_OVERRIDE, TAKE_BACK

if TYPE_CHECKING:
    from hqagent.loop import Agent

log = logging.getLogger("hqagent")

Function = Callable[[str, tuple[object, ...]], object]
"""Of who calls, by name, and the arguments. Raises ApiFault."""


class Person:
    """The functions for whoever sits at this machine."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def functions(self) -> Mapping[str, Function]:
        """By name."""
        return {GET_STATE: self._state, SET_OVERRIDE: self._set_override, TAKE_BACK: self._take_back}

    def _state(self, _by: str, arguments: tuple[object, ...]) -> object:
        _counted(GET_STATE, arguments, 0, 0)
        override = self._agent.override
        return {
            "client": self._agent.client,
            "hostname": self._agent.hostname,
            "name": self._agent.name,
            "server": self._agent.server,
            "connected": self._agent.connected,
            "draining": self._agent.draining or self._agent.stopping,
            "override": override.mode.value,
            "overrideUntil": _date(override.until),
            "overrideBy": override.by,
            "jobs": self._agent.jobs(),
        }

    def _set_override(self, by: str, arguments: tuple[object, ...]) -> None:
        _counted(SET_OVERRIDE, arguments, 1, 2)
        mode = Override(values.one_of(arguments[0], "mode", [item.value for item in Override]))
        self._say(mode, _lasts(SET_OVERRIDE, arguments), by)

    def _take_back(self, by: str, arguments: tuple[object, ...]) -> None:
        _counted(TAKE_BACK, arguments, 1, 2)
        at_once = values.boolean(arguments[0], "now")
        self._say(Override.MINE if at_once else Override.DRAIN, _lasts(TAKE_BACK, arguments), by)
        if at_once:
            self._agent.reclaim()

    def _say(self, mode: Override, lasts: float | None, by: str) -> None:
        log.info("%s says of this machine: %s%s", by, mode, f" for {lasts:.0f} s" if lasts is not None else "")
        self._agent.override.say(mode, lasts, by)
        self._agent.wake()


def _counted(name: str, arguments: tuple[object, ...], least: int, most: int) -> None:
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise ApiFault(Code.BAD_PARAMETERS, f"{name} takes {wanted} arguments, got {len(arguments)}")


def _lasts(name: str, arguments: tuple[object, ...]) -> float | None:
    """Seconds from now until the date of the second argument."""
    until = arguments[1] if len(arguments) > 1 else None
    if until is None:
        return None
    if not isinstance(until, datetime):
        raise ApiFault(Code.BAD_PARAMETERS, f"{name}: until must be a date (dateTime.iso8601, UTC) or nil")
    left = until.replace(tzinfo=UTC).timestamp() - time.time()
    if left <= 0:
        raise ApiFault(Code.BAD_PARAMETERS, f"{name}: until is past already; dates are UTC")
    if left > LONGEST_SECONDS:
        raise ApiFault(Code.BAD_PARAMETERS, f"{name}: until is more than a year ahead; nil means without an end")
    return left


def _date(wall: float | None) -> datetime | None:
    return None if wall is None else datetime.fromtimestamp(round(wall), UTC).replace(tzinfo=None)
