"""How the server is: whether it takes work, and which errors it has counted. Pure values, read from its answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from hqgui.models.wire_values import wire_seconds


class ServerError(NamedTuple):
    """A kind of error of the server, how many times and when it happened."""

    message: str
    times: int
    first: int
    """Seconds since the epoch, as `last`; 0 when the server does not say."""
    last: int
    traceback: str = ""


class ServerHealth(NamedTuple):
    """What a server says of itself."""

    stopped: str = ""
    """Why it takes no jobs now, in its own words; empty when it does."""
    errors: tuple[ServerError, ...] = ()
    """The one that happened last first."""


HEALTHY = ServerHealth()


def read_health(info: Mapping[str, Any], errors: Mapping[str, Any]) -> ServerHealth:
    """From the answers of `getServerInfo` and `getServerErrors`; a plain server's errors may have a date alone."""
    return ServerHealth(str(info.get("trouble") or ""), tuple(_error(row) for row in errors.get("errors") or ()))


def _error(row: Mapping[str, Any]) -> ServerError:
    last = _seconds(row.get("lastDate") or row.get("date"))
    first = _seconds(row.get("firstDate")) or last
    return ServerError(
        str(row.get("message") or ""), int(row.get("count") or 1), first, last, str(row.get("traceback") or "")
    )


def _seconds(value: object) -> int:
    text = f"{value:%Y%m%dT%H:%M:%S}" if isinstance(value, datetime) else str(value or "")
    return wire_seconds(text) or 0
