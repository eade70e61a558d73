"""Every attribute of a record is stored or said not to be; every kind takes back what it stored."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.core.kept import Folder, FormerClient, Group, Mail, Note, Problem, Resource, Thread
from hqserver.core.records import Attempt, Client, Job, LogEntry, Submission
from hqserver.store import kinds
from hqserver.store.kinds import Damaged, Kind
from hqserver.store.shapes import Shape
from hqserver.store.specs import SpecReader, checksum, spec_text
from hqserver.store.tables import (
    ATTEMPTS,
    CLIENTS,
    FOLDERS,
    FORMER_CLIENTS,
    GROUPS,
    JOB_BIRTH,
    JOB_LIFE,
    JOBS,
    LOG,
    MAILS,
    NOTES,
    PROBLEMS,
    RESOURCES,
    SHAPES,
    SUBMISSIONS,
    THREADS,
)
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import Hook, JobSpec

NOT_STORED: dict[type, set[str]] = {
    Job: {
        "root", "parents", "children", "unfinished_children", "failed_children", "cancelled_children", "attempt",
        "attempts", "log", "share", "totals", "ran_well_on",
    },
    Attempt: {"lease_until", "log_base", "revision"},
    Client: {"heard_monotonic", "online", "session", "cpus_used", "attempts", "helps", "rules_hold", "quick_failures",
        "proved", "reconnects", "rests", "rest_until", "resting", "silence_due", "failed_at_once",
    },
    Submission: {"complete", "revision"},
    Group: {"clients"},
    Resource: {"in_use", "jobs", "clients"},
    FormerClient: set(),
    Thread: {"notes"},
    Note: set(),
    Problem: set(),
    Folder: set(),
    Mail: set(),
}  # fmt: skip
"""Rows of other tables, what is worked out from others, what means nothing after a restart."""
IN_TABLE_ONLY: dict[type, set[str]] = {Job: {"crc"}}

numbers = st.integers() | st.floats()
texts = st.text(st.characters(), max_size=20) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("record", "shape"),
    [
        (Job, JOBS),
        (Attempt, ATTEMPTS),
        (Client, CLIENTS),
        (Submission, SUBMISSIONS),
        (Group, GROUPS),
        (Resource, RESOURCES),
        (FormerClient, FORMER_CLIENTS),
        (Thread, THREADS),
        (Note, NOTES),
        (Problem, PROBLEMS),
        (Folder, FOLDERS),
        (Mail, MAILS),
    ],
)
def test_every_attribute_is_stored_or_said_not_to_be(record: type[Any], shape: Shape) -> None:
    attributes = {field.name for field in fields(record)}
    assert set(shape.names) - IN_TABLE_ONLY.get(record, set()) == attributes - NOT_STORED[record]


def test_log_entries_are_stored_whole() -> None:
    assert LOG.names == ("job", *LogEntry._fields)


def test_an_attribute_of_a_job_is_written_once_or_with_every_change() -> None:
    assert {"id", *JOB_BIRTH, *JOB_LIFE, "crc"} == set(JOBS.names)
    assert not set(JOB_BIRTH) & set(JOB_LIFE)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_what_stands_in_for_damage_is_not_taken_for_damage(shape: Shape) -> None:
    for field in shape.fields:
        if not field.key and field.name != "spec":  # another specification stands in for that
            stored = field.kind.store(field.kind.blank) if field.kind.store else field.kind.blank
            assert field.kind.load([stored]) == [field.kind.blank]


@given(texts)
def test_any_text_can_be_stored(text: str) -> None:
    stored = kinds.clean(text)
    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert kinds.TEXT.load([stored]) == [stored]
    assert stored == text or not text.isascii() or "\0" in text


@given(numbers)
def test_any_number_can_be_stored(number: float) -> None:
    for kind in (kinds.NUMBER, kinds.SECONDS):
        assert kind.store is not None
        stored = kind.store(number)
        if kind is kinds.SECONDS or isinstance(stored, int):
            assert kind.load([stored]) == [stored]


@given(st.none() | st.integers() | st.floats() | texts | st.binary(max_size=9) | st.booleans())
def test_whatever_is_read_is_believed_or_damaged(value: Any) -> None:
    for shape in SHAPES:
        for field in shape.fields:
            with suppress(Damaged):
                assert len(field.kind.load([value])) == 1


@given(
    st.lists(st.none() | st.integers() | st.floats() | texts | st.sampled_from([0, 1, "", "[]", "failed"]), min_size=1)
)
def test_a_column_is_believed_if_each_of_its_values_is(column: list[Any]) -> None:
    for field in (field for shape in SHAPES for field in shape.fields):
        singles: list[Any] = []
        with suppress(Damaged):
            for value in column:
                singles += field.kind.load([value])
        if len(singles) == len(column):
            assert list(field.kind.load(column)) == singles
        else:
            with pytest.raises(Damaged):
                field.kind.load(column)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
specs = st.builds(
    JobSpec,
    name=texts,
    command=texts | st.dictionaries(st.sampled_from(["linux", "windows"]), texts),
    environment=st.dictionaries(texts, texts, max_size=3),
    priority=st.integers(0, 9),
    tags=st.lists(texts, max_size=2).map(tuple),
    conditions=st.lists(st.builds(Condition, texts, texts, texts), max_size=2).map(tuple),
    submitted_by=st.none() | texts,
    frame=st.none() | st.integers() | texts,
    lease=st.none() | st.floats(300, 900),
    extra=st.dictionaries(texts, plain, max_size=2),
    resources=st.dictionaries(texts, st.integers(1, 9), max_size=2),
    min_hosts=st.integers(1, 3),
    max_hosts=st.integers(3, 9),
    max_time=st.none() | st.integers(1, 9),
    no_output_timeout=st.none() | st.floats(1, 9),
    hooks=st.dictionaries(
        st.sampled_from(Hook), texts | st.dictionaries(st.sampled_from(["linux"]), texts), max_size=2
    ),
    email_to=st.lists(texts, max_size=2).map(tuple),
    email_reasons=st.lists(texts, max_size=2).map(tuple),
    stub_id=texts,
)


@given(st.lists(specs, min_size=1, max_size=3))
def test_a_specification_is_read_as_it_was_written(written: list[JobSpec]) -> None:
    reader = SpecReader()
    for spec in written:
        text = spec_text(spec)
        assert text.isascii()
        assert reader.read(text, checksum(text)) == spec


@given(specs, st.integers(0, 7), st.data())
def test_any_flipped_bit_is_noticed(spec: JobSpec, bit: int, data: st.DataObject) -> None:
    text = spec_text(spec)
    place = data.draw(st.integers(0, len(text) - 1))
    flipped = f"{text[:place]}{chr(ord(text[place]) ^ (1 << bit))}{text[place + 1 :]}"
    with pytest.raises(Damaged):
        SpecReader().read(flipped, checksum(text))


def test_equal_specifications_have_one_text() -> None:
    one = JobSpec("a", environment={"B": "2", "A": "1"})
    other = JobSpec("a", environment={"A": "1", "B": "2"})
    assert spec_text(one) == spec_text(other)


def test_only_what_is_not_as_by_default_is_written() -> None:
    assert spec_text(JobSpec("a")) == '{"name":"a"}'


def test_optional_kinds_store_and_take_none() -> None:
    kind: Kind = kinds.optional(kinds.NUMBER)
    assert kind.store is not None
    assert (kind.store(None), kind.store(3)) == (None, 3)
    assert list(kind.load([None, 3, None])) == [None, 3, None]
