"""What is said of a job that could run and was not handed out: the planner leaves none, but whoever asks hears why."""

from __future__ import annotations

from hqserver.core import blocking, explaining
from hqserver.core.commands import CreateGroup, CreateResource, SetDisabled, SetMember
from hqserver.core.fixes import ApiCall
from hqserver.wire.conditions import Condition
from hqserver.wire.fixes import FixCode
from hqserver.wire.jobs import JobSpec
from hqserver.wire.reasons import Reason
from tests.core.world import World


def sleepy_world() -> World:
    """A farm with two free clients whose planner hands out nothing."""
    world = World()
    for name in ("a", "b"):
        world.hello(name, cpus=2)
    world.farm.planner.run = lambda: iter(())  # type: ignore[method-assign]
    return world


def test_a_job_that_could_run_starts_with_the_next_round() -> None:
    world = sleepy_world()
    (job,) = world.submit(JobSpec("job", "x"))
    told = explaining.waiting(world.farm, world.job(job))
    whole = explaining.explain(world.farm, world.job(job), world.now)
    assert told == (Reason.NEXT, "a client has room for it: it starts with the next round")
    assert whole.verdict == told[1]
    assert [(item.code, sorted(item.clients), item.of_job) for item in whole.findings] == [(Reason.NEXT, [1, 2], False)]


def test_short_and_long_agree_when_only_some_clients_have_room() -> None:
    world = World()
    world.hello("a", cpus=1)
    world.submit(JobSpec("first", "x"))
    world.hello("b", cpus=1)
    world.farm.planner.run = lambda: iter(())  # type: ignore[method-assign]
    (job,) = world.submit(JobSpec("second", "x"))
    findings = explaining.explain(world.farm, world.job(job), world.now).findings
    assert [(item.code, item.clients) for item in findings] == [(Reason.NEXT, [2]), (Reason.CPUS, [1])]
    assert explaining.waiting(world.farm, world.job(job)).code == Reason.NEXT


def full_world() -> World:
    """Two clients of two cpus, in a group each, with a job on each cpu that stays."""
    world = World()
    for name in ("a", "b"):
        client = world.hello(name, cpus=2)
        group = world.apply(CreateGroup(f"group {name}"))
        world.apply(SetMember(group, client, member=True))
    world.submit(*(JobSpec(f"stays {n}", "x", cpus=2) for n in range(2)))
    world.deliver()
    return world


def best_of(world: World, spec: JobSpec) -> tuple[FixCode, int, ApiCall]:
    """The fix that is told to be the best for a new job."""
    (job,) = world.submit(spec)
    told = explaining.explain(world.farm, world.job(job), world.now)
    assert told.best is not None
    fix = told.findings[told.best[0]].fixes[told.best[1]]
    return fix.code, fix.clients, fix.calls[0]


def test_what_would_wait_for_ever_has_a_fix_though_every_client_is_busy() -> None:
    world = full_world()
    assert best_of(world, JobSpec("a", "x", conditions=(Condition("group", "==", "nowhere"),))) == (
        FixCode.PERMIT,
        0,
        ApiCall("permitClients", (3, [], [1])),
    )
    assert best_of(world, JobSpec("b", "x", cpus=64)) == (
        FixCode.FEWER_CPUS,
        0,
        ApiCall("setJobAttribs", ([4], {"cpus": 2})),
    )
    assert best_of(world, JobSpec("c", "x", resources={"gpu": 1})) == (
        FixCode.MAKE_RESOURCE,
        0,
        ApiCall("createResource", ("gpu", 1)),
    )
    world.apply(CreateResource("licence", 1, per_machine=False))
    assert best_of(world, JobSpec("d", "x", resources={"licence": 3})) == (
        FixCode.RAISE_RESOURCE,
        0,
        ApiCall("setResourceAmount", ("licence", 3)),
    )


def test_of_a_resource_of_each_machine_as_much_is_offered_as_all_clients_of_the_job_need() -> None:
    """Also while only some of them are there: less would keep the job for ever."""
    world = World()
    for name in ("a", "b"):
        world.hello(name, cpus=2)
    world.apply(CreateResource("licence", 1, per_machine=True))
    best = best_of(world, JobSpec("a", "x", min_hosts=3, max_hosts=3, resources={"licence": 1}))
    assert best == (FixCode.RAISE_RESOURCE, 0, ApiCall("setResourceAmount", ("licence", 3)))


def test_a_job_that_waits_for_busy_clients_alone_has_no_best_fix() -> None:
    world = full_world()
    (job,) = world.submit(JobSpec("a", "x", conditions=(Condition("hostname", "==", "a"),)))
    told = explaining.explain(world.farm, world.job(job), world.now)
    assert told.best is None
    assert [(finding.code, [fix.code for fix in finding.fixes]) for finding in told.findings] == [
        (Reason.CPUS, []),
        (Reason.CONDITION, [FixCode.PERMIT]),
    ]


def test_a_client_that_is_disabled_and_busy_may_be_enabled_for_later() -> None:
    world = full_world()
    world.apply(SetDisabled("a", disabled=True))
    (job,) = world.submit(JobSpec("a", "x"))
    told = explaining.explain(world.farm, world.job(job), world.now)
    (disabled,) = [finding for finding in told.findings if finding.code is Reason.DISABLED]
    assert [(fix.code, fix.clients, len(fix.calls)) for fix in disabled.fixes] == [(FixCode.ENABLE, 0, 1)]
    assert told.best is None, "the job starts no sooner"


def test_no_client_is_offered_to_a_job_that_no_client_helps() -> None:
    world = full_world()
    world.hello("c", cpus=2)
    world.apply(SetDisabled("c", disabled=True))
    assert best_of(world, JobSpec("a", "x", resources={"gpu": 1}))[:2] == (FixCode.MAKE_RESOURCE, 0)


def test_a_client_that_is_blocked_and_busy_may_be_tried_again_for_later() -> None:
    world = full_world()
    (job,) = world.submit(JobSpec("a", "x", conditions=(Condition("hostname", "==", "a"),)))
    root = world.job(job)
    root.client_failures = {1: world.farm.settings.client_failure_limit + 1}
    blocking.remember(world.farm, root)
    world.farm.planner.blocked_changed(root.id, [root])
    told = explaining.explain(world.farm, root, world.now)
    (blocked,) = [finding for finding in told.findings if finding.code is Reason.BLOCKED]
    assert [(fix.code, fix.clients) for fix in blocked.fixes] == [(FixCode.UNBLOCK, 0)]
