"""How old things are is counted by the time in which a server runs, not by whatever the clock on the wall says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hqserver.core.age import CATCH_UP, lived_until

walls = st.floats(1.0, 1e10)


@given(known=walls, wall=walls, elapsed=st.floats(0.0, 1e6))
def test_it_goes_on_no_faster_than_it_may_and_never_beyond_the_wall(known: float, wall: float, elapsed: float) -> None:
    found = lived_until(known, wall, elapsed)
    assert known <= found <= max(known, wall)
    assert found - known <= CATCH_UP * elapsed * (1 + 1e-9) + 1e-4


def test_with_a_clock_that_is_right_it_is_the_clock() -> None:
    at = lived_until(0.0, 1000.0, 0.0)
    for second in range(1, 100):
        at = lived_until(at, 1000.0 + second, 1.0)
        assert at == 1000.0 + second
