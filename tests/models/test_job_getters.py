"""The window's columns and the server's jobs pass the same filters."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any

import pytest

from hqgui.models.job_getters import getters
from hqgui.models.job_store import FED, JobStore
from hqserver.core import filtering
from hqserver.core.commands import AddNote
from hqserver.core.reading import JOB
from hqserver.wire.encoder import wire_date
from hqserver.wire.filter_fields import FIELDS, GETTERS, FieldType
from hqserver.wire.filter_match import Clock, passes, select
from hqserver.wire.filter_text import FilterError, parse
from hqserver.wire.statuses import JobStatus
from tests.core.random_farm import RandomFarm

UNKNOWN_TO_WINDOWS = {"command", "why"}


def as_date(value: object) -> str:
    assert isinstance(value, datetime)
    return wire_date(value)


def followed(farm: RandomFarm) -> JobStore:
    """A store that was told of all jobs, as the change feed tells."""
    rows = [{name: JOB[name](farm.farm, job) for name in FED} for job in farm.farm.jobs.values()]
    store = JobStore()
    store.upsert(json.loads(json.dumps(rows, default=as_date)))
    return store


def filters(farm: RandomFarm) -> list[str]:
    """Every field, compared with values that jobs of this farm have."""
    found = [field.example for field in FIELDS if field.name not in UNKNOWN_TO_WINDOWS]
    answers = filtering.getters(farm.farm, Clock(farm.now.wall))
    chance = random.Random(1)
    for field in FIELDS:
        if field.type in (FieldType.FLAG, FieldType.CHOICE):
            found += [f"{field.name}:{word}" for word, _ in field.choices]
        elif field.name not in UNKNOWN_TO_WINDOWS and field.type in (FieldType.TEXT, FieldType.TEXTS):
            values = {text for job in farm.farm.jobs.values() for text in _texts(answers[field.name](job))}
            found += [f'{field.name}{operator}"{text}"' for text in values for operator in (":", "=", "!=")]
        elif field.type is FieldType.NUMBER:
            values = {answers[field.name](job) for job in farm.farm.jobs.values()} - {None}
            for value in chance.sample(sorted(values), min(5, len(values))):
                found += [f"{field.name}{operator}{value}" for operator in field.operators]
    return [
        *found,
        "1",
        "#2",
        "par",
        "age>1s",
        "age<10s",
        "elapsed>1s",
        "progress>0",
        "ended<1h",
        "started:1h",
        "eta<1w",
    ]


def _texts(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_filter_finds_the_same_jobs_in_a_window_and_on_the_server(seed: int) -> None:
    farm = RandomFarm(seed)
    for _ in range(150):
        farm.event()
    noted = farm.chance.choice(sorted(farm.farm.jobs))
    farm.apply(AddNote("a note", None, noted, None, "ana"))
    store = followed(farm)
    clock = Clock(float(int(farm.now.wall)))
    here, there = getters(store, clock), filtering.getters(farm.farm, clock)
    assert GETTERS - set(here) == UNKNOWN_TO_WINDOWS
    assert len({job.status for job in farm.farm.jobs.values()} & {JobStatus.SUCCEEDED, JobStatus.RUNNABLE}) == 2
    hits = 0
    for text in filters(farm):
        node = parse(text)
        expected = [job.id for job in select(node, there, clock, list(farm.farm.jobs.values()))]
        rows = select(node, here, clock, list(store.row_of.values()))
        assert [store.ids[row] for row in rows] == expected, text
        one = passes(node, here, clock)
        assert [store.ids[row] for row in store.row_of.values() if one(row)] == expected, text
        hits += bool(expected)
    assert hits > 30


def test_what_a_window_does_not_know_is_said() -> None:
    with pytest.raises(FilterError, match=r"at character 5: why is not known here\. Ask for it by queryJobs"):
        passes(parse("why:licence"), getters(JobStore(), Clock(0.0)), Clock(0.0))
