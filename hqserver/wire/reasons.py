"""Why a job waits, in one word: the codes of `waitingCode` and of `explainJob`.

One engine (`hqserver.core.fitting`) gives them; the planner, `waitingFor` and `explainJob` read the same answer.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class Reason(StrEnum):
    """What stands between a job and a client. The text of each is `hqserver.core.explaining`'s."""

    CHILDREN = "children"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    STARTING = "starting"
    LOST_CLIENT = "client-lost"
    """Its client is out of touch; it runs again when its lease has ended."""
    AT_WORK = "at-work"
    OVER = "over"
    NO_CLIENTS = "no-clients"
    RESOURCE = "resource"
    """Too little of a resource is free."""
    RESOURCE_UNKNOWN = "resource-undefined"
    RESOURCE_SMALL = "resource-too-small"
    """It asks for more of a resource than the farm has."""
    TOO_FEW = "too-few-clients"
    """It needs more clients at once than could ever take part now."""
    GATHERING = "gathering"
    """The client is reserved for this job, or would do: it waits for more."""

    SMALL = "small"
    PLATFORM = "platform"
    CONDITION = "condition"
    BLOCKED = "blocked"
    """Too many jobs of this root job failed there."""
    DISABLED = "disabled"
    OFFLINE = "offline"
    UNSTEADY = "unsteady"
    """It connected anew again and again, or failed jobs at once, and rests."""
    DRAINING = "draining"
    OVERRIDE = "override"
    HOURS = "hours"
    """Outside its availability rules."""

    NEXT = "next"
    """Nothing: a client has room for it, and it has not been handed out yet."""
    CPUS = "busy"
    WHOLE = "not-empty"
    """It wants the client for itself."""
    TAG = "tag"
    """A job with the same exclusive tag runs there."""
    HELD = "on-hold"
    """Reserved for a job that goes first."""
    FAILED_BEFORE = "failed-before"
    """The job failed there; others may still run it."""


NEAREST: Final = (
    Reason.NEXT,
    Reason.CPUS,
    Reason.WHOLE,
    Reason.HELD,
    Reason.TAG,
    Reason.FAILED_BEFORE,
    Reason.HOURS,
    Reason.OVERRIDE,
    Reason.DRAINING,
    Reason.UNSTEADY,
    Reason.OFFLINE,
    Reason.DISABLED,
    Reason.BLOCKED,
    Reason.CONDITION,
    Reason.PLATFORM,
    Reason.SMALL,
)
"""Reasons of clients, the one that is nearest to letting the job run first: the first that applies is told in short."""
