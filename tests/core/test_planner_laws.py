"""Laws of the planner on random farms: everything that could run does, in order, and what waits says truly why.

A failing seed is repeated by `pytest tests/core/test_planner_laws.py --seed N`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import pytest

from hqserver.core import explaining, fitting
from hqserver.core.commands import (
    Act,
    CreateResource,
    SetAmount,
    SetConditions,
    SetDisabled,
    SetMember,
    SetOverride,
    SetRules,
    Verb,
)
from hqserver.core.fixes import Fix
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.reasons import Reason
from tests.core.random_farm import RandomFarm

EVENTS = 120
SEEDS = 30
FOUND_OUT = (1175, 1265, 2293, 5569)
"""Farms that once had jobs that could run and did not, a reason that could not be told, and two that differed."""


def live(seed: int, events: int) -> RandomFarm:
    farm = RandomFarm(seed)
    for number in range(events):
        try:
            farm.event()
            farm.check()
        except Exception as error:
            again = f"pytest tests/core/test_planner_laws.py --seed {seed}"
            raise AssertionError(f"event {number}: {error!r}; repeat with: {again}") from error
    return farm


def seeds(given: int | None, count: int) -> list[int]:
    return [given] if given is not None else [*FOUND_OUT, *range(count)]


def test_what_could_run_does_and_what_waits_says_why(pytestconfig: pytest.Config) -> None:
    for seed in seeds(pytestconfig.getoption("--seed"), SEEDS):
        live(seed, EVENTS)


@pytest.mark.long
def test_for_longer() -> None:
    for seed in random.sample(range(10**9), 400):
        live(seed, 300)


def test_a_fix_makes_a_client_fit(pytestconfig: pytest.Config) -> None:
    pressed: set[str] = set()
    for seed in seeds(pytestconfig.getoption("--seed"), SEEDS):
        farm = live(seed, EVENTS // 2)
        for job in farm.waiting():
            for finding in explaining.explain(farm.farm, job, farm.now)[1]:
                if finding.fix is not None:
                    press(copy.deepcopy(farm), job.id, finding.code, finding.clients, finding.fix)
                    pressed.add(finding.fix.function)
    assert pressed or pytestconfig.getoption("--seed") is not None


def press(farm: RandomFarm, job_id: int, code: Reason, clients: list[int], fix: Fix) -> None:
    """After the fix one of the clients fits, and so the job runs, unless another one was faster."""
    before = {id_: set(farm.farm.clients[id_].attempts) for id_ in clients}
    farm.apply(_COMMANDS[fix.function](*fix.arguments))
    job = farm.farm.jobs[job_id]
    if job.live_attempt is not None:
        return
    line = farm.farm.planner.kind_of(job)
    assert line is not None
    taken = [id_ for id_ in clients if set(farm.farm.clients[id_].attempts) != before[id_]]
    held = [id_ for id_ in clients if farm.farm.planner.holder_of(id_) is not None]
    reasons = {id_: fitting.reasons(farm.farm, *line, farm.farm.clients[id_]) for id_ in clients}
    assert taken or held or any(not found for found in reasons.values()), (code, fix, reasons)


def _permit(job: int, labels: list[str]) -> SetConditions:
    return SetConditions(job, (Condition("hostname:name", "in", ",".join(labels)),))


_COMMANDS: dict[str, Callable[..., object]] = {
    "setdisabled": SetDisabled,
    "setClientOverride": lambda client, mode: SetOverride(client, Override(mode)),
    "setAvailabilityRules": lambda client, rules: SetRules(client, tuple(rules)),
    "addClientToGroup": lambda group, client: SetMember(group, client, member=True),
    "savePermittedClientsList": _permit,
    "setResourceAmount": SetAmount,
    "createResource": lambda name, amount: CreateResource(name, amount, per_machine=False),
    "resumeJobs": lambda ids: Act(Verb.RESUME, tuple(ids)),
}
