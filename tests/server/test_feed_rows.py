"""Rows of the change feed as text: what getters answer, whatever is in it, and anew when anything changes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from hqserver.api.feed_rows import FeedRows, encode
from hqserver.core import reading
from hqserver.core.commands import SetAttribs
from hqserver.core.farm import Farm
from hqserver.wire import jobs
from hqserver.wire.attributes import feed_names
from hqserver.wire.jobs import JobSpec
from tests.core.random_farm import RandomFarm
from tests.core.world import World


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('a"b\\c/d', '"a\\"b\\\\c/d"'),
        ("\x00\x1b\x08\x0c\x7f", '"\u2400\u241b\u2408\u240c\x7f"'),
        ("\\u0000 and \\b stay", '"\\\\u0000 and \\\\b stay"'),
        ("line\nbreak\ttab\rreturn", '"line\\nbreak\\ttab\\rreturn"'),
        ("渲染 🎬", '"渲染 🎬"'),
        ("half \ud800 of a pair", '"half \ud800 of a pair"'),
        (2**70, str(2**70)),
        (datetime(2026, 3, 4, 5, 6, 7), '"20260304T05:06:07"'),
        ({"a": [1, 0.5, None, True]}, '{"a":[1,0.5,null,true]}'),
    ],
)
def test_what_is_encoded(value: object, text: str) -> None:
    assert encode(value) == text


def test_what_cannot_be_carried_is_said() -> None:
    with pytest.raises(TypeError, match="complex"):
        encode({"a": 1j})


def row(rows: FeedRows, farm: Farm, job: int) -> dict[str, Any]:
    """The job's row, which says what its readers say."""
    ((text,), gone) = rows.of(farm, "jobs", [job])
    assert gone == []
    found: dict[str, Any] = json.loads(text)
    read = {name: reading.JOB[name](farm, farm.jobs[job]) for name in feed_names(jobs.ATTRIBUTES)}
    assert found == json.loads(encode(read))
    return found


def test_rows_say_what_is_read_whatever_happened() -> None:
    world, rows = RandomFarm(7), FeedRows()
    seen = set()
    for _ in range(150):
        world.event()
        for job in world.farm.jobs.values():
            row(rows, world.farm, job.id)
            seen.add((bool(job.attempts), bool(job.children)))
    assert seen >= {(True, False), (False, True), (False, False)}


def test_another_specification_makes_another_row() -> None:
    world, rows = World(), FeedRows()
    (job,) = world.submit(JobSpec("first", "x", description="old"))
    names = list(row(rows, world.farm, job))
    assert len(names) == len(set(names))
    world.apply(SetAttribs((job,), {"description": "new"}))
    assert row(rows, world.farm, job)["description"] == "new"
    client = world.hello("a")
    world.beat(client)
    assert row(rows, world.farm, job)["status"] == "running"
    world.end(job)
    assert row(rows, world.farm, job)["status"] == "succeeded"
    assert rows.of(world.farm, "jobs", [job, 99]) == (rows.of(world.farm, "jobs", [job])[0], [99])
