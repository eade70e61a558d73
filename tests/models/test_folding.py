"""Folding: which siblings share a row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.folding import Pins, Wanted, fold
from hqgui.models.roles import RowKind

NONE = Pins()


def rows(states: str, pins: Pins = NONE) -> list[Wanted]:
    """Rows for siblings 0, 1, 2 ... with states given by letters; `.` never folds."""
    words = {"r": "running", "f": "failed", "s": "succeeded", ".": ""}
    return fold(range(len(states)), lambda job: words[states[job]], pins)


def kinds(wanted: list[Wanted]) -> str:
    """`F` for a fold, `j` for a job."""
    return "".join("F" if row.kind is RowKind.FOLD else "j" for row in wanted)


def test_eight_equal_siblings_fold_and_seven_do_not() -> None:
    assert kinds(rows("r" * 8)) == "F"
    assert kinds(rows("r" * 7)) == "j" * 7


def test_three_failed_ones_fold_and_two_do_not() -> None:
    assert kinds(rows("fffsf" + "f")) == "Fjjj"


def test_a_fold_is_known_by_its_first_member() -> None:
    (row,) = rows("s" * 9)
    assert row == Wanted(RowKind.FOLD, 0, tuple(range(9)))


def test_parents_and_the_like_never_fold() -> None:
    assert kinds(rows("." * 20)) == "j" * 20


def test_a_selected_job_keeps_its_row_and_parts_the_run() -> None:
    assert kinds(rows("s" * 20, Pins(alone={9}))) == "FjF"
    assert kinds(rows("s" * 10, Pins(alone={5}))) == "j" * 10


def test_an_opened_fold_keeps_members_that_went_their_own_way() -> None:
    pins = Pins(opened=dict.fromkeys(range(8), 1))
    wanted = rows("rrrrssss" + "s" * 9, pins)
    assert wanted[0].members == tuple(range(8))
    assert kinds(wanted) == "FF"


def test_an_opened_fold_stays_one_row_when_its_members_were_parted_by_sorting() -> None:
    pins = Pins(opened={0: 1, 2: 1, 4: 1})
    assert [row.members for row in rows("srsrs", pins)] == [(0, 2, 4), (), ()]


@given(
    st.text("rfs.", max_size=60), st.sets(st.integers(0, 59)), st.dictionaries(st.integers(0, 59), st.integers(1, 3))
)
def test_every_sibling_stands_in_exactly_one_row_in_order(states: str, alone: set[int], opened: dict[int, int]) -> None:
    wanted = rows(states, Pins(alone, opened))
    flat = [job for row in wanted for job in (row.members or (row.job,))]
    assert sorted(flat) == list(range(len(states)))
    free = [job for job in flat if job not in opened]
    assert free == sorted(free)
    for row in wanted:
        if row.kind is RowKind.FOLD and row.members[0] not in opened:
            assert len(row.members) >= (3 if states[row.job] == "f" else 8)
            assert not alone.intersection(row.members)
