"""The frame map: what the colour of a cell says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from PySide6.QtCore import Qt

from hqgui.models.frame_map import FrameMap, MapMode, MapRow
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


def layered() -> tuple[JobStore, FrameMap]:
    """Job 1 with the layers 10 (30 frames) and 11 (2 frames), and the frame 7 of its own."""
    store = JobStore()
    store.upsert(
        [
            *family_rows(1, ()),
            job_row(10, [1], name="beauty"),
            job_row(11, [1], name="shadow"),
            job_row(7, [1], frame=5),
            *(job_row(130 - frame, [10], frame=frame) for frame in range(1, 31)),
            *(job_row(200 + frame, [11], frame=frame) for frame in (9, 8)),
        ]
    )
    frames = FrameMap(store)
    frames.show(1)
    return store, frames


def headings(frames: FrameMap) -> list[str]:
    """Of all rows: the name of the layer, or what stands before its cells."""
    vertical = Qt.Orientation.Vertical
    found = [frames.heading(row) for row in range(frames.rowCount())]
    return [frames.headerData(row, vertical) if one is None else one.heading for row, one in enumerate(found)]


def test_each_layer_stands_under_its_name_in_order_of_frame() -> None:
    _, frames = layered()
    assert headings(frames) == ["5", "beauty", "1", "25", "shadow", "8"]
    assert [len(frames.ids_at(frames.index(row, 0))) for row in range(6)] == [1, 0, 1, 1, 0, 1]
    assert frames.ids_at(frames.index(3, 5)) == (100,)
    assert frames.ids_at(frames.index(3, 6)) == ()
    assert frames.ids_at(frames.index(5, 1)) == (209,)
    for job in (7, 129, 106, 105, 100, 208, 209):
        assert frames.ids_at(frames.index_of(job)) == (job,)
    assert not frames.index_of(10).isValid()
    title = frames.index(1, 0)
    assert title.data(Qt.ItemDataRole.AccessibleTextRole) == "beauty, 30 frames"
    assert not title.flags() & Qt.ItemFlag.ItemIsSelectable


def test_headings_follow_the_farm(qtmodeltester: Any) -> None:
    store, frames = layered()
    told: list[bool] = []
    frames.headings_changed.connect(lambda: told.append(True))
    store.upsert([job_row(99, [10], frame=31)])
    frames.apply(store.take_changes())
    assert told == [True]
    assert frames.heading(1) == MapRow(1, 0, "beauty", "31 frames")
    store.remove([11, 208, 209])
    frames.apply(store.take_changes())
    assert headings(frames) == ["5", "beauty", "1", "25"]
    store.remove([7])
    frames.apply(store.take_changes())
    assert headings(frames) == ["1", "25"]
    qtmodeltester.check(frames)


def test_layers_of_a_leaf_each_have_no_headings() -> None:
    store = JobStore()
    pairs = range(10, 40, 2)
    store.upsert(
        [*family_rows(1, ()), *(job_row(one, [1]) for one in pairs), *(job_row(one + 1, [one]) for one in pairs)]
    )
    frames = FrameMap(store)
    frames.show(1)
    assert frames.rowCount() == 1
    assert frames.heading(0) is None
