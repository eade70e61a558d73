"""Laws of cuts."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire import cuts

stretches = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair))))


def covered(items: object) -> set[int]:
    return {at for begin, end in items for at in range(begin, end)}  # type: ignore[attr-defined]


@given(stretches)
def test_merged_says_the_same_once_and_in_order(items: list[cuts.Stretch]) -> None:
    found = cuts.merged(items)
    assert covered(found) == covered(items)
    assert cuts.length(found) == len(covered(items))
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))
    assert cuts.parsed(cuts.text_of(found)) == found


@given(stretches, st.integers(0, 70))
def test_pieces_are_the_whole_output_in_order(items: list[cuts.Stretch], size: int) -> None:
    found = list(cuts.pieces(cuts.merged(items), size))
    assert [at for begin, end, _ in found for at in range(begin, end)] == list(range(size))
    assert covered([(b, e) for b, e, is_cut in found if is_cut]) == {at for at in covered(items) if at < size}


@given(stretches, st.integers(0, 70))
def test_kept_from_is_the_next_byte_that_is_there(items: list[cuts.Stretch], offset: int) -> None:
    missing = covered(items)
    start, end = cuts.kept_from(cuts.merged(items), offset)
    assert start == next(at for at in range(offset, 200) if at not in missing)
    assert end == next((at for at in range(start, 200) if at in missing), None)


def test_a_damaged_line_is_skipped() -> None:
    assert cuts.parsed("5 5\nnonsense\n1\n30 2\n7 10") == ((5, 17), (30, 32))
