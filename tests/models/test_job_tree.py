"""The job tree: what it shows, and what stays where it is."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QSignalSpy

from hqgui.models.job_columns import COLUMNS, PLACE
from hqgui.models.job_filter import Chip, JobFilter, toggled
from hqgui.models.job_store import JobStore
from hqgui.models.job_tree import JobTree
from hqgui.models.roles import Role, RowKind
from tests.models.farm_rows import family_rows, job_row
from tests.models.tree_pictures import load_everything, picture, texts

ALL = JobFilter(frozenset({Chip.ALL}))
HOSTILE = "<img src=file:///etc/hostname>"


class Farm:
    """A store and its tree, with a clock that is turned by hand."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.now = 1_795_525_200.0
        self.store = JobStore()
        self.tree = JobTree(self.store, frozenset({"anna"}), lambda: self.now)
        self.resets = QSignalSpy(self.tree.modelReset)
        self.tree.set_filter(ALL)
        self.tell(*rows)

    def tell(self, *rows: dict[str, Any], seconds: float = 0.1) -> None:
        """News, and the next tick."""
        self.now += seconds
        self.store.upsert(rows)
        self.tree.apply(self.store.take_changes())

    def forget(self, *jobs: int) -> None:
        self.store.remove(jobs)
        self.tree.apply(self.store.take_changes())

    def open(self, job: int) -> QModelIndex:
        """Unfold a row as a view does."""
        return self.open_index(self.tree.index_of(job))

    def open_index(self, index: QModelIndex) -> QModelIndex:
        if self.tree.canFetchMore(index):
            self.tree.fetchMore(index)
        self.tree.expanded(index)
        return index

    def below(self, job: int) -> list[str]:
        return texts(self.tree, 0, self.tree.index_of(job))


def numbered(parent: int, frames: range, status: str = "runnable", **values: Any) -> list[dict[str, Any]]:
    """A parent and numbered frames: frame 7 of parent 100 is job 107."""
    top = job_row(parent, name=f"layer {parent}", status="queued", childCount=len(frames))
    return [
        top, *(job_row(parent + n, [parent], status, name=str(1000 + n), frame=1000 + n, **values) for n in frames)
    ]  # fmt: skip


@pytest.fixture
def farm() -> Farm:
    return Farm(*numbered(100, range(1, 31)))


def test_rows_below_are_loaded_on_demand(farm: Farm) -> None:
    top = farm.tree.index_of(100)
    assert farm.tree.hasChildren(top)
    assert farm.tree.rowCount(top) == 0
    farm.tree.set_folding(False)
    farm.open(100)
    assert farm.tree.rowCount(top) == 30


def test_equal_frames_share_a_row_with_their_range(farm: Farm) -> None:
    fold = farm.tree.index(0, 0, farm.open(100))
    cell = farm.tree.cell(fold)
    assert (cell.text, cell.detail, cell.glyph) == ("1001–1030", "30 frames", "runnable")
    assert fold.data(Role.KIND) == RowKind.FOLD
    assert fold.data(Role.IDS) == tuple(range(101, 131))
    assert "30 frames" in str(fold.data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_fold_that_loses_its_first_member_is_still_the_same_row(farm: Farm) -> None:
    place = QPersistentModelIndex(farm.tree.index(0, 0, farm.open(100)))
    farm.tell(job_row(101, [100], "running", name="1001", frame=1001))
    assert place.isValid()
    assert place.data(Role.IDS) == tuple(range(102, 131))
    assert farm.below(100) == ["1001", "1002–1030"]


def test_an_opened_fold_keeps_what_the_user_looks_at(farm: Farm) -> None:
    top = farm.open(100)
    fold = farm.open_index(farm.tree.index(0, 0, top))
    frame = QPersistentModelIndex(farm.tree.index(4, 0, fold))
    farm.tell(job_row(105, [100], "running", name="1005", frame=1005), seconds=60)
    assert farm.below(100) == ["1001–1030"]
    assert frame.isValid()
    assert frame.row() == 4
    assert farm.tree.cell(farm.tree.index(0, PLACE["status"], top)).text == "Running"
    farm.tree.collapsed(farm.tree.index(0, 0, top))
    farm.tell(seconds=1)
    assert farm.below(100) == ["1001–1030"], "a second click may be on its way"
    farm.tell(seconds=2)
    assert farm.below(100) == ["1001", "1002", "1003", "1004", "1005", "1006–1030"]


def test_a_selected_frame_is_not_folded_away_by_news() -> None:
    farm = Farm(*numbered(100, range(1, 31), "succeeded"))
    farm.tell(job_row(110, [100], "running", name="1010", frame=1010))
    farm.open(100)
    place = QPersistentModelIndex(farm.tree.index_of(110))
    farm.tree.set_kept([110])
    farm.tell(job_row(110, [100], "succeeded", name="1010", frame=1010), seconds=60)
    assert place.isValid()
    assert farm.below(100) == ["1001–1009", "1010", "1011–1030"]
    farm.tree.set_kept([])
    farm.tell(seconds=1)
    assert place.isValid()
    farm.tell(seconds=2)
    assert farm.below(100) == ["1001–1030"]


def test_a_tree_that_is_selected_stays_when_news_filter_it_out() -> None:
    farm = Farm(job_row(1), job_row(2))
    farm.tree.set_filter(JobFilter())
    farm.tree.set_kept([1])
    farm.tell(job_row(1, status="succeeded"), job_row(2, status="succeeded"), seconds=60)
    assert texts(farm.tree) == ["job 1"]
    farm.tree.set_kept([])
    farm.tell(seconds=3)
    assert texts(farm.tree) == []


def test_the_tree_of_a_selected_frame_stays_when_news_filter_it_out() -> None:
    farm = Farm(job_row(1), job_row(2, [1]), job_row(3, [2]))
    farm.tree.set_filter(JobFilter())
    farm.tree.set_kept([3])
    farm.tell(*(job_row(job, [job - 1] if job > 1 else [], status="succeeded") for job in (1, 2, 3)), seconds=60)
    assert texts(farm.tree) == ["job 1"]
    farm.tree.set_kept([])
    farm.tell(seconds=3)
    assert texts(farm.tree) == []


def test_an_unfolded_tree_stays_when_news_filter_it_out_but_not_when_the_user_does() -> None:
    farm = Farm(job_row(1), job_row(2, [1]), job_row(3))
    farm.tree.set_filter(JobFilter())
    farm.tree.expanded(farm.open(1))
    farm.tell(*(job_row(job, [1] if job == 2 else [], status="succeeded") for job in (1, 2, 3)), seconds=60)
    assert texts(farm.tree) == ["job 1"]
    farm.tree.set_filter(JobFilter(frozenset({Chip.FAILED})))
    assert texts(farm.tree) == []
    farm.tree.set_filter(ALL)
    farm.tree.collapsed(farm.tree.index_of(1))
    farm.tree.set_filter(JobFilter())
    assert texts(farm.tree) == []


def test_turning_folding_off_keeps_the_rows_that_were_loaded(farm: Farm) -> None:
    fold = farm.open_index(farm.tree.index(0, 0, farm.open(100)))
    place = QPersistentModelIndex(farm.tree.index(6, 0, fold))
    farm.tree.set_folding(False)
    assert place.isValid()
    assert place.data(Role.ID) == 107
    assert place.parent() == farm.tree.index_of(100)
    assert farm.tree.rowCount(farm.tree.index_of(100)) == 30


def test_long_lists_below_a_row_end_in_show_more() -> None:
    farm = Farm(*numbered(1000, range(1, 1201), "running"))
    farm.tree.set_folding(False)
    top = farm.open(1000)
    assert farm.tree.rowCount(top) == 501
    more = farm.tree.index(500, 0, top)
    assert more.data(Role.KIND) == RowKind.MORE
    assert more.data(Role.IDS) == ()
    assert farm.tree.cell(more).text == "Show 500 more…"
    farm.tree.show_more(more)
    assert farm.tree.rowCount(top) == 1001
    farm.tree.show_more(farm.tree.index(1000, 0, top))
    assert farm.tree.rowCount(top) == 1200


def test_at_the_top_further_rows_are_loaded_when_the_end_comes_into_sight() -> None:
    farm = Farm(*(job_row(job) for job in range(1, 1301)))
    assert farm.tree.rowCount() == 500
    assert not farm.tree.canFetchMore(QModelIndex())
    farm.tree.cell(farm.tree.index(450, 0))
    assert farm.tree.canFetchMore(QModelIndex())
    farm.tree.fetchMore(QModelIndex())
    assert farm.tree.rowCount() == 1000


def test_a_job_with_two_parents_stands_under_both() -> None:
    farm = Farm(job_row(1), job_row(2), job_row(3, [1, 2], name="shared"))
    farm.open(1)
    farm.open(2)
    assert farm.below(1) == farm.below(2) == ["shared"]
    assert len(farm.tree.indexes_of(3)) == 2
    farm.tell(job_row(3, [2], name="shared"))
    assert farm.below(1) == []
    assert farm.below(2) == ["shared"]


def test_a_row_that_gets_its_first_child_tells_the_view() -> None:
    farm = Farm(job_row(1))
    changed = QSignalSpy(farm.tree.layoutChanged)
    farm.tell(job_row(2, [1]))
    assert changed.count() == 1
    assert farm.tree.hasChildren(farm.tree.index_of(1))


@pytest.mark.parametrize(
    ("chips", "shown"),
    [
        ({Chip.UNFINISHED, Chip.FAILED}, ["broken", "half broken", "running"]),
        ({Chip.UNFINISHED}, ["half broken", "running"]),
        ({Chip.FAILED}, ["broken", "half broken"]),
        ({Chip.FINISHED}, ["cancelled", "done"]),
        ({Chip.ALL}, ["broken", "cancelled", "done", "half broken", "running"]),
        ({Chip.MINE}, ["broken", "running"]),
        ({Chip.MINE, Chip.UNFINISHED}, ["running"]),
        ({Chip.MINE, Chip.FINISHED}, []),
    ],
)
def test_chips_choose_trees(chips: set[Chip], shown: list[str]) -> None:
    farm = Farm(
        job_row(1, name="running", status="running"),
        job_row(2, name="half broken", status="queued", childCounts={"failed": 2, "running": 1}, submittedBy="ben"),
        job_row(3, name="broken", status="failed"),
        job_row(4, name="done", status="succeeded", submittedBy="ben"),
        job_row(5, name="cancelled", status="cancelled", submittedBy="ben"),
    )
    farm.tree.sort(PLACE["name"])
    farm.tree.set_filter(JobFilter(frozenset(chips)))
    assert texts(farm.tree) == shown
    assert farm.tree.hidden_count() == 5 - len(shown)
    counts = farm.tree.chip_counts()
    assert counts == {Chip.UNFINISHED: 2, Chip.FAILED: 2, Chip.FINISHED: 2, Chip.MINE: 2, Chip.ALL: 5}


def test_a_click_on_a_chip() -> None:
    on = frozenset({Chip.UNFINISHED, Chip.FAILED})
    assert toggled(on, Chip.FAILED) == {Chip.UNFINISHED}
    assert toggled(on, Chip.MINE) == on | {Chip.MINE}
    assert toggled(on, Chip.ALL) == {Chip.ALL}
    assert toggled(frozenset({Chip.ALL}), Chip.FAILED) == {Chip.FAILED}
    assert toggled(frozenset({Chip.FAILED}), Chip.FAILED) == {Chip.ALL}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("BEAUTY", ["shot 1"]), ("key", ["shot 1"]), ("ben", ["shot 2"]), ("karma", ["shot 2"]), ("#7", ["shot 1"]),
        ("7", ["shot 1"]), ("shot", ["shot 1", "shot 2"]), ("shot ben", ["shot 2"]), ("nothing", []),
    ],
)  # fmt: skip
def test_a_text_is_found_in_names_people_tags_and_ids_below_too(text: str, shown: list[str]) -> None:
    farm = Farm(
        job_row(1, name="shot 1"),
        job_row(2, name="shot 2", submittedBy="ben"),
        job_row(7, [1], name="beauty_key"),
        job_row(8, [2], name="other", tags=["karma"]),
        job_row(9, [1], name="rest"),
    )
    farm.tree.set_filter(JobFilter(ALL.chips, text))
    assert sorted(texts(farm.tree)) == shown


def test_below_a_found_job_everything_is_shown_and_beside_it_nothing_else() -> None:
    farm = Farm(job_row(1, name="shot"), job_row(2, [1], name="beauty"), job_row(3, [1], name="other"), job_row(4, [2]))
    farm.tree.set_filter(JobFilter(ALL.chips, "beauty"))
    load_everything(farm.tree)
    assert picture(farm.tree) == [("job", 1, [("job", 2, [("job", 4, [])])])]
    farm.tell(job_row(5, [2]), job_row(6, [1], name="beauty too"))
    assert [row[1] for row in picture(farm.tree)[0][2]] == [2, 6]


def test_sorting_keeps_what_is_selected_current_and_unfolded() -> None:
    farm = Farm(job_row(1, name="frame 10"), job_row(2, name="frame 9"), job_row(3, [2]), job_row(4, name="frame 11"))
    farm.open(2)
    place = QPersistentModelIndex(farm.tree.index_of(3))
    farm.tree.sort(PLACE["name"])
    assert texts(farm.tree) == ["frame 9", "frame 10", "frame 11"]
    farm.tree.sort(PLACE["name"], Qt.SortOrder.DescendingOrder)
    assert texts(farm.tree) == ["frame 11", "frame 10", "frame 9"]
    assert place.data(Role.ID) == 3
    assert place.parent().data(Role.ID) == 2
    assert farm.resets.count() == 0


def test_rows_wait_while_the_view_holds_but_values_do_not() -> None:
    farm = Farm(job_row(1, priority=5), job_row(2, priority=3))
    farm.tree.hold(True)
    changed = QSignalSpy(farm.tree.dataChanged)
    farm.tell(job_row(2, priority=9), job_row(3, priority=7))
    farm.forget(1)
    assert [farm.tree.index(row, 0).data(Role.ID) for row in range(farm.tree.rowCount())] == [1, 2]
    assert changed.count() >= 1
    assert farm.tree.cell(farm.tree.index(1, PLACE["priority"])).text == "9"
    assert farm.tree.cell(farm.tree.index(0, 0)).text == "removed"
    farm.tree.hold(False)
    farm.tell()
    assert [farm.tree.index(row, 0).data(Role.ID) for row in range(farm.tree.rowCount())] == [2, 3]


def test_rows_sorted_by_a_live_column_move_only_now_and_then() -> None:
    farm = Farm(job_row(1, status="running", progress=0.5), job_row(2, status="running", progress=0.1))
    farm.tree.sort(PLACE["progress"])
    farm.tell(seconds=5)
    farm.tell(job_row(2, status="running", progress=0.9), seconds=0.1)
    order = [farm.tree.index(row, 0).data(Role.ID) for row in range(2)]
    assert order == [2, 1]
    farm.tell(seconds=3)
    assert [farm.tree.index(row, 0).data(Role.ID) for row in range(2)] == [1, 2]


def test_reveal_gives_a_folded_job_a_row_and_loads_what_is_above(farm: Farm) -> None:
    index = farm.tree.reveal(115)
    assert index.data(Role.ID) == 115
    assert farm.below(100) == ["1001–1014", "1015", "1016–1030"]
    assert farm.tree.path_of(index) == ("layer 100", "1015")


def test_reveal_reaches_into_a_fold_that_is_open(farm: Farm) -> None:
    farm.open_index(farm.tree.index(0, 0, farm.open(100)))
    index = farm.tree.reveal(115)
    assert index.parent().data(Role.KIND) == RowKind.FOLD


def test_reveal_answers_nothing_for_what_the_filter_hides(farm: Farm) -> None:
    farm.tree.set_filter(JobFilter(frozenset({Chip.FINISHED})))
    assert not farm.tree.reveal(115).isValid()


def test_from_one_failed_job_to_the_next_all_around() -> None:
    failed: dict[str, Any] = {"status": "failed"}
    farm = Farm(
        *(job_row(top, status="queued", priority=9 - top, childCounts={"failed": 1}) for top in (1, 2)),
        job_row(3, status="succeeded"),
        job_row(11, [1], **failed),
        job_row(12, [1], **failed),
        job_row(21, [2], **failed),
    )
    index = farm.tree.index_of(3)
    seen = []
    for _ in range(4):
        index = farm.tree.next_failed(index)
        seen.append(index.data(Role.ID))
    assert seen == [11, 12, 21, 11]
    assert farm.tree.next_failed(index, backwards=True).data(Role.ID) == 21


def test_a_typed_priority_is_asked_for_and_nothing_else(farm: Farm) -> None:
    asked = QSignalSpy(farm.tree.priority_edited)
    index = farm.tree.index_of(100, PLACE["priority"])
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    assert farm.tree.setData(index, 8)
    assert (asked.count(), asked.at(0)) == (1, [100, 8])
    assert farm.store.value(100, "priority") == 0
    assert not farm.tree.setData(farm.tree.index_of(100, PLACE["name"]), "no")


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.key))
def test_hostile_texts_are_shown_as_text_in_every_column(column: Any) -> None:
    nasty = HOSTILE + "\u202egnp\n" + "x" * 10_000
    farm = Farm(
        job_row(
            1, name=nasty, submittedBy=nasty, latestNote=nasty, tags=[nasty], description=nasty, waitingFor=nasty,
            conditions=[{"type": "client", "name": nasty, "op": "==", "value": nasty}], resources={nasty: 1},
            clients=[{"id": 1, "label": nasty, "hostname": nasty}], uiStatus=nasty, status="running",
        ),
        job_row(2, [1], name=nasty),
    )  # fmt: skip
    farm.open(1)
    for index in (farm.tree.index_of(1, PLACE[column.key]), farm.tree.index_of(2, PLACE[column.key])):
        shown = [farm.tree.cell(index).text, str(index.data(Qt.ItemDataRole.DisplayRole))]
        shown += [str(index.data(role)) for role in (Qt.ItemDataRole.AccessibleTextRole,)]
        for text in shown:
            assert "\u202e" not in text
            assert "\n" not in text
            assert len(text) < 2_500
        tip = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        assert "<img" not in tip
        assert len(tip) < 20_000


def test_every_column_has_a_title_and_answers_for_every_kind_of_row() -> None:
    farm = Farm(*numbered(1000, range(1, 1201)))
    farm.tree.set_folding(False)
    top = farm.open(1000)
    farm.tree.set_folding(True)
    fold = farm.tree.index(0, 0, top)
    for place, column in enumerate(COLUMNS):
        assert farm.tree.headerData(place, Qt.Orientation.Horizontal) == column.title
        for index in (top.siblingAtColumn(place), fold.siblingAtColumn(place)):
            assert index.data(Role.CELL) == farm.tree.cell(index)


def test_a_row_as_a_sentence() -> None:
    farm = Farm(
        job_row(
            1, name="beauty_key", status="queued", overallProgress=0.64, childCount=9, ETA=2460,
            childCounts={"running": 3, "failed": 2, "succeeded": 4},
        )
    )  # fmt: skip
    sentence = farm.tree.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert sentence == "beauty_key, running, 64 percent, 2 failed, 41 minutes left"


def cell_text(farm: Farm, job: int, key: str) -> str:
    return farm.tree.cell(farm.tree.index_of(job, PLACE[key])).text


@pytest.mark.parametrize(
    ("values", "key", "text"),
    [
        ({"status": "running", "commandStartTime": "20261124T12:45:00"}, "elapsed", "15m 00s"),
        ({"status": "succeeded", "runtime": 1865.2}, "elapsed", "31m 05s"),
        ({"status": "runnable"}, "elapsed", ""),
        ({"status": "running", "ETA": 80}, "eta", "1m 20s"),
        ({"status": "succeeded", "ETA": 80}, "eta", ""),
        ({"status": "running", "progress": 0.999}, "progress", "99%"),
        ({"status": "succeeded", "progress": 0.2}, "progress", "100%"),
        ({"status": "running", "clients": [{"id": 1, "label": "rnd-1"}]}, "clients", "rnd-1"),
        ({"status": "runnable", "minHosts": 2}, "clients", "0 of 2"),
        ({"status": "failed", "exitCode": 3}, "note", "Exit code 3"),
        ({"status": "runnable", "waitingFor": "no client has 8 cpus"}, "note", "no client has 8 cpus"),
        ({"status": "running", "waitingFor": "left over"}, "note", ""),
        ({"status": "running", "ending": "cancelled"}, "status", "Cancelling…"),
        ({"status": "never heard of"}, "status", "never heard of"),
        ({"peakMemory": 2_000_000}, "peakMemory", "1.91 GB"),
        ({"minHosts": 2, "maxHosts": 4}, "hosts", "2–4"),
        ({"childCounts": {"succeeded": 58, "running": 38}}, "tasks", "58/96"),
        ({"resources": {"karma": 1, "nuke": 2}}, "resources", "karma 1, nuke 2"),
    ],
)
def test_cells(values: dict[str, Any], key: str, text: str) -> None:
    farm = Farm()
    farm.now = 1_795_525_199.9  # 2026-11-24 13:00 UTC, a tick before
    farm.tell(job_row(1, **values))
    assert cell_text(farm, 1, key) == text


def test_a_frame_leaves_out_what_it_has_in_common_with_its_layer() -> None:
    farm = Farm(*family_rows(1, [2, 3]))
    farm.tell(job_row(3, [1], priority=7, submittedBy="ben"))
    farm.open(1)
    assert [cell_text(farm, 2, key) for key in ("priority", "submittedBy", "queued")] == ["", "", ""]
    assert [cell_text(farm, 3, key) for key in ("priority", "submittedBy")] == ["7", "ben"]


def test_a_parent_shows_its_liveliest_child_and_fails_when_nothing_can_run() -> None:
    def shown(counts: dict[str, int]) -> str:
        return cell_text(Farm(job_row(1, status="queued", childCount=1, childCounts=counts)), 1, "status")

    assert shown({"succeeded": 4, "running": 1, "runnable": 9, "failed": 2}) == "Running"
    assert shown({"runnable": 9, "paused": 1}) == "Waiting for machine"
    assert shown({"paused": 1, "succeeded": 3}) == "Paused"
    assert shown({"failed": 3, "abandoned": 4}) == "Failed"
    assert shown({}) == "Waiting for children"
