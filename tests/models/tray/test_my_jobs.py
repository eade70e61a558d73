"""My jobs as lines."""

from __future__ import annotations

from typing import Any

import pytest

from hqgui.models.job_store import JobStore
from hqgui.models.roles import Tone
from hqgui.models.tray import my_jobs
from hqgui.models.wire_values import wire_seconds
from tests.models.farm_rows import job_row

NOW = float(wire_seconds("20261124T13:22:40") or 0)


def tree(job: int, counts: dict[str, int], status: str = "queued", **values: Any) -> dict[str, Any]:
    return job_row(job, status=status, childCounts=counts, childCount=sum(counts.values()), **values)


def store_of(*rows: dict[str, Any]) -> JobStore:
    store = JobStore()
    store.upsert(rows)
    return store


PICTURE = (
    tree(1, {"running": 38, "succeeded": 14, "runnable": 101}, name="lighting", overallProgress=0.12, ETA=13_800),
    tree(2, {"succeeded": 84, "failed": 2, "cancelled": 14}, "failed", name="comp", overallProgress=0.84, endTime="20261124T13:11:00"),
    tree(3, {"runnable": 40}, name="comp_prev", ETA=540, waitingFor="licence nuke"),
    tree(4, {"succeeded": 43, "paused": 60}, name="pyro", overallProgress=0.42),
    tree(5, {"queued": 48}, name="slapcomp", waitingFor="after lighting"),
    tree(6, {"succeeded": 96}, "succeeded", name="done", overallProgress=1.0, endTime="20261124T13:05:00"),
)  # fmt: skip


def test_the_lines_of_the_picture() -> None:
    lines = my_jobs.lines(store_of(*reversed(PICTURE)), NOW)
    assert [(one.name, one.glyph, one.percent, one.state, one.tone) for one in lines] == [
        ("lighting", "running", "12%", "38 clients", Tone.DIM),
        ("comp", "failed", "84%", "2 failed", Tone.FAILED),
        ("comp_prev", "runnable", "0%", "Licence nuke", Tone.WAITING),
        ("pyro", "paused", "42%", "Paused", Tone.DIM),
        ("slapcomp", "queued", "0%", "After lighting", Tone.DIM),
        ("done", "succeeded", "100%", "Done", Tone.DIM),
    ]
    assert [one.time for one in lines][:3] == ["3h 50m", lines[1].time, "about 9m"]
    assert lines[1].time.startswith("at ")
    assert [(one.can_pause, one.can_resume, one.can_retry) for one in lines] == [
        (True, False, False),
        (False, False, True),
        (True, False, False),
        (False, True, False),
        (True, False, False),
        (False, False, False),
    ]
    assert lines[2].sentence == "comp_prev, waiting for machine, 0 percent, 9 minutes left, licence nuke"


def test_lines_stay_where_they_are_while_somebody_points_at_them() -> None:
    store = store_of(*PICTURE)
    order = [one.id for one in my_jobs.lines(store, NOW)]
    store.upsert([tree(3, {"running": 40}, name="comp_prev"), tree(7, {"running": 1}, name="new")])
    assert [one.id for one in my_jobs.lines(store, NOW, order)] == [*order, 7]
    assert [one.id for one in my_jobs.lines(store, NOW)][:3] == [7, 3, 1]


def test_what_ended_yesterday_is_neither_shown_nor_kept() -> None:
    store = store_of(*PICTURE, tree(9, {"succeeded": 1}, "succeeded", endTime="20261123T13:00:00"))
    assert 9 not in [one.id for one in my_jobs.lines(store, NOW)]
    assert my_jobs.outdated(store, NOW) == [9]


def test_all_of_it_in_numbers() -> None:
    mine = my_jobs.sum_up(store_of(*PICTURE))
    assert mine.unfinished == 4
    assert mine.eta == 13_800
    assert mine.progress == pytest.approx((153 * 0.12 + 103 * 0.42) / (153 + 40 + 103 + 48))
    assert my_jobs.sum_up(JobStore()).progress == 0.0


def test_mine_are_paused_when_nothing_is_left_to_pause() -> None:
    assert not my_jobs.all_paused(store_of(*PICTURE))
    assert my_jobs.all_paused(store_of(PICTURE[3], PICTURE[5]))
    assert not my_jobs.all_paused(store_of(PICTURE[5]))


def test_a_job_without_children_has_a_line_too() -> None:
    [one] = my_jobs.lines(store_of(job_row(1, status="running", progress=0.4, ETA=59)), NOW)
    assert (one.percent, one.state, one.time, one.can_pause) == ("40%", "1 client", "59s", True)


def test_hostile_text_is_text() -> None:
    [one] = my_jobs.lines(store_of(job_row(1, name="<b>a\x1b\u202e" + "x" * 5000, waitingFor="y" * 900)), NOW)
    assert one.name.startswith("<b>a␛⟨202E⟩")
    assert len(one.name) < 400
    assert len(one.state) <= 60
