"""Properties of one job and of many: alike, various, sums, and what can be changed."""

from __future__ import annotations

import pytest

from hqgui.models import formats
from hqgui.models.history import Entry
from hqgui.models.job_details import whole
from hqgui.models.job_properties import EDITABLE, EditError, Group, editable, sums, told, typed
from hqgui.models.job_store import JobStore
from tests.models.farm_rows import job_row

NOW = 1_795_600_000.0
TEN = "20261124T10:00:00"


def _store() -> JobStore:
    store = JobStore()
    counts = {"succeeded": 1, "runnable": 1}
    store.upsert(
        [
            job_row(1, name="shot", submittedBy="ana", status="queued", childCounts=counts, childCount=2, rootId=1),
            job_row(2, [1], name="a", submittedBy="ana", status="succeeded", rootId=1, runtime=60.0, cpus=4),
            job_row(3, [1], name="b", submittedBy="ana", status="runnable", rootId=1, runtime=120.0, cpus=2),
            job_row(9, name="other", submittedBy="bob", status="failed", rootId=9, tags=["x", "y"]),
        ]
    )
    store.loaded()
    return store


def _texts(store: JobStore, *jobs: int) -> dict[str, str]:
    return {one.label: one.text for one in told(store, jobs, NOW)}


def test_one_job_tells_all_that_it_has_and_nothing_that_it_has_not() -> None:
    texts = _texts(_store(), 2)
    assert texts["Id"] == "2"
    assert texts["Parents"] == "#1"
    assert texts["Command ran"] == "1m 00s"
    assert texts["CPUs"] == "4"
    assert "Exit code" not in texts
    assert "Tags" not in texts


def test_every_time_of_hqueues_properties_is_told() -> None:
    store = JobStore()
    times = {"startTime": "20261124T10:01:00", "commandStartTime": "20261124T10:02:00", "endTime": "20261124T10:05:00"}
    store.upsert(
        [
            {**job_row(1, status="succeeded", runtime=120.0, queueTime=TEN), **times},
            job_row(2, status="runnable", queueTime=TEN),
        ]
    )
    store.loaded()
    log = [Entry(int(NOW) - past, "", status, "", "") for past, status in ((9, "running"), (10, "runnable"))]
    details = {"command": {"linux": "a\nb", "windows": "c"}, "environment": {"A": "1", "B": "2"}, "shell": "bash"}
    lines = whole(told(store, [1], NOW), details, log)
    texts = {line.label: line.text for line in lines}
    assert {one: texts[one] for one in ("In the queue", "To complete", "Command ran", "Elapsed")} == {
        "In the queue": "1m 00s",
        "To complete": "5m 00s",
        "Command ran": "2m 00s",
        "Elapsed": "2m 00s",
    }
    assert set(texts) >= {"Queued", "Ready to run", "Command started", "Command ended", "Started", "Ended"}
    assert next(line for line in lines if line.label == "Command ended").tip.endswith("10:04:00 UTC")
    environment = next(line for line in lines if line.label == "Environment")
    assert (environment.text, environment.full, texts["Shell"]) == ("A=1⏎B=2", "A=1\nB=2", "bash")
    assert [line.group for line in lines] == sorted((line.group for line in lines), key=list(Group).index)
    waits = _texts(store, 2)
    assert waits["In the queue"] == formats.exact_duration(NOW - 1_795_514_400.0)
    assert "To complete" not in waits


def test_many_jobs_tell_what_is_alike_what_is_various_and_sums() -> None:
    texts = _texts(_store(), 2, 3)
    assert texts["Submitted by"] == "ana"
    assert texts["CPUs"] == "(various)"
    assert texts["Name"] == "(various)"
    assert texts["Command ran"] == "3m 00s together, 1m 30s on average"


def test_sums_count_what_is_below_once() -> None:
    store = _store()
    assert sums(store, [1, 2, 3]).counts == (("succeeded", 1), ("runnable", 1))
    both = sums(store, [1, 9])
    assert both.jobs == "2 jobs in 2 trees"
    assert both.counts == (("succeeded", 1), ("failed", 1), ("runnable", 1))
    assert both.work == "3 jobs do the work"


def test_gone_jobs_are_passed_over() -> None:
    assert told(_store(), [77], NOW) == []
    assert sums(_store(), [77, 9]).jobs == "1 job in 1 tree"


def test_fields_begin_with_what_is_alike() -> None:
    fields = {one.name: one for one in editable(_store(), [2, 3])}
    assert tuple(fields) == EDITABLE
    assert (fields["cpus"].text, fields["cpus"].various) == ("", True)
    assert (fields["tags"].text, fields["tags"].various) == ("", False)
    assert editable(_store(), [9])[4].text == "x, y"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("cpus", " 8 ", 8), ("tags", "a, b,,a ", ["a", "b"]), ("tags", "", []), ("description", "x, y", "x, y")],
)
def test_what_is_typed_becomes_a_value(name: str, text: str, value: object) -> None:
    assert typed(name, text) == value


@pytest.mark.parametrize(("name", "text"), [("cpus", "0"), ("cpus", "many"), ("priority", "-1"), ("maxTime", "9" * 12)])
def test_what_cannot_be_meant_is_said(name: str, text: str) -> None:
    with pytest.raises(EditError) as caught:
        typed(name, text)
    assert caught.value.name == name
