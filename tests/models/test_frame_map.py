"""The frame map: what the colour of a cell says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from hqgui.models.frame_map import FrameMap, MapMode
from hqgui.models.job_store import JobStore
from tests.models.farm_rows import family_rows, job_row

GB = 1 << 20


def frame_map(children: Iterable[dict[str, Any]], mode: MapMode, store: JobStore | None = None) -> FrameMap:
    """The map of job 1, which has these children."""
    store = JobStore() if store is None else store
    store.upsert([*family_rows(1, ()), *children])
    made = FrameMap(store)
    made.show(1)
    made.set_mode(mode)
    return made


def ended(job: int, seconds: float, memory: int) -> dict[str, Any]:
    """A frame that ran so long and held so much."""
    return job_row(job, [1], "succeeded", frame=job, runtime=seconds, peakMemory=memory, attempt=1)


def shades(frames: FrameMap, number: int) -> list[float]:
    """Of the first cells."""
    cells = [frames.cell(frames.index(0, column)) for column in range(number)]
    return [cell.shade for cell in cells if cell is not None]


FRAMES = (ended(2, 10.0, 30 * GB), ended(3, 30.0, 10 * GB), ended(4, 20.0, 20 * GB), job_row(5, [1], frame=5))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (MapMode.STATE, [-1.0, -1.0, -1.0, -1.0]),
        (MapMode.TIME, [0.0, 1.0, 0.5, -1.0]),
        (MapMode.MEMORY, [1.0, 0.0, 0.5, -1.0]),
    ],
)
def test_cells_are_shaded_by_what_is_asked_for(mode: MapMode, expected: list[float]) -> None:
    assert shades(frame_map(FRAMES, mode), 4) == expected


def test_the_words_under_the_map_name_the_memory_where_the_colour_means_it() -> None:
    frames = frame_map(FRAMES, MapMode.MEMORY)
    assert frames.readout(frames.index(0, 0)).text == "Succeeded for 10s, with 30 GB at most"
    assert frames.readout(frames.index(0, 3)).text == "Waiting for machine"
    frames.set_mode(MapMode.TIME)
    assert frames.readout(frames.index(0, 0)).text == "Succeeded for 10s"


def test_shades_follow_what_the_farm_reports() -> None:
    store = JobStore()
    frames = frame_map(FRAMES, MapMode.MEMORY, store)
    store.upsert([ended(2, 10.0, 50 * GB)])
    frames.apply(store.take_changes())
    assert shades(frames, 3) == [1.0, 0.0, 0.25]
