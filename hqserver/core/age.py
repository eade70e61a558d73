"""The time that a farm has lived through: what jobs have to be old by before they are deleted for their age.

The clock on the wall cannot be trusted with that: set far ahead, it would make everything old at once. So age is
counted by a clock of the farm's own, which goes with the time in which a server runs and catches up with the wall at a
bounded speed: after three weeks without a server it takes most of a day, after a wrong century nothing much has
happened by the time somebody notices.
"""

from __future__ import annotations

from typing import Final

CATCH_UP: Final = 30.0
"""Seconds of age for each second in which a server runs, while the clock is behind the wall."""


def lived_until(known: float, wall: float, elapsed: float) -> float:
    """Where the clock of age is after a server has run for `elapsed` s; all in seconds. `known` 0: it was never set.

    A wall that is set back does not set it back: then the wall itself counts, being the lesser of the two.
    """
    return max(known, min(wall, known + CATCH_UP * elapsed)) if known else wall
