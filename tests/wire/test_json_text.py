"""The JSON reader: what the standard library reads alike, and what it would let pass."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.json_text import BadJson, read_json


def read(text: str, deepest: int = 600, most: int = 2_000_000) -> object:
    """The value, read to the end."""
    turns = read_json(text, deepest, most)
    while True:
        try:
            next(turns)
        except StopIteration as end:
            return end.value


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_is_written_is_read(value: object, indent: int | str | None, ascii_only: bool) -> None:
    assert read(json.dumps(value, indent=indent, ensure_ascii=ascii_only)) == value


@given(st.text(st.sampled_from('{}[]:,"\\ \n10.eE-+tfnulrase/'), max_size=30))
def test_any_text_is_read_as_the_standard_library_reads_it_or_refused(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(BadJson):
            read(text)
        return
    try:
        assert read(text) == expected
    except BadJson as problem:
        assert any(word in str(problem) for word in ("duplicate", "finite", "64 bits")), problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not valid JSON (line 1 column 1)"),
        ("  ", "is not valid JSON (line 1 column 3)"),
        ("{'name': 'a'}", "(line 1 column 2): a name in double quotes"),
        ('{"name": "a",}', "(line 1 column 14): a name in double quotes"),
        ("[1,]", "(line 1 column 4): a value"),
        ('{"name": "a" // x\n}', "(line 1 column 14): a comma or }"),
        ('{\n"name"\n "a"}', "(line 3 column 2): a colon"),
        ("[1] 2", "(line 1 column 5): nothing may follow"),
        ('{"name":"a","name":"b"}', "duplicate key name"),
        ('{"a":{"x":1,"\\u0078":2}}', "duplicate key x"),
        ('{"priority":1e999}', "not finite"),
        ("-1e999", "not finite"),
        ("NaN", "a value"),
        ("Infinity", "a value"),
        ("9223372036854775808", "64 bits"),
        ("1" * 5000, "64 bits"),
        ("0." + "1" * 5000, "not finite"),
        ("01", "(line 1 column 1): a value"),
        ("1.", "is not valid JSON"),
        (".5", "a value"),
        ('"a', "no end"),
        ('"a\nb"', "raw control character"),
        ('"\\q"', "bad escape"),
        ('"\\ud83d\\u"', "bad escape"),
        ("nul", "a value"),
        ("truex", "a value"),
        ("\ufeff\ufeff1", "a value"),
        ("[" * 100_000, "deeper than 600"),
        ("[1}", "a comma or ]"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadJson) as caught:
        read(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('\ufeff{"name": "a"}', {"name": "a"}),
        (' [ { } , [ ] , { "a" : [ 1 ] } ] ', [{}, [], {"a": [1]}]),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"\\ud800"', "\ud800"),
        ("-0", 0),
        ("1E2", 100.0),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_what_is_taken(text: str, value: object) -> None:
    assert read(text) == value


def test_depth_and_number_of_values_are_bounded() -> None:
    assert read("[[1]]", deepest=2, most=3) == [[1]]
    with pytest.raises(BadJson, match="deeper than 1"):
        read("[[1]]", deepest=1)
    with pytest.raises(BadJson, match="too many values"):
        read("[[1]]", most=2)


def test_a_large_text_is_read_in_many_turns() -> None:
    assert sum(1 for _ in read_json(json.dumps(list(range(100_000))), 10, 200_000)) > 100
