"""The store of jobs: columns, families, and what is noted of each change."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.farm import FarmData, Snapshot
from hqgui.models.job_store import NAMES, JobStore
from hqserver.wire.attributes import feed_names
from hqserver.wire.jobs import ATTRIBUTES
from tests.models.farm_rows import family_rows, job_row


def filled(*rows: dict[str, object]) -> JobStore:
    store = JobStore()
    store.upsert(rows)
    return store


def test_every_attribute_of_the_feed_has_a_column() -> None:
    assert set(feed_names(ATTRIBUTES)) <= set(NAMES)
    assert set(job_row(1)) >= set(feed_names(ATTRIBUTES))


def test_dates_become_seconds_and_unset_ones_none() -> None:
    store = filled(job_row(1, queueTime="19700102T00:00:05", endTime=None))
    assert store.value(1, "queueTime") == 86_405
    assert store.value(1, "endTime") is None


def test_children_follow_parents_whatever_comes_first() -> None:
    store = filled(job_row(3, [1, 2]), job_row(2, [1]), job_row(1))
    assert list(store.tops()) == [1]
    assert sorted(store.children(1)) == [2, 3]
    assert list(store.children(2)) == [3]
    assert store.family([1]) == [1, 3, 2]
    assert store.ancestors([3]) == {1, 2}
    assert store.roots_of([3]) == {1}


def test_a_job_that_gets_another_parent_leaves_the_first() -> None:
    store = filled(job_row(1), job_row(2), job_row(3, [1]))
    store.take_changes()
    store.upsert([job_row(3, [2])])
    assert list(store.children(1)) == []
    assert list(store.children(2)) == [3]
    assert store.take_changes().moved == {1: {3}, 2: {3}}


def test_removing_a_parent_puts_its_child_at_the_top() -> None:
    store = filled(job_row(1), job_row(2, [1]))
    store.take_changes()
    store.remove([1])
    changes = store.take_changes()
    assert changes.removed == {1}
    assert changes.tops >= {1, 2}
    assert store.is_top(2)
    assert 1 not in store


def test_while_a_snapshot_comes_in_a_child_waits_for_its_parent() -> None:
    store = JobStore()
    store.begin_loading()
    store.upsert([job_row(2, [1])])
    assert list(store.tops()) == []
    store.upsert([job_row(1)])
    assert list(store.tops()) == [1]
    store.upsert([job_row(4, [99])])
    store.loaded()
    assert list(store.tops()) == [1, 4]


def test_rows_are_reused_and_keep_nothing_of_the_job_before() -> None:
    store = filled(job_row(1, name="old", tags=["a"], latestNote="keep out"))
    store.remove([1])
    store.upsert([{"id": 2, "name": "new"}])
    assert len(store.ids) == 1
    assert store.value(2, "latestNote") == ""
    assert store.value(2, "tags") == ()


def test_a_row_that_says_little_changes_little() -> None:
    store = filled(job_row(1, name="kept", priority=3))
    store.upsert([{"id": 1, "priority": 4}])
    assert (store.value(1, "name"), store.value(1, "priority")) == ("kept", 4)


def test_counts_follow_each_change() -> None:
    store = filled(*family_rows(1, [2, 3]))
    store.upsert([job_row(2, [1], "failed", endTime="20261124T12:00:00")])
    assert store.counts == {"queued": 1, "runnable": 1, "failed": 1}
    assert store.leaf_counts["failed"] == 1
    assert sum(store.ends.values()) == 1
    store.remove([2])
    assert store.counts["failed"] == 0
    assert sum(store.ends.values()) == 0


def test_after_a_snapshot_what_did_not_come_again_is_gone() -> None:
    farm = FarmData()
    farm.take_in({"jobs": [job_row(1), job_row(2)], "clients": [{"id": 7, "hostname": "a"}]})
    farm.take_changes()
    snapshot = Snapshot(farm)
    rows = [job_row(2, name="renamed")]
    farm.upsert("jobs", rows)
    snapshot.saw("jobs", rows)
    snapshot.end()
    changes = farm.take_changes()
    assert changes.jobs.removed == {1}
    assert changes.jobs.changed == {2}
    assert changes.clients.removed == {7}


def test_equal_values_are_kept_once() -> None:
    store = JobStore()
    rows = [job_row(job, name=f"frame {job % 100}", tags=["karma", "aov"]) for job in range(1, 4_001)]
    tracemalloc.start()
    store.upsert(rows)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert store.tags[10] is store.tags[20]
    assert kept / 4_000 < 1_200, "bytes for each job"


_edges = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=30)


@given(st.lists(st.tuples(_edges, st.sets(st.integers(1, 12), max_size=3)), max_size=3), st.sets(st.integers(0, 13)))
def test_what_is_below_has_it_among_its_ancestors_whatever_changes(
    changes: list[tuple[list[tuple[int, int]], set[int]]], tops: set[int]
) -> None:
    store = JobStore()
    store.loaded()
    for edges, gone in changes:
        parents = {child: sorted({a for a, b in edges if b == child and a < child}) for child in range(1, 13)}
        store.upsert([job_row(job, above) for job, above in parents.items()])
        store.remove(gone)
        for asked in (tops, {1}, tops):
            found = {job for job in range(14) if job in asked or not asked.isdisjoint(_above(store, job))}
            assert store.below(range(14), asked) == found


def _above(store: JobStore, job: int) -> set[int]:
    """All that is above, told or known: a parent that is gone is still a parent."""
    row = store.row_of.get(job)
    parents = set(store.parents[row]) if row is not None else set()
    return parents.union(*(_above(store, parent) for parent in parents))
