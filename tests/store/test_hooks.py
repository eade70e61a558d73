"""Hooks are remembered: which are due, what has run, and the one that is on a client."""

from __future__ import annotations

import pytest

from hqserver.core.records import NO_HOOKS, Attempt, AttemptState, Hooks
from hqserver.store.hooks import HOOK, HOOKS
from hqserver.store.kinds import Damaged
from hqserver.wire.agent import HOOKS_FROM
from hqserver.wire.jobs import Hook
from hqserver.wire.statuses import JobStatus

STANDS = Hooks((Hook.ON_ERROR,), JobStatus.RUNNABLE, "exit code 3", (Hook.ON_CHILD_ERROR,), 4, 100)


def running() -> Attempt:
    return Attempt(
        7, HOOKS_FROM + 4, 2, 8, 1000.5, AttemptState.STARTED, 1001.5, paused=True, ending="cancelled",
        helpers={3: 8}, lease=900.0, log_base=55,
    )  # fmt: skip


@pytest.mark.parametrize("hooks", [NO_HOOKS, STANDS])
def test_where_a_job_stands_is_read_as_it_was_written(hooks: Hooks) -> None:
    assert HOOKS.store is not None
    assert list(HOOKS.load([HOOKS.store(hooks)])) == [hooks]


def test_a_running_hook_is_read_as_it_was_written() -> None:
    assert HOOK.store is not None
    assert list(HOOK.load([HOOK.store(running()), None])) == [running(), None]


@pytest.mark.parametrize(
    "text",
    ["{}", "[1]", "null", '["nope"]', '[["onBirth"],null,"",[],0,0]', '[[],null,"",[],-1,0]', "[[],null,5,[],0,0]"],
)
def test_what_cannot_have_been_written_is_damage(text: str) -> None:
    with pytest.raises(Damaged):
        HOOKS.load([text])


@pytest.mark.parametrize(
    ("name", "value"), [("number", 3), ("state", "over"), ("lease", -1), ("halted", 1), ("client", "x")]
)
def test_a_hook_that_cannot_run_is_damage(name: str, value: object) -> None:
    import json

    assert HOOK.store is not None
    row = json.loads(HOOK.store(running()))
    assert name in row
    with pytest.raises(Damaged):
        HOOK.load([json.dumps({**row, name: value})])
