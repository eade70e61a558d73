"""What was committed is what is loaded."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from hqserver.core.commands import Submit
from hqserver.core.records import Instant, Settings
from hqserver.core.restoring import restore
from hqserver.store.store import Store
from hqserver.wire.jobs import JobSpec
from tests.store.histories import History, differences, picture_of, picture_of_farm
from tests.store.stored import commit, count_rows

Opener = Callable[[str], Store]
NOW = Instant(5000.0, 5000.0)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_history_is_found_again(database: str, open_store: Opener, seed: int) -> None:
    store = open_store(database)
    assert not store.load().jobs
    history = History(seed, lambda changes: commit(store, changes))
    for _ in range(120):
        history.step()
    history.world.submit(JobSpec("last", "x"))  # the numbers that a refused submission took need not be remembered
    assert len(history.farm.jobs) > 10
    store.close()
    again = open_store(database)
    remembered = again.load()
    assert again.damages == []
    assert differences(picture_of(remembered), picture_of_farm(history.farm)) == []
    farm = history.farm
    assert (remembered.next_job, remembered.next_client, remembered.next_submission) == (
        farm.next_job,
        farm.next_client,
        farm.next_submission,
    )
    assert again.check() == []
    assert restore(Settings(), remembered, NOW).revision > farm.revision


def test_a_restored_farm_goes_on_in_the_same_database(database: str, open_store: Opener) -> None:
    history = History(1)
    for _ in range(5):
        store = open_store(database)
        farm = restore(Settings(), store.load(), NOW)
        history.keep = functools.partial(commit, store)
        history.follow(farm)
        for _ in range(40):
            history.step()
        before = picture_of_farm(farm)
        store.close()
        again = open_store(database)
        assert differences(picture_of(again.load()), before) == []
        assert again.damages == []
        again.close()


def test_nothing_is_left_of_a_submission_that_was_not_completed(database: str, open_store: Opener) -> None:
    store = open_store(database)
    store.load()
    history = History(1, lambda changes: commit(store, changes))
    (kept,) = history.world.submit(JobSpec("kept", "x"))
    spec = JobSpec("large", children=tuple(JobSpec(str(n), "x") for n in range(1200)))
    slices = history.farm.slices(history.farm.stage(Submit((spec,)), NOW), NOW)
    commit(store, next(slices))
    commit(store, next(slices))
    assert count_rows(store, "jobs") == 1001
    store.close()
    again = open_store(database)
    assert [job.id for job in again.load().jobs] == [kept]
    assert again.damages == []
    assert [count_rows(again, table) for table in ("jobs", "edges", "quarantine")] == [1, 0, 0]


def test_the_jobs_of_a_large_submission_get_the_revisions_that_were_told(database: str, open_store: Opener) -> None:
    store = open_store(database)
    store.load()
    history = History(1, lambda changes: commit(store, changes))
    spec = JobSpec("large", "x", children=tuple(JobSpec(str(n), "" if n == 7 else "x") for n in range(700)))
    staging = history.farm.stage(Submit((spec,)), history.world.now)
    for part in history.farm.slices(staging, history.world.now):
        commit(store, part)
    history.world.submit(JobSpec("meanwhile", "x"))
    history.farm.activate(staging, history.world.now)
    history.world.deliver()
    store.close()
    assert differences(picture_of(open_store(database).load()), picture_of_farm(history.farm)) == []


def test_a_labelled_child_of_a_large_submission_keeps_its_submitter(database: str, open_store: Opener) -> None:
    store = open_store(database)
    store.load()
    history = History(1, lambda changes: commit(store, changes))
    tied = JobSpec("tied", "x", stub_id="tied", children=tuple(JobSpec(str(n), "x") for n in range(700)))
    command = Submit((tied, JobSpec("tie", "x", submitted_by="eve", child_stub_ids=("tied",))), user="caller")
    staging = history.farm.stage(command, history.world.now)
    for part in history.farm.slices(staging, history.world.now):
        commit(store, part)
    history.farm.activate(staging, history.world.now)
    history.world.deliver()
    store.close()
    remembered = open_store(database).load()
    assert len(remembered.jobs) == 702
    assert {job.submitted_by for job in (*remembered.jobs, *history.farm.jobs.values())} == {"eve"}


def test_what_no_database_can_hold_is_stored_all_the_same(database: str, open_store: Opener) -> None:
    """An agent's words are its own: half characters, NUL, numbers without end."""
    store = open_store(database)
    store.load()
    history = History(1, lambda changes: commit(store, changes))
    history.arrive()
    history.world.submit(
        JobSpec("odd \ud800", "x", environment={"A": "nul \0"}, extra={"n": 10**40, "f": float("inf")})
    )
    history.world.beat_all()
    (attempt,) = (job.attempts[0] for job in history.farm.jobs.values())
    attempt.message, attempt.reason = "half \udfff and nul \0", "odd \0"
    attempt.ran_seconds, attempt.cpu_seconds, attempt.peak_memory = float("inf"), float("nan"), -(2**70)
    history.farm.touch_attempt(attempt)
    history.world.deliver()
    store.close()
    again = open_store(database)
    (job,) = again.load().jobs
    assert again.damages == []
    assert (job.spec.name, job.spec.environment["A"], job.spec.extra["n"]) == ("odd \ud800", "nul \0", 10**40)
    assert job.attempts[0].message == "half \ufffd and nul \ufffd"
    assert (job.attempts[0].ran_seconds, job.attempts[0].peak_memory) == (2.0**53, -(2**53))


def test_equal_parts_of_specifications_are_shared(database: str, open_store: Opener) -> None:
    store = open_store(database)
    store.load()
    history = History(1, lambda changes: commit(store, changes))
    history.world.submit(*(JobSpec("a", "x", environment={"A": "1"}, tags=("t",)) for _ in range(2)))
    store.close()
    one, two = open_store(database).load().jobs
    assert one.spec.environment is two.spec.environment
    assert one.spec.tags is two.spec.tags
