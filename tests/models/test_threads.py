"""The list of note threads, and the index that it reads: what changes leave behind equals what is built anew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from hqgui.models.farm import FarmData
from hqgui.models.read_marks import ReadMarks
from hqgui.models.roles import Role
from hqgui.models.thread_index import Flag, NoteChip, ThreadIndex, full_title
from hqgui.models.thread_store import Thread, who
from hqgui.models.threads import CHUNK, Order, ThreadFilter, ThreadList, short_when
from tests.models.farm_rows import job_row
from tests.models.note_rows import thread_row


class Desk:
    """A farm with its index and a list."""

    def __init__(self, users: frozenset[str] = frozenset({"anna"})) -> None:
        self.farm = FarmData()
        self.marks = ReadMarks(0)
        self.watched: dict[int, bool] = {}
        self.index = ThreadIndex(self.farm, self.marks, lambda thread: self.watched.get(thread.id), "ws-anna")
        self.index.users = users
        self.list = ThreadList(self.farm, self.index, lambda: 1_800_000_000.0)

    def flush(self) -> None:
        changes = self.farm.take_changes()
        touched = self.index.touched(changes)
        self.index.apply(touched, changes.threads.removed)
        self.list.apply(touched, changes.threads.removed)

    def take(self, *rows: dict[str, Any]) -> None:
        self.farm.upsert("threads", rows)
        self.flush()

    @property
    def ids(self) -> list[int]:
        return list(self.list.ids)


def date(minute: int) -> str:
    return f"20261124T{10 + minute // 60:02d}:{minute % 60:02d}:00"


def test_what_the_user_wrote_elsewhere_is_mine_until_somebody_answers() -> None:
    desk = Desk()
    desk.index.user = "anna"
    desk.farm.upsert("jobs", [job_row(7, submittedBy="bo")])
    desk.take(thread_row(1, jobId=7, latestAuthor="anna"), thread_row(2, latestAuthor="anonymous@127.0.0.1"))
    assert desk.index.counts(automatic=True)[NoteChip.MINE] == 1
    assert desk.index.text(1).splitlines()[1] == "anna"
    desk.watched[1] = False
    desk.take(thread_row(1, jobId=7, latestAuthor="anna"))
    assert desk.index.counts(automatic=True)[NoteChip.MINE] == 0


def test_the_latest_come_first_and_one_moves_up_when_somebody_writes() -> None:
    desk = Desk()
    desk.take(*(thread_row(n, lastDate=date(n)) for n in range(1, 6)))
    assert desk.ids == [5, 4, 3, 2, 1]
    kept = QPersistentModelIndex(desk.list.index_of(2))
    desk.take(thread_row(2, lastDate=date(50)))
    assert desk.ids == [2, 5, 4, 3, 1]
    assert (kept.row(), kept.data(Role.ID)) == (0, 2)
    desk.farm.remove("threads", [5, 99])
    desk.flush()
    assert desk.ids == [2, 4, 3, 1]


@pytest.mark.parametrize(
    ("order", "expected"),
    [(Order.LATEST, [3, 2, 1]), (Order.OLDEST, [1, 2, 3]), (Order.NAME, [2, 3, 1]), (Order.LONGEST, [1, 3, 2])],
)
def test_orders(order: Order, expected: list[int]) -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7, name="a"), job_row(8, name="B")])
    desk.take(
        thread_row(1, lastDate=date(1), count=9),
        thread_row(2, lastDate=date(2), count=1, jobId=7),
        thread_row(3, lastDate=date(3), count=4, jobId=8),
    )
    desk.list.set_order(order)
    assert desk.ids == expected


def test_chips_count_and_choose() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7, submittedBy="anna"), job_row(8, submittedBy="bert")])
    desk.farm.upsert("clients", [{"id": 3, "hostname": "WS-Anna", "label": "ws-anna"}])
    desk.marks.read(11, 11)
    desk.take(
        thread_row(11, jobId=7),
        thread_row(12, jobId=8),
        thread_row(13, clientId=3),
        thread_row(14),
        thread_row(15, jobId=99, writtenId=0, latestAuthor=""),
    )
    counts = desk.index.counts(automatic=False)
    assert counts == {
        NoteChip.ALL: 4,
        NoteChip.UNREAD: 3,
        NoteChip.JOBS: 2,
        NoteChip.CLIENTS: 1,
        NoteChip.MINE: 2,
    }
    assert desk.index.counts(automatic=True)[NoteChip.JOBS] == 3
    assert desk.index.automatic_alone() == 1
    for chip, expected in (
        (NoteChip.ALL, {11, 12, 13, 14}),
        (NoteChip.UNREAD, {12, 13, 14}),
        (NoteChip.JOBS, {11, 12}),
        (NoteChip.CLIENTS, {13}),
        (NoteChip.MINE, {11, 13}),
    ):
        desk.list.set_filter(ThreadFilter(chip))
        assert set(desk.ids) == expected
    desk.list.set_filter(ThreadFilter(automatic=True))
    assert set(desk.ids) == {11, 12, 13, 14, 15}


def test_who_asked_to_be_told_of_a_thread_has_it_among_theirs_and_who_did_not_want_to_does_not() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7, submittedBy="anna")])
    desk.watched = {1: False, 2: True}
    desk.take(thread_row(1, jobId=7), thread_row(2))
    assert not desk.index.flags(1) & Flag.MINE
    assert desk.index.flags(2) & Flag.MINE


def test_words_are_found_in_titles_texts_and_authors_and_where_the_server_found_them() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7, name="beauty_key")])
    desk.take(
        thread_row(1, jobId=7, latestNote="Out of MEMORY"),
        thread_row(2, latestNote="swapped", latestAuthor="mbrandt"),
        thread_row(3, latestNote="memory", writtenId=0, latestAuthor=""),
    )
    for words, expected in (("beauty memory", [1]), ("MBRANDT", [2]), ("memory", [1, 3]), ("nothing", [])):
        desk.list.set_filter(ThreadFilter(words=words))
        assert desk.ids == expected
    desk.list.set_filter(ThreadFilter(words="nothing", found=frozenset({2})))
    assert desk.ids == [2]


def test_handled_threads_are_not_counted_where_they_are_not_listed() -> None:
    desk = Desk()
    desk.take(thread_row(1, handled=True), thread_row(2))
    assert desk.index.counts(automatic=False)[NoteChip.ALL] == 2
    assert desk.index.counts(automatic=False, handled=False)[NoteChip.ALL] == 1


def test_a_thread_about_nothing_is_called_by_how_it_begins() -> None:
    desk = Desk()
    desk.take(thread_row(1, latestNote="> power off in rack 3\non Friday, all day long, please drain it"))
    desk.take(thread_row(2, count=2, latestNote="thanks"))
    name = "power off in rack 3 on Friday, all day…"
    assert [desk.list.cell(desk.list.index_of(id_)).title for id_ in (1, 2)] == [name, "Free note 2"]
    desk.take(thread_row(1, count=2, latestNote="done"))
    desk.farm.threads.begin(2, "who has the key?")
    assert [desk.list.cell(desk.list.index_of(id_)).title for id_ in (1, 2)] == [name, "who has the key?"]
    desk.take(thread_row(1, count=1, latestNote="done"))
    assert desk.list.cell(desk.list.index_of(1)).title == "done"


def test_the_open_thread_stays_though_it_was_read() -> None:
    desk = Desk()
    desk.take(thread_row(1), thread_row(2))
    desk.list.set_filter(ThreadFilter(NoteChip.UNREAD))
    desk.list.set_open(1)
    desk.marks.read(1, 1)
    desk.index.apply([1], [])
    desk.list.apply([1], [])
    assert set(desk.ids) == {1, 2}
    desk.list.set_open(2)
    assert desk.ids == [2]


def test_nothing_moves_while_rows_are_held() -> None:
    desk = Desk()
    desk.take(*(thread_row(n, lastDate=date(n)) for n in range(1, 4)))
    desk.list.hold(held=True)
    desk.take(thread_row(1, lastDate=date(9)), thread_row(9, lastDate=date(8)))
    desk.farm.remove("threads", [2])
    desk.flush()
    assert desk.ids == [3, 2, 1]
    assert desk.list.data(desk.list.index_of(2)) is None
    desk.list.hold(held=False)
    assert desk.ids == [1, 9, 3]


def test_what_a_row_says_follows_its_job() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7, name="beauty", status="running")])
    desk.take(thread_row(1, jobId=7, latestNote="two\nlines\u202e"))
    told: list[int] = []
    desk.list.dataChanged.connect(lambda first, _: told.append(first.row()))
    desk.farm.upsert("jobs", [{"id": 7, "status": "failed"}])
    desk.flush()
    cell = desk.list.index(0, 0).data(Role.CELL)
    assert (cell.title, cell.glyph, cell.text, cell.author) == ("beauty", "failed", "two lines⟨202E⟩", "dkim")
    assert told == [0]
    assert cell.unread


def test_a_long_list_is_shown_in_parts() -> None:
    desk = Desk()
    desk.take(*(thread_row(n, lastDate=date(n % 60)) for n in range(1, 3 * CHUNK)))
    assert desk.list.rowCount() == CHUNK
    assert desk.list.total == 3 * CHUNK - 1
    assert desk.list.canFetchMore(QModelIndex())
    desk.list.fetchMore(QModelIndex())
    assert desk.list.rowCount() == 2 * CHUNK
    last = desk.list._sorted.ids[-1]
    assert desk.list.reveal(last)
    assert desk.list.index_of(last).isValid()
    assert not desk.list.reveal(10**6)


_IDS = st.integers(1, 12)
_STEP = st.one_of(
    st.tuples(
        st.just("row"),
        _IDS,
        st.fixed_dictionaries(
            {
                "lastDate": st.integers(0, 40).map(date),
                "jobId": st.one_of(st.none(), st.integers(100, 103)),
                "writtenId": st.integers(0, 9),
                "handled": st.booleans(),
                "count": st.integers(1, 4),
                "latestNote": st.sampled_from(["memory", "disk", "memory of a disk"]),
            }
        ),
    ),
    st.tuples(st.just("gone"), _IDS, st.none()),
    st.tuples(st.just("read"), _IDS, st.integers(0, 9)),
    st.tuples(st.just("unread"), _IDS, st.none()),
    st.tuples(st.just("job"), st.integers(100, 103), st.sampled_from(["anna", "bert"])),
    st.tuples(st.just("hold"), st.booleans(), st.none()),
    st.tuples(st.just("flush"), st.none(), st.none()),
)
_FILTER = st.builds(
    ThreadFilter,
    st.sampled_from(NoteChip),
    st.sampled_from(["", "memory", "disk mem", "bert"]),
    st.booleans(),
    st.booleans(),
    st.frozensets(_IDS, max_size=2),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps=st.lists(_STEP, max_size=40), wanted=_FILTER, order=st.sampled_from(Order))
def test_a_list_after_any_changes_equals_the_list_built_anew(
    steps: list[tuple[str, Any, Any]], wanted: ThreadFilter, order: Order
) -> None:
    desk = Desk()
    QAbstractItemModelTester(desk.list, QAbstractItemModelTester.FailureReportingMode.Fatal)
    desk.list.set_filter(wanted)
    desk.list.set_order(order)
    for what, one, value in steps:
        if what == "row":
            desk.farm.upsert("threads", [thread_row(one, **value)])
        elif what == "gone":
            desk.farm.remove("threads", [one])
        elif what == "job":
            desk.farm.upsert("jobs", [job_row(one, submittedBy=value)])
        elif what == "hold":
            desk.list.hold(held=one)
        elif what == "flush":
            desk.flush()
        elif what == "read":
            desk.marks.read(one, value)
            _mark(desk, one)
        elif (thread := desk.farm.threads.get(one)) is not None:
            desk.marks.unread(thread)
            _mark(desk, one)
    desk.list.hold(held=False)
    desk.flush()
    anew = Desk()
    anew.farm, anew.marks = desk.farm, desk.marks
    anew.index = ThreadIndex(desk.farm, desk.marks, lambda thread: None)
    anew.index.users = frozenset({"anna"})
    anew.index.apply(list(desk.farm.threads.rows), [])
    anew.list = ThreadList(desk.farm, anew.index)
    anew.list.set_order(order)
    anew.list.set_filter(ThreadFilter(NoteChip.CLIENTS))
    anew.list.set_filter(wanted)
    anew.list._begin()
    assert desk.ids == anew.ids
    assert [desk.list.cell(desk.list.index(row, 0)).title for row in range(len(desk.ids))] == [
        anew.list.cell(anew.list.index(row, 0)).title for row in range(len(desk.ids))
    ]
    for automatic in (False, True):
        assert desk.index.counts(automatic) == anew.index.counts(automatic)
    assert sorted(desk.index.unread()) == sorted(anew.index.unread())


def _mark(desk: Desk, thread: int) -> None:
    if thread in desk.farm.threads:
        desk.index.apply([thread], [])
        desk.list.apply([thread], [])


@given(
    written=st.dictionaries(st.integers(1, 30), st.integers(0, 60), max_size=20),
    steps=st.lists(st.tuples(st.sampled_from(["read", "unread"]), st.integers(1, 30), st.integers(0, 60)), max_size=30),
    floor=st.integers(0, 40),
)
def test_fewer_marks_say_the_same(written: dict[int, int], steps: list[tuple[str, int, int]], floor: int) -> None:
    threads = {id_: Thread(id_, written=note) for id_, note in written.items()}
    marks = ReadMarks(floor)
    for what, id_, note in steps:
        if what == "read":
            marks.read(id_, note)
        elif id_ in threads:
            marks.unread(threads[id_])
    before = {id_: (marks.is_unread(one), marks.up_to(id_)) for id_, one in threads.items()}
    marks.settle(threads.values(), beyond=0)
    again = ReadMarks.from_text(marks.to_text())
    assert again.floor == marks.floor
    for id_, one in threads.items():
        unread, up_to = before[id_]
        assert again.is_unread(one) is unread
        assert not unread or again.up_to(id_) == up_to


def test_a_farm_that_is_seen_first_counts_as_read_and_one_that_begins_anew_too() -> None:
    marks = ReadMarks()
    thread = Thread(1, written=50)
    assert not marks.is_unread(thread)
    assert marks.begin(60)
    assert not marks.is_unread(thread)
    assert marks.is_unread(Thread(2, written=61))
    assert not marks.begin(61)
    assert marks.is_unread(Thread(2, written=61))
    assert marks.begin(3)  # another database at the same address
    assert marks.is_unread(Thread(2, written=4))
    assert ReadMarks.from_text("broken 3:x").floor is None


def test_marking_unread_and_all_read() -> None:
    marks = ReadMarks(10)
    thread = Thread(1, written=8)
    assert marks.unread(thread)
    assert marks.is_unread(thread)
    assert not marks.unread(thread)
    assert not marks.unread(Thread(2))  # nobody wrote in it
    marks.read_all(12)
    assert not marks.is_unread(thread)
    assert not marks.is_unread(Thread(3, written=12))


def test_times_in_a_list() -> None:
    now = 1_800_000_000  # a Friday
    assert ":" in short_when(now - 60, now)
    assert short_when(now - 86_400, now) == "Yesterday"
    assert " " not in short_when(now - 3 * 86_400, now)
    assert short_when(now - 10 * 86_400, now).count(" ") == 1
    assert short_when(0, now) == ""
    assert who("anonymous@10.0.0.7") == "10.0.0.7"


class CountingIndex(ThreadIndex):
    """Knows how often it was asked."""

    asked = 0

    def flags(self, thread: int) -> int:
        """What is true of a thread."""
        self.asked += 1
        return super().flags(thread)


def test_a_note_among_ten_thousand_threads_looks_at_one_of_them() -> None:
    desk = Desk()
    desk.index = index = CountingIndex(desk.farm, desk.marks, lambda thread: None)
    desk.list = ThreadList(desk.farm, index)
    desk.take(*(thread_row(n, lastDate=date(n % 600)) for n in range(1, 10_001)))
    index.asked = 0
    desk.take(thread_row(500, lastDate="20261125T11:00:00"))
    assert desk.ids[0] == 500
    assert index.asked == 1


def test_a_draft_is_seen_in_the_list_once_its_thread_is_left() -> None:
    desk = Desk()
    desk.list = ThreadList(desk.farm, desk.index, draft_of=lambda thread: "to be\nsent" if thread.id == 1 else "")
    desk.take(thread_row(1), thread_row(2))

    def drafts() -> list[str]:
        return [desk.list.cell(desk.list.index_of(thread)).draft for thread in (1, 2)]

    told: list[int] = []
    desk.list.dataChanged.connect(lambda top, _bottom: told.append(top.data(Role.ID)))
    assert drafts() == ["to be sent", ""]
    desk.list.set_open(1)
    assert drafts() == ["", ""]
    desk.list.set_open(2)
    assert drafts() == ["to be sent", ""]
    assert told == [1, *sorted((1, 2), key=lambda thread: desk.list.index_of(thread).row())]


def test_a_frames_thread_says_its_tree_and_is_found_by_it() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7, name="sim"), job_row(8, name="wedge", parents=[7])])
    desk.farm.upsert("jobs", [job_row(9, name="1013", parents=[8])])
    desk.take(thread_row(1, jobId=9), thread_row(2, jobId=7))
    frame, root = (desk.farm.threads.get(thread) for thread in (1, 2))
    assert frame is not None
    assert root is not None
    cell = desk.list.cell(desk.list.index_of(1))
    assert (cell.title, cell.within) == ("1013", "sim")
    assert desk.list.cell(desk.list.index_of(2)).within == ""
    assert (full_title(desk.farm, frame), full_title(desk.farm, root)) == ("wedge 1013", "sim")
    desk.list.set_filter(ThreadFilter(words="sim 1013"))
    assert desk.ids == [1]
