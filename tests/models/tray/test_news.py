"""What is listed, what is said, and how often."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqgui.models.job_store import JobStore
from hqgui.models.tray.news import (
    AGAIN_SECONDS,
    GATHER_SECONDS,
    MANY,
    Loudness,
    News,
    NewsDesk,
    NewsKind,
    farm_wants,
    is_quiet,
    note,
)
from tests.models.farm_rows import job_row
from tests.models.tray.test_my_jobs import NOW, tree

LOUD = Loudness()


class Desk:
    """A news desk on a store, and what it said."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.store = JobStore()
        self.desk = NewsDesk()
        self.now = NOW
        self.said: list[News] = []
        self.times: dict[str, list[float]] = {}
        """When failures of a tree were said."""
        self.take(*rows, fresh=False)

    def take(self, *rows: dict[str, Any], fresh: bool = True) -> None:
        self.store.upsert(rows)
        self.desk.see(self.store, [row["id"] for row in rows], self.now, fresh)

    def wait(self, seconds: float, loud: Loudness = LOUD) -> list[str]:
        end = self.now + seconds
        new = []
        while (due := self.desk.next_due()) is not None and due <= end:
            self.now = max(due, self.now)
            new += self._heard(loud)
        self.now = end
        new += self._heard(loud)
        self.said += new
        return [item.title for item in new]

    def _heard(self, loud: Loudness) -> list[News]:
        found = self.desk.due(self.now, loud)
        for item in found:
            if item.kind is NewsKind.FAILED and item.key != MANY:
                self.times.setdefault(item.key, []).append(self.now)
        return found


def running(job: int, failed: int = 0, **values: Any) -> dict[str, Any]:
    return tree(job, {"running": 90 - failed, "failed": failed, "succeeded": 6}, name=f"shot_{job:03d}", **values)


def test_ten_thousand_frames_that_fail_are_one_notice_and_one_line() -> None:
    farm = Desk(running(1))
    for failed in range(1, 90):
        farm.take(running(1, failed))
        farm.wait(0.1)
    farm.wait(GATHER_SECONDS)
    assert len(farm.said) == 1
    farm.take(running(1, 90))
    assert farm.wait(AGAIN_SECONDS + 10) == ["90 frames failed in shot_001"]
    assert {item.key for item in farm.said} == {"job 1"}
    assert [item.title for item in farm.desk.items()] == ["90 frames failed in shot_001"]


def test_a_tree_that_is_done_is_told_with_what_it_took() -> None:
    farm = Desk(running(1))
    farm.take(
        tree(1, {"succeeded": 96}, "succeeded", name="shot", startTime="20261124T10:54:00", endTime="20261124T13:05:00")
    )
    assert farm.wait(10) == ["shot finished"]
    [item] = farm.desk.items()
    assert (item.body, item.short) == ("96 frames in 2h 11m, none failed", "shot finished, 96 frames")


def test_a_failed_tree_says_why_and_how_much_is_fine() -> None:
    farm = Desk(running(1))
    farm.take(tree(1, {"succeeded": 84, "failed": 2}, "failed", name="comp", endTime="20261124T13:05:00"))
    farm.desk.explain("job 1", "Missing plate.")
    assert farm.wait(10) == ["2 frames failed in comp"]
    assert farm.said[0].body == "Missing plate. The other 84 are fine."
    farm.desk.explain("job 1", "Read1 failed.")
    assert farm.desk.items()[0].body == "Read1 failed. The other 84 are fine."


def test_what_happened_before_is_listed_and_not_said() -> None:
    farm = Desk(
        tree(1, {"succeeded": 3}, "succeeded", endTime="20261124T12:00:00"),
        tree(2, {"failed": 1, "running": 3}),
        tree(3, {"succeeded": 3}, "succeeded", endTime="20261120T12:00:00"),
    )
    assert farm.wait(1000) == []
    assert [item.job for item in farm.desk.items()] == [2, 1]
    assert farm.desk.unread() == 2


def test_a_retry_takes_the_failure_off_the_list() -> None:
    farm = Desk(running(1, 2))
    farm.take(running(1, 1))
    assert [item.title for item in farm.desk.items()] == ["1 frame failed in shot_001"]
    assert farm.desk.unread() == 0
    farm.take(running(1))
    assert farm.desk.items() == []
    assert farm.wait(100) == []


def test_a_retry_that_is_over_between_two_looks_is_told() -> None:
    farm = Desk(tree(1, {"failed": 1}, "failed", name="shot", endTime="20261124T12:00:00"))
    farm.take(tree(1, {"failed": 1}, "failed", name="shot", endTime="20261124T13:22:00"))
    assert farm.wait(10) == ["1 frame failed in shot"]
    farm.take(tree(1, {"succeeded": 1}, "succeeded", name="shot", endTime="20261124T13:22:30"))
    assert farm.wait(10) == ["shot finished"]


def test_many_ends_at_once_are_counted_in_one_notice() -> None:
    farm = Desk(*(job_row(job, status="running") for job in range(1, 51)))
    farm.take(
        *(job_row(job, status="succeeded", endTime="20261124T13:22:40") for job in range(1, 50)),
        job_row(50, status="failed"),
    )
    assert farm.wait(GATHER_SECONDS / 2) == ["49 of your jobs finished"]
    assert farm.wait(GATHER_SECONDS) == ["job 50 failed"]
    assert farm.said[0].key == MANY


def test_in_quiet_hours_nothing_is_said_and_then_once_what_was_missed() -> None:
    farm = Desk(running(1), running(2), running(3))
    farm.take(tree(1, {"succeeded": 1}, "succeeded"), running(2, 4), tree(3, {"succeeded": 1}, "succeeded"))
    assert farm.wait(100, Loudness(quiet=True)) == []
    assert farm.desk.has_missed
    farm.desk.mark_read(["job 3"])
    assert farm.wait(1) == ["1 of your jobs failed, 1 of your jobs finished"]
    assert farm.desk._missed == {}
    assert farm.wait(1000) == []


def test_kinds_that_are_switched_off_are_listed_alone() -> None:
    farm = Desk(running(1), running(2))
    farm.take(tree(1, {"succeeded": 1}, "succeeded"), running(2, 1))
    assert farm.wait(10, Loudness(frozenset({NewsKind.FAILED}))) == ["1 frame failed in shot_002"]
    assert len(farm.desk.items()) == 2


def test_read_marks_outlive_the_program_and_end_with_news() -> None:
    farm = Desk(running(1, 2))
    farm.desk.mark_read()
    assert farm.desk.unread() == 0
    again = NewsDesk(farm.desk.marks())
    again.see(farm.store, [1], NOW, fresh=False)
    assert again.unread() == 0
    farm.store.upsert([running(1, 3)])
    again.see(farm.store, [1], NOW, fresh=True)
    assert again.unread() == 1


def test_notes_and_the_machine() -> None:
    farm = Desk()
    farm.desk.say(note(4, 17, "shot_020", "dkim", "Please\nlook", NOW, "2"), NOW)
    farm.desk.say(note(5, 0, "", "", "moved", NOW, "1", mine_is_machine=True), NOW)
    farm.desk.say(farm_wants(datetime(2026, 11, 24, 19), NOW), NOW)
    assert sorted(farm.wait(10)) == [
        "Somebody left a note on this machine",
        "The farm wants this machine at 19:00",
        "dkim left a note on shot_020",
    ]


def test_notes_that_come_without_a_pause_are_told_all_the_same() -> None:
    farm = Desk()
    told = []
    for second in range(10):
        farm.desk.say(note(4, 17, "shot_020", "dkim", f"and {second}", farm.now, str(second)), farm.now)
        told += farm.wait(1.0)
    assert 2 <= len(told) <= 5


@pytest.mark.parametrize(
    ("hour", "start", "end", "quiet"),
    [(23, 22 * 60, 8 * 60, True), (7, 22 * 60, 8 * 60, True), (8, 22 * 60, 8 * 60, False), (12, 720, 780, True), (3, 0, 0, False)],
)  # fmt: skip
def test_quiet_hours(hour: int, start: int, end: int, quiet: bool) -> None:
    assert is_quiet(datetime(2026, 11, 24, hour), start, end) is quiet


def test_quiet_until() -> None:
    assert is_quiet(datetime(2026, 11, 24, 12), 0, 0, until=100, now=99)
    assert not is_quiet(datetime(2026, 11, 24, 12), 0, 0, until=100, now=100)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.sampled_from(("running", "failed", "succeeded", "cancelled")),
            st.integers(0, 5),
            st.floats(0, 30),
        ),
        max_size=60,
    )
)
def test_no_tree_is_heard_more_than_once_a_minute_but_for_its_end(steps: list[tuple[int, str, int, float]]) -> None:
    farm = Desk(*(running(job) for job in range(1, 5)))
    for job, status, failed, pause in steps:
        counts = {"running": 3, "failed": failed} if status == "running" else {status: 3, "failed": failed}
        farm.take(tree(job, counts, "queued" if status == "running" else status))
        farm.wait(pause)
    for times in farm.times.values():
        assert all(later - earlier >= AGAIN_SECONDS - 0.001 for earlier, later in pairwise(times))
    assert len(farm.desk.items()) <= 4
