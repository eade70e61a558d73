"""The law of the job tree: however it was brought up to date, it equals the tree built anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, qInstallMessageHandler
from PySide6.QtTest import QAbstractItemModelTester

from hqgui.models.job_columns import COLUMNS
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.job_store import JobStore
from hqgui.models.job_tree import JobTree
from hqgui.models.roles import Role
from tests.models.farm_rows import job_row
from tests.models.tree_pictures import load_everything, picture

STATUSES = ("queued", "runnable", "running", "paused", "succeeded", "failed", "cancelled", "abandoned", "unheard of")
FILTERS = (
    JobFilter(frozenset({Chip.ALL})),
    JobFilter(),
    JobFilter(frozenset({Chip.FINISHED, Chip.MINE})),
    JobFilter(frozenset({Chip.ALL}), "job 1"),
    JobFilter(frozenset({Chip.UNFINISHED}), "tag"),
    JobFilter(frozenset({Chip.ALL}), "status:running OR -has:parents prio>2"),
    JobFilter(frozenset({Chip.FINISHED}), "age>1h -tag"),
)


@dataclass
class Watched:
    """A tree that is brought up to date, and everything that must never happen to it."""

    store: JobStore = field(default_factory=JobStore)
    now: float = 1_000.0
    resets: int = 0
    complaints: list[str] = field(default_factory=list)
    """What the model tester found."""

    def __post_init__(self) -> None:
        self.tree = JobTree(self.store, frozenset({"anna"}), lambda: self.now)
        self.tester = QAbstractItemModelTester(self.tree, QAbstractItemModelTester.FailureReportingMode.Warning)
        self.tester.setUseFetchMore(False)
        qInstallMessageHandler(lambda kind, context, text: self.complaints.append(text))
        self.selection = QItemSelectionModel(self.tree)
        self.tree.modelReset.connect(self._count_reset)
        self.tree.set_filter(FILTERS[0])

    def _count_reset(self) -> None:
        self.resets += 1

    def tick(self) -> None:
        self.now += 3.0
        self.tree.apply(self.store.take_changes())

    def anew(self) -> JobTree:
        column, order = self.tree.sorted_by
        tree = JobTree(self.store, frozenset({"anna"}), lambda: self.now)
        tree.set_folding(self.tree.folding)
        tree.set_filter(self.tree.filter)
        tree.sort(column, order)
        return tree


jobs = st.integers(1, 45)
parents = st.one_of(st.none(), st.none(), st.none(), st.lists(jobs, max_size=2))
"""None: the usual ones, so that a job changes more often than its place."""
rows = st.tuples(
    jobs,
    parents,
    st.one_of(st.sampled_from(("succeeded", "failed")), st.sampled_from(STATUSES)),
    st.integers(0, 2),
    st.sampled_from(("job 1", "job 2", "job 10")),
)
steps = st.one_of(
    st.tuples(st.just("upsert"), st.lists(rows, min_size=1, max_size=30)),
    st.tuples(st.just("remove"), st.lists(jobs, min_size=1, max_size=4)),
    st.tuples(st.just("sort"), st.tuples(st.integers(0, len(COLUMNS) - 1), st.booleans())),
    st.tuples(st.just("filter"), st.sampled_from(FILTERS)),
    st.tuples(st.just("fold"), st.booleans()),
    st.tuples(st.just("tick"), st.none()),
    st.tuples(st.just("load"), st.none()),
    st.tuples(st.just("hold"), st.booleans()),
    st.tuples(st.just("open"), st.integers(0, 200)),
    st.tuples(st.just("close"), st.integers(0, 200)),
    st.tuples(st.just("keep"), st.lists(jobs, max_size=3)),
)


def wire_row(job: int, above: list[int] | None, status: str, priority: int, name: str) -> dict[str, Any]:
    """A row whose parents have smaller ids, so that no job stands above itself."""
    usual = [] if job <= 3 else [1] if job <= 30 else [2, 3] if job <= 40 else [4]
    parents = sorted({parent for parent in (usual if above is None else above) if parent < job})
    return job_row(job, parents, status, priority=priority, name=name, tags=["tag"] if priority == 2 else [])


def every_row(tree: JobTree, above: QModelIndex | None = None) -> list[QModelIndex]:
    """All loaded rows from the top down."""
    parent = QModelIndex() if above is None else above
    found = []
    for place in range(tree.rowCount(parent)):
        index = tree.index(place, 0, parent)
        found += [index, *every_row(tree, index)]
    return found


def fold_or_unfold(tree: JobTree, unfold: bool, number: int) -> None:
    """What a view does when somebody clicks on a chevron."""
    shown = every_row(tree)
    if not shown:
        return
    index = shown[number % len(shown)]
    if unfold and tree.canFetchMore(index):
        tree.fetchMore(index)
    (tree.expanded if unfold else tree.collapsed)(index)


def look_away(watched: Watched) -> None:
    """Nothing is selected, nothing is unfolded, and that for a while."""
    watched.tree.set_kept([])
    for index in every_row(watched.tree):
        watched.tree.collapsed(index)
    watched.tree.hold(False)
    watched.tick()
    watched.tick()


def take_step(watched: Watched, name: str, value: Any) -> None:
    tree = watched.tree
    if name == "upsert":
        watched.store.upsert([wire_row(*row) for row in {row[0]: row for row in value}.values()])
    elif name == "remove":
        watched.store.remove(value)
    elif name == "sort":
        tree.sort(value[0], Qt.SortOrder.DescendingOrder if value[1] else Qt.SortOrder.AscendingOrder)
    elif name == "filter":
        tree.set_filter(value)
    elif name == "fold":
        tree.set_folding(value)
    elif name == "load":
        load_everything(tree)
    elif name == "hold":
        tree.hold(value)
    elif name == "keep":
        tree.set_kept(value)
    elif name in ("open", "close"):
        fold_or_unfold(tree, name == "open", value)
    else:
        watched.tick()


@pytest.fixture(autouse=True)
def no_message_handler() -> Iterator[None]:
    """The handler of a test does not outlive it."""
    yield
    qInstallMessageHandler(None)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, max_size=60), st.lists(steps, max_size=25))
def test_an_updated_tree_equals_the_tree_built_anew(start: list[Any], stream: list[tuple[str, Any]]) -> None:
    watched = Watched()
    take_step(watched, "upsert", [(job, None, "runnable", 0, "job 1") for job in range(1, 46)])
    take_step(watched, "upsert", start)
    watched.tick()
    load_everything(watched.tree)
    for name, value in stream:
        take_step(watched, name, value)
    look_away(watched)
    load_everything(watched.tree)
    fresh = watched.anew()
    load_everything(fresh)
    assert picture(watched.tree) == picture(fresh)
    assert watched.resets == 0
    assert watched.complaints == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, min_size=10, max_size=40), st.lists(steps, max_size=15), st.data())
def test_what_is_selected_stays_selected_while_it_is_shown(
    start: list[Any], stream: list[tuple[str, Any]], data: st.DataObject
) -> None:
    watched = Watched()
    take_step(watched, "upsert", start)
    watched.tick()
    load_everything(watched.tree)
    shown = sorted({row[0] for row in start if watched.tree.index_of(row[0]).isValid()})
    chosen = data.draw(st.sampled_from(shown)) if shown else None
    index = QModelIndex() if chosen is None else watched.tree.index_of(chosen)
    watched.selection.select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    watched.tree.set_kept([] if chosen is None else [chosen])
    place = QPersistentModelIndex(index)
    for name, value in stream:
        if name not in ("filter", "keep"):
            take_step(watched, name, value)
        if place.isValid():
            assert place.data(Role.ID) == chosen
            assert [one.data(Role.ID) for one in watched.selection.selectedIndexes()] == [chosen]
    assert watched.resets == 0
    assert watched.complaints == []
