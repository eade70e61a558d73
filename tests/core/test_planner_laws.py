"""Laws of the planner on random farms: everything that could run does, in order, and what waits says truly why.

A failing seed is repeated by `pytest tests/core/test_planner_laws.py --seed N --events M`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from datetime import UTC

import pytest

from hqserver.core import explaining, fixes
from hqserver.core.cases import Case
from hqserver.core.commands import (
    Act,
    CreateResource,
    PermitClients,
    ReleaseHolds,
    SetAmount,
    SetAttribs,
    SetConditions,
    SetDisabled,
    SetOverride,
    SetPriority,
    Unblock,
    Verb,
)
from hqserver.core.fixes import Fix
from hqserver.core.permitting import as_conditions
from hqserver.wire import spec_keys
from hqserver.wire.clients import Override
from hqserver.wire.fixes import FixCode
from hqserver.wire.reasons import NEAREST, Reason
from hqserver.wire.statuses import JobStatus
from tests.core.random_farm import RandomFarm, ScarceFarm

EVENTS = 120
SEEDS = 30
FARMS, MOST_FARMS = 300, 3000
"""Of the long test of fixes: at least, and at most, until every reason and button was there."""
FOUND_OUT = (1175, 1265, 2293, 5569, 227079717, 810000119)
"""Farms that once had jobs that could run and did not, a reason that could not be told, two that differed, and a
resource of which too little more was offered, and a job kept for a client that was no more permitted."""
FOUND_OUT_LATE = ((6000018, 210), (71000541, 264), (71000824, 293), (71000773, 174), (91000046, 237), (2000000532, 272))
"""The same, and after how many events: two jobs of one kind that wait for different reasons; then jobs that were passed
over: by others on the client where one of their kind had just got a unit that all of them share, by one that took the
last of a resource before they were looked at, and by one on a client that was offered before the one that they fit; and
two that were looked at in turn for ever.
"""
WENT_ROUND = (39, 162, 199, 494)
"""Farms of scarce resources on which two wide jobs were once looked at in turn for ever."""


def live(seed: int, events: int) -> RandomFarm:
    farm = RandomFarm(seed)
    for number in range(events):
        try:
            farm.event()
            farm.check()
        except Exception as error:
            again = f"pytest tests/core/test_planner_laws.py -k why --seed {seed} --events {events}"
            raise AssertionError(f"event {number}: {error!r}; repeat with: {again}") from error
    return farm


def seeds(given: int | None, count: int) -> list[int]:
    return [given] if given is not None else [*FOUND_OUT, *range(count)]


def test_what_could_run_does_and_what_waits_says_why(pytestconfig: pytest.Config) -> None:
    for seed in seeds(pytestconfig.getoption("--seed"), SEEDS):
        live(seed, pytestconfig.getoption("--events") or EVENTS)


@pytest.mark.parametrize(("seed", "events"), FOUND_OUT_LATE)
def test_what_was_found_out_after_many_events(seed: int, events: int) -> None:
    live(seed, events)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_for_longer() -> None:
    for seed in random.sample(range(10**9), 400):
        live(seed, 300)


def endless(seed: int) -> int | None:
    """After how many events the planner of a farm of scarce resources goes round; None: it does not."""
    farm = ScarceFarm(seed)
    for number in range(400):
        farm.event()
        if farm.farm.planner.goes_round:
            return number
    return None


@pytest.mark.parametrize("seed", WENT_ROUND)
def test_no_run_goes_round(seed: int) -> None:
    assert endless(seed) is None


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_run_goes_round_on_a_thousand_farms() -> None:
    found = {seed: number for seed in random.sample(range(10**9), 1000) if (number := endless(seed)) is not None}
    assert not found, found


def test_a_fix_makes_clients_fit(pytestconfig: pytest.Config) -> None:
    pressed: set[FixCode] = set()
    for seed in seeds(pytestconfig.getoption("--seed"), 2 * SEEDS // 3):
        pressed |= press_all(seed)[0]
    single = pytestconfig.getoption("--seed") is not None
    assert single or pressed >= set(FixCode) - {FixCode.UNBLOCK}, set(FixCode) - pressed


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_fix_makes_clients_fit_on_hundreds_of_farms() -> None:
    """On farms that together have every reason that keeps a client away, and every button."""
    pressed: set[FixCode] = set()
    kept_away: set[Reason] = set()
    every_reason = set(NEAREST) - {Reason.NEXT}
    for count, seed in enumerate(random.sample(range(10**9), MOST_FARMS)):
        if count >= FARMS and pressed == set(FixCode) and kept_away >= every_reason:
            return
        buttons, reasons = press_all(seed)
        pressed |= buttons
        kept_away |= reasons
    assert pressed == set(FixCode), set(FixCode) - pressed
    assert kept_away >= every_reason, every_reason - kept_away


def press_all(seed: int) -> tuple[set[FixCode], set[Reason]]:
    """Every button of every job that waits on the farm of a seed, each on a twin; which there were, and of what."""
    pressed: set[FixCode] = set()
    reasons: set[Reason] = set()
    farm = live(seed, EVENTS // 2)
    for job in [*farm.waiting(), *farm.paused()]:
        told = explaining.explain(farm.farm, job, farm.now)
        reasons.update(finding.code for finding in told.findings)
        for fix in all_fixes(farm, told):
            pressed.add(fix.code)
            try:
                press(copy.deepcopy(farm), told, fix)
            except AssertionError as error:
                again = f"pytest tests/core/test_planner_laws.py -k fix --seed {seed}"
                raise AssertionError(f"{error}; repeat with: {again}") from error
    return pressed, reasons


def all_fixes(farm: RandomFarm, told: explaining.Explanation) -> Iterator[Fix]:
    """Every button of the window: those of reasons, of groups, and of single clients."""
    case = Case(farm.farm, told.job, told.line, farm.now)
    for finding in told.findings:
        yield from finding.fixes
        yield from (item.fix for item in finding.groups if item.fix is not None)
        if not finding.of_job:
            for id_ in finding.clients:
                yield from fixes.of_client(case, finding.code, farm.farm.clients[id_])


def press(world: RandomFarm, told: explaining.Explanation, fix: Fix) -> None:
    """More clients fit than before, or the job is on its way, unless another one was faster."""
    farm, job = world.farm, world.farm.jobs[told.job.id]
    before = {id_: {*client.attempts, *client.helps} for id_, client in farm.clients.items()}
    for call in fix.calls:
        world.apply(_COMMANDS[call.function](*call.arguments))
    for client in list(world.agents):  # what was ejected is reported to have ended
        world.beat(client)
    if fix.code is FixCode.RESUME:
        assert job.status is not JobStatus.PAUSED
        return  # its clients fit before; children or another job may be in the way now, which is no matter of pausing
    if job.live_attempt is not None:
        return
    line = farm.planner.kind_of(job)
    assert line is not None
    after = explaining.explain(farm, job, world.now)
    if not fix.clients:
        assert all(gone(told, after, fix)), (job.id, fix, told.findings, after.findings)
        return
    taken = {id_ for id_, client in farm.clients.items() if {*client.attempts, *client.helps} - before[id_]}
    held = {id_ for id_ in farm.planner.holds.holder if farm.planner.holder_of(id_) is not line[0]}
    if fix.code in (FixCode.MAKE_RESOURCE, FixCode.RAISE_RESOURCE):
        lacking = {finding.code for finding in after.findings if finding.resource}
        assert not lacking or taken, (job.id, fix, told.findings, after.findings)
        return
    grown = len(set(after.eligible) - set(told.eligible))
    assert grown >= fix.clients - len(taken | held), (job.id, fix, told.findings, after.findings)
    assert grown > 0 or taken or held, (job.id, fix, told.findings, after.findings)


def gone(told: explaining.Explanation, after: explaining.Explanation, fix: Fix) -> Iterator[bool]:
    """Whether what a fix that counts no client takes away is gone, be it of one client only.

    Others may come under the same reason meanwhile: a client that was offline is told to be disabled once it is back.
    """

    def rid(code: Reason) -> bool:
        return bool(under(told, code) - under(after, code))

    def under(explained: explaining.Explanation, code: Reason) -> set[int]:
        return {id_ for finding in explained.findings if finding.code is code for id_ in finding.clients}

    if fix.code is FixCode.PERMIT:
        yield after.permitted > told.permitted
    elif fix.code is FixCode.FEWER_CPUS:
        yield rid(Reason.SMALL)
    elif fix.code in (FixCode.MAKE_RESOURCE, FixCode.RAISE_RESOURCE):
        name = fix.calls[0].arguments[0]
        hopeless = (Reason.RESOURCE_UNKNOWN, Reason.RESOURCE_SMALL)
        yield not any(finding.resource == name and finding.code in hopeless for finding in after.findings)
    elif fix.code in (FixCode.ENABLE, FixCode.END_OVERRIDE, FixCode.OPEN):
        code = {FixCode.ENABLE: Reason.DISABLED, FixCode.END_OVERRIDE: Reason.OVERRIDE, FixCode.OPEN: Reason.HOURS}
        yield rid(code[fix.code])


def test_what_would_be_with_other_conditions_is_what_is(pytestconfig: pytest.Config) -> None:
    asked = 0
    for seed in seeds(pytestconfig.getoption("--seed"), SEEDS // 3):
        farm = live(seed, EVENTS // 2)
        for job in farm.waiting():
            labels = [f"{client.hostname}:{client.name}" for client in farm.farm.clients.values()]
            conditions = as_conditions(farm.chance.sample(labels, farm.chance.randint(1, len(labels))))
            supposed = explaining.explain(farm.farm, job, farm.now, conditions)
            named = sorted(id_ for finding in supposed.findings for id_ in finding.clients)
            assert named == sorted(farm.farm.clients)
            twin = copy.deepcopy(farm)
            before = {id_: {*client.attempts, *client.helps} for id_, client in twin.farm.clients.items()}
            twin.apply(SetConditions(job.id, conditions))
            same = twin.farm.jobs[job.id]
            changed = any({*client.attempts, *client.helps} != before[id_] for id_, client in twin.farm.clients.items())
            if same.live_attempt is None and not changed:
                asked += 1
                real = explaining.explain(twin.farm, same, twin.now)
                held = set(twin.farm.planner.holds.holder) ^ set(farm.farm.planner.holds.holder)
                assert set(supposed.eligible) ^ set(real.eligible) <= held, (job.id, supposed, real)
            elif same.live_attempt is not None:
                assert set(same.live_attempt.clients) <= set(supposed.eligible) | set(farm.farm.planner.holds.holder)
    assert asked or pytestconfig.getoption("--seed") is not None


_COMMANDS: dict[str, Callable[..., object]] = {
    "setdisabled": SetDisabled,
    "setClientOverride": lambda client, mode, until=None: SetOverride(
        client, Override(mode), until and until.replace(tzinfo=UTC).timestamp()
    ),
    "permitClients": lambda job, clients, groups: PermitClients(job, tuple(clients), tuple(groups)),
    "releaseHolds": lambda jobs: ReleaseHolds(tuple(jobs)),
    "unblockClients": Unblock,
    "setResourceAmount": SetAmount,
    "createResource": lambda name, amount: CreateResource(name, amount, per_machine=False),
    "resumeJobs": lambda ids: Act(Verb.RESUME, tuple(ids)),
    "ejectJobs": lambda ids: Act(Verb.EJECT, tuple(ids)),
    "setPriority": lambda ids, priority: SetPriority(tuple(ids), priority),
    "setJobAttribs": lambda ids, attribs: SetAttribs(tuple(ids), spec_keys.changes(attribs, "attribs")),
}
