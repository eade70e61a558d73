"""The rule of service: does a client get new jobs at all, whatever they are?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hqserver.core.records import Client
from hqserver.wire.clients import CLOSED, Override
from hqserver.wire.reasons import Reason


def out_of_service(client: Client) -> list[Reason]:
    """Everything that keeps it from new jobs."""
    return [reason for reason, applies in _RULES if applies(client)]


def is_usable(client: Client) -> bool:
    """Whether it gets new jobs."""
    may = not client.disabled and not client.draining and client.override not in CLOSED and not _is_outside(client)
    return may and in_touch(client) and not client.resting


def in_touch(client: Client) -> bool:
    """Whether it hears what it is told. A hello shows only that it can be heard; an exchange shows both."""
    return client.online and client.proved


def _is_outside(client: Client) -> bool:
    """Whether its rules keep it closed, and nobody opened it."""
    return not client.rules_hold and client.override is not Override.OPEN


_RULES: Final[tuple[tuple[Reason, Callable[[Client], bool]], ...]] = (
    (Reason.OFFLINE, lambda client: not in_touch(client)),
    (Reason.UNSTEADY, lambda client: client.resting),
    (Reason.DISABLED, lambda client: client.disabled),
    (Reason.DRAINING, lambda client: client.draining),
    (Reason.OVERRIDE, lambda client: client.override in CLOSED),
    (Reason.HOURS, _is_outside),
)
