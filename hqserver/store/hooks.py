"""Where a job stands with its hooks, as JSON: hardly any job has some, and none has many."""

from __future__ import annotations

from typing import Any, Final

from hqserver.core.records import NO_HOOKS, Attempt, AttemptState, Hooks
from hqserver.store.kinds import LARGEST_COUNT, json_of, optional
from hqserver.wire.agent import HOOKS_FROM
from hqserver.wire.jobs import Hook
from hqserver.wire.statuses import JobStatus

_NUMBERS: Final = ("job", "number", "client", "cpus", "log_base", "ordered_at", "started_at", "lease")
_WORDS: Final = ("state", "ending")


def _hooks(plain: Any) -> Hooks:
    if plain == []:
        return NO_HOOKS
    due, outcome, message, ran, count, output_bytes = plain
    return Hooks(
        due=tuple(map(Hook, due)),
        outcome=None if outcome is None else JobStatus(outcome),
        message=_checked(message, str),
        ran=tuple(map(Hook, ran)),
        count=_count(count),
        output_bytes=_count(output_bytes),
    )


def _plain_hooks(hooks: Hooks) -> list[Any]:
    if hooks == NO_HOOKS:
        return []
    return [hooks.due, hooks.outcome, hooks.message, hooks.ran, hooks.count, hooks.output_bytes]


def _hook(plain: Any) -> Attempt:
    """One that cannot have been is refused, so that nothing is believed to hold a client that does not."""
    attempt = Attempt(
        job=_count(plain["job"]),
        number=_count(plain["number"]),
        client=_count(plain["client"]),
        cpus=_count(plain["cpus"]),
        log_base=_count(plain["log_base"]),
        ordered_at=_time(plain["ordered_at"]),
        started_at=None if plain["started_at"] is None else _time(plain["started_at"]),
        lease=_time(plain["lease"]),
        helpers={_count(client): _count(cpus) for client, cpus in plain["helpers"]},
        state=AttemptState(plain["state"]),
        ending=_checked(plain["ending"], str),
        paused=_checked(plain["halted"], bool),
    )
    if attempt.number < HOOKS_FROM or attempt.state is AttemptState.OVER:
        raise ValueError("it is no hook that runs")
    return attempt


def _plain_hook(attempt: Attempt) -> dict[str, Any]:
    return {
        **{name: getattr(attempt, name) for name in (*_NUMBERS, *_WORDS)},
        "halted": attempt.paused,
        "helpers": sorted(attempt.helpers.items()),
    }


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
        raise ValueError(f"{value!r:.60} is no count")
    return value


def _time(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= LARGEST_COUNT:
        raise ValueError(f"{value!r:.60} is no time")
    return float(value)


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{value!r:.60} is no {kind.__name__}")
    return value


HOOKS: Final = json_of(_hooks, _plain_hooks, NO_HOOKS)
HOOK: Final = optional(json_of(_hook, _plain_hook, None))
