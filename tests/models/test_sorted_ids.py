"""A list that is kept sorted equals one that is sorted anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.sorted_ids import SortedIds

values = st.dictionaries(st.integers(0, 200), st.integers(0, 5), max_size=200)


@given(values, values, st.sets(st.integers(0, 200)), st.booleans())
def test_an_updated_list_is_sorted(before: dict[int, int], change: dict[int, int], drop: set[int], down: bool) -> None:
    ids = SortedIds(before, before.__getitem__, down)
    after = before | change
    ids.update(after.__getitem__, change.keys() - drop, drop, change)
    left = {job: key for job, key in after.items() if job not in drop}
    assert ids.ids == SortedIds(left, left.__getitem__, down).ids
    assert [ids.place(job) for job in ids.ids] == list(range(len(left)))


def test_ties_stand_by_id_in_both_directions() -> None:
    for down in (False, True):
        assert SortedIds([3, 1, 2], lambda job: 0, down).ids == [1, 2, 3]
