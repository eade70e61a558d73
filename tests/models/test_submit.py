"""Submit without its widgets: ranges of frames, the specification that a form makes, JSON with its places, presets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.submit import presets
from hqgui.models.submit.checking import LARGE, ROOT, check_text
from hqgui.models.submit.form import Form, RunOn, form_of, in_command, job_count, mistakes, specification
from hqgui.models.submit.places import BadGrammar, read
from hqgui.models.submit.ranges import BadRange, Chunk, chunks, read_frames, written
from hqgui.models.submit.resubmit import specification as resubmitted
from hqserver.wire.spec_check import check


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("", ()),
        ("7", (7,)),
        ("1-5", (1, 2, 3, 4, 5)),
        ("1-10x3", (1, 4, 7, 10)),
        ("1-10:3", (1, 4, 7, 10)),
        ("1,5,9-11", (1, 5, 9, 10, 11)),
        ("1 5 9", (1, 5, 9)),
        ("1; 2", (1, 2)),
        ("-3--1", (-3, -2, -1)),
        ("-2-2", (-2, -1, 0, 1, 2)),
        ("5-1", (5, 4, 3, 2, 1)),
        ("5-1x2", (5, 3, 1)),
        ("1-3,2-4", (1, 2, 3, 4)),
        (" 1 - 3 ", (1, 2, 3)),
        ("1-3,", (1, 2, 3)),
    ],
)
def test_ranges(text: str, frames: tuple[int, ...]) -> None:
    assert read_frames(text) == frames


@pytest.mark.parametrize(
    "text", ["a", "1-", "-", "1-5x0", "1-5x-2", "1--", "1.5", "1-2-3", "1x2", "99999999", "1-200000", "٣"]
)
def test_what_is_no_range_is_said(text: str) -> None:
    with pytest.raises(BadRange) as caught:
        read_frames(text)
    assert str(caught.value)


@given(st.lists(st.integers(-500, 500), unique=True, max_size=60))
def test_frames_that_are_written_are_read_again(frames: list[int]) -> None:
    assert read_frames(written(frames)) == tuple(frames)


@given(st.lists(st.integers(-500, 500), unique=True, max_size=40), st.integers(1, 9))
def test_chunks_hold_every_frame_once(frames: list[int], size: int) -> None:
    assert sum(chunk.count for chunk in chunks(frames, size)) == len(frames)


def test_placeholders() -> None:
    chunk = Chunk(7, 15, 5, 2)
    command = "r $FRAME ${FRAME}x $FRAME4 $FRAME_END/$FRAME_COUNT/$FRAME_STEP $FRAMERATE $FRAME_ENDED $HQROOT"
    assert in_command(command, chunk) == "r 7 7x 0007 15/5/2 $FRAMERATE $FRAME_ENDED $HQROOT"
    assert in_command("$FRAME4", Chunk(-7, -7, 1, 1)) == "-0007"


def checked(spec: Any) -> int:
    """How many jobs the server would take; raises what it would refuse."""
    work = check(json.loads(json.dumps(spec)))
    while True:
        try:
            next(work)
        except StopIteration as done:
            return int(done.value.jobs)


FULL = Form(
    name="shot",
    command="husk -f $FRAME x.usd",
    frames="1001-1004",
    shell="bash",
    priority=8,
    run_on=RunOn.GROUPS,
    names=("lookdev", "highmem"),
    resources={"karma": 1},
    tags=("karma", "aov"),
    tries=2,
    cpus=4,
    max_time=90,
    environment={"A": "1"},
    description="words",
    extra={"emailTo": "a@b.c"},
)


def test_a_form_makes_what_the_server_takes() -> None:
    spec = specification(FULL)
    assert spec["children"][0] == {
        "name": "1001",
        "command": "husk -f 1001 x.usd",
        "frame": 1001,
        "shell": "bash",
        "cpus": 4,
        "environment": {"A": "1"},
        "resources": {"karma": 1},
        "tags": ["karma", "aov"],
        "triesLeft": 2,
        "maxTime": 5400,
        "priority": 8,
    }
    assert spec["conditions"] == [{"type": "client", "name": "group", "op": "in", "value": "lookdev,highmem"}]
    assert "command" not in spec
    assert checked(spec) == job_count(FULL) == 5
    alone = specification(Form(name="a", command="hostname"))
    assert alone == {"name": "a", "command": "hostname"}


def test_a_specification_goes_back_into_the_form() -> None:
    assert form_of(specification(FULL)) == FULL
    assert form_of({"name": "a", "command": "x"}) == Form(name="a", command="x")
    odd = {
        "name": "a",
        "children": [{"name": "b", "command": "x"}],
        "conditions": [{"name": "os", "op": "==", "value": "linux"}],
    }
    form = form_of(odd)
    assert form.run_on is RunOn.OTHER
    assert specification(form) == odd


@given(
    st.builds(
        Form,
        name=st.text("ab ", min_size=1).filter(str.strip),
        command=st.sampled_from(["x $FRAME", "y $FRAME.exr"]),
        frames=st.sampled_from(["", "1-5", "-3-3x2", "9,1,4"]),
        priority=st.integers(0, 9),
        cpus=st.integers(1, 4),
        tries=st.integers(0, 3),
        shell=st.sampled_from(["", "bash"]),
    )
)
def test_forms_and_specifications_agree(form: Form) -> None:
    spec = specification(form)
    assert checked(spec) == job_count(form)
    assert specification(form_of(spec)) == spec


def test_mistakes_of_a_form_name_their_fields() -> None:
    assert [item.field for item in mistakes(Form())] == ["name", "command"]
    assert [item.field for item in mistakes(Form(name="a", command="x", frames="1-5"))] == ["command"]
    assert [item.field for item in mistakes(Form(name="a", command="x", frames="1-"))] == ["frames"]
    assert [item.field for item in mistakes(Form(name="a", command="x", run_on=RunOn.GROUPS))] == ["run_on"]
    assert mistakes(FULL) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('abc"\\ ', max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.sampled_from([None, 0, 2]))
def test_every_value_is_found_at_its_place(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    read_value, places = read(text, "root")
    assert read_value == value
    seen = 0

    def walk(item: Any, path: str) -> None:
        nonlocal seen
        seen += 1
        place = places[path]
        assert json.loads(text[place.start : place.end]) == item
        if isinstance(item, list):
            for number, inner in enumerate(item):
                walk(inner, f"{path}[{number}]")
        if isinstance(item, dict):
            for name, inner in item.items():
                walk(inner, f"{path}.{name}")
                inside = places[f"{path}.{name}"]
                assert json.loads(text[inside.name_start : inside.name_end]) == name

    if not isinstance(value, dict) or "" not in value:
        walk(value, "root")
        assert seen <= len(places) + sum(name == "" for name in places)


def test_deep_nesting_costs_no_stack() -> None:
    text = '{"name": "a", "children": [' * 200 + '{"name": "b"}' + "]}" * 200
    _, places = read(text, ROOT)
    assert len(places) > 400


GOOD = """{
  "name": "shot_010_lighting v024",
  "shell": "bash",
  "priority": "high",
  "tags": ["karma", "aov"],
  "children": [
    {"name": "1001", "command": "husk -f 1001"},
    {"command": 5}
  ]
}"""


def test_a_mistake_has_its_line_reason_and_fix() -> None:
    told = check_text(GOOD, {"priority": 8})
    first, second, third = told.findings
    assert (first.line, first.text, first.detail) == (4, "priority must be a whole number", "Found 'high'.")
    assert first.fix is not None
    assert first.fix.words == "Set to 8"
    mended = GOOD[: first.fix.start] + first.fix.text + GOOD[first.fix.end :]
    assert json.loads(mended)["priority"] == 8
    assert {second.line, third.line} == {8}
    assert told.mistakes == 3
    named = next(item for item in told.findings if item.fix is not None and item.fix.words == "Add a name")
    assert named.fix is not None
    assert json.loads(GOOD[: named.fix.start] + named.fix.text + GOOD[named.fix.end :])


def test_unknown_keys_are_told_and_renamed() -> None:
    text = '{"name": "a", "command": "x", "prioritty": 3}'
    (found,) = check_text(text).findings
    assert found.warns
    assert check_text(text).mistakes == 0
    assert found.fix is not None
    assert text[: found.fix.start] + found.fix.text + text[found.fix.end :] == text.replace("prioritty", "priority")
    [found] = check_text(text[:-1] + ', "priority": 4}').findings
    assert found.fix is None, "a key that is there already would be there twice"


@pytest.mark.parametrize(
    ("text", "words", "mended"),
    [
        ('{"name": "a",}', "The last comma is one too many", '{"name": "a"}'),
        ('{"name": "a" "command": "x"}', "A comma is missing", '{"name": "a", "command": "x"}'),
        ('{"name": ', "A value is missing", None),
        ('{"name": "a"', "} is missing at the end", '{"name": "a"}'),
        ('[{"name": "}", "tags": ["a" \n', "]}] is missing at the end", '[{"name": "}", "tags": ["a"]}] \n'),
        ('"x', "A text has no end", None),
    ],
)
def test_bad_grammar_is_said_in_words(text: str, words: str, mended: str | None) -> None:
    told = check_text(text)
    (found,) = told.findings
    assert found.text == words
    assert told.mistakes == 1
    if mended is not None:
        assert found.fix is not None
        assert text[: found.fix.start] + found.fix.text + text[found.fix.end :] == mended
    with pytest.raises(BadGrammar):
        read(text, ROOT)


@given(st.text(max_size=40))
def test_no_text_breaks_the_check(text: str) -> None:
    told = check_text(text)
    assert all(0 <= item.start <= item.end <= max(len(text), 1) for item in told.findings)


def test_a_large_text_is_left_to_the_server_but_for_its_grammar() -> None:
    spec = {"name": "a", "children": [{"name": str(n), "command": "x" * 100} for n in range(10_000)]}
    text = json.dumps(spec)
    assert len(text) > LARGE
    told = check_text(text)
    assert (told.findings, told.jobs, told.spec) == ((), 10_001, spec)
    assert check_text(text[:-1]).mistakes == 1
    assert check_text(f'"{text[1:]}'.replace('"', "") + '"').mistakes == 1
    assert check_text(json.dumps("x" * (LARGE + 1))).mistakes == 1


def test_presets_are_kept_renamed_and_deleted() -> None:
    saved = presets.with_saved([], " Mine ", FULL)
    saved = presets.with_saved(saved, "Another", Form(name="b"))
    assert presets.read_stored(presets.stored(saved)) == saved
    assert [item.name for item in presets.renamed(saved, "Mine", "Ours")] == ["Another", "Ours"]
    assert [item.name for item in presets.without(saved, "Mine")] == ["Another"]
    assert presets.read_stored(["{", '{"name": 5}', "[]", '{"name": "x", "form": {"cpus": "many"}}']) == [
        presets.Preset("x", Form())
    ]
    for preset in presets.built_in():
        assert mistakes(preset.form) == [], preset.name
        checked(specification(preset.form))


def test_a_tree_is_submitted_again_as_it_was() -> None:
    blank = {"shell": "", "environment": {}, "priority": 0, "cpus": 1, "tags": [], "conditions": [], "resources": None}
    rows: dict[int, Any] = {
        1: {**blank, "name": "film", "children": [2, 3], "parents": [], "priority": 5, "minHosts": 1},
        2: {
            **blank,
            "name": "1",
            "command": "draw 1",
            "frame": 1,
            "children": [],
            "parents": [1],
            "extra": {"mine": 1},
        },
        3: {**blank, "name": "2", "command": "draw 2", "frame": 2, "children": [], "parents": [1, 9]},
    }
    spec = resubmitted(rows, 1)
    assert spec == {
        "name": "film",
        "priority": 5,
        "children": [
            {"name": "1", "command": "draw 1", "frame": 1, "mine": 1},
            {"name": "2", "command": "draw 2", "frame": 2},
        ],
    }
    assert checked(spec) == 3
