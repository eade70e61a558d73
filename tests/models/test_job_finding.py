"""The text filter: in the filter language, kept up with changes, narrowed while it is typed on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models import saved_views
from hqgui.models.farm import FarmData
from hqgui.models.filter_offers import offers
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.job_finding import Found, find, misunderstood, query
from hqgui.models.job_store import JobChanges, JobStore
from hqgui.models.job_tree import JobTree
from tests.models.farm_rows import job_row

NOW = 1_795_600_000.0


def _store() -> JobStore:
    store = JobStore()
    store.upsert(
        [
            job_row(1, name="shot_010", submittedBy="ana", status="running", priority=5, rootId=1),
            job_row(2, [1], name="beauty", submittedBy="ana", status="running", priority=5, rootId=1, tags=["karma"]),
            job_row(3, [1], name="matte", submittedBy="ana", status="failed", priority=5, rootId=1),
            job_row(101, name="shot_020", submittedBy="bob", status="runnable", priority=1),
            job_row(102, [101], name="beauty key", submittedBy="bob", status="runnable", priority=3),
        ]
    )
    store.loaded()
    store.take_changes()
    return store


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("beauty", {2, 102}),
        ("BEAUTY -key", {2}),
        ("by:ana status:failed", {3}),
        ("status:failed OR prio<=1", {3, 101}),
        ('"beauty key"', {102}),
        ("10", {1, 101, 102}),
        ("#10", {101, 102}),
        ("tag:karma", {2}),
        ("root:1 -is:root", {2, 3}),
        ("nothing", set()),
    ],
)
def test_a_text_finds(text: str, jobs: set[int]) -> None:
    assert Found(_store(), text, NOW).jobs == jobs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prio>=", "at character"),
        ("stats:failed", "Did you mean status?"),
        ("why:licence", "not known here"),
        ('"beauty', "at character 1"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_half_applied(text: str, words: str) -> None:
    store = _store()
    error = misunderstood(text, store)
    assert error is not None
    assert words in f"{error}"
    tree = JobTree(store)
    tree.set_filter(JobFilter(frozenset({Chip.ALL}), "beauty"))
    with pytest.raises(type(error)):
        tree.set_filter(JobFilter(frozenset({Chip.ALL}), text))
    assert tree.filter.text == "beauty"
    assert misunderstood("", store) is None


_words = st.sampled_from(["be", "beauty", "b", "10", "1", "101", "#1", "shot", "-key", "a*", '"be"', "status:failed"])


@given(st.lists(_words, min_size=1, max_size=3), st.text("beauty01 ", max_size=3))
def test_typing_on_finds_what_looking_anew_finds(words: list[str], more: str) -> None:
    store = _store()
    text = " ".join(words)
    if misunderstood(text + more, store) is not None:
        return
    before = Found(store, text, NOW)
    node = query(text + more)
    assert node is not None
    assert Found(store, text + more, NOW, before).jobs == find(store, node, NOW)


def test_a_question_about_the_time_is_asked_again_as_time_goes_by() -> None:
    store = _store()
    store.upsert([job_row(7, name="late", queueTime="20261124T11:00:00")])
    store.take_changes()
    queued = store.queue_time[store.row_of[7]]
    assert queued is not None
    found = Found(store, "age>2h id:7", queued + 7_199)
    assert found.jobs == set()
    assert not found.update(JobChanges(), queued + 7_201)
    assert found.update(JobChanges(), queued + 7_205)
    assert found.jobs == {7}


def test_offers_are_fields_and_what_the_farm_knows() -> None:
    farm = FarmData()
    farm.take_in({"jobs": [job_row(1, submittedBy="ana"), job_row(2, submittedBy="two words")]})
    farm.jobs.loaded()
    assert [one.text for one in offers("by:", 3, farm).offers] == ["ana", '"two words"']
    assert "status:" in [one.text for one in offers("sta", 3, farm).offers]
    assert [one.text for one in offers("rea", 3, farm).offers] == []
    assert [one.text for one in offers("x status:fai", 12, farm).offers] == ["failed"]


def test_saved_views_come_back_and_what_is_broken_is_left_out() -> None:
    view = saved_views.SavedView("Ana’s & failed", JobFilter(frozenset({Chip.FAILED}), "by:ana"))
    lines = saved_views.written([view])
    assert saved_views.read([*lines, "{", '{"name": "x"}', '{"name":"x","chips":["no"],"text":""}']) == [view]
    again = saved_views.with_view([view], view.name, JobFilter(frozenset({Chip.ALL}), "x"))
    assert [one.filter.text for one in again] == ["x"]
    assert saved_views.name_for(view.filter) == "by:ana"
    assert saved_views.name_for(JobFilter(frozenset({Chip.FAILED, Chip.MINE}))) == "Failed Mine"
