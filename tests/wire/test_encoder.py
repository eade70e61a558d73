"""What leaves the server: readable by every client, whatever jobs and people wrote."""

from __future__ import annotations

import random
import xmlrpc.client
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.codec import decode_response, encode_response, encode_response_parts
from hqserver.wire.encoder import Encoded, Json, encoded
from hqserver.wire.statuses import JobStatus


def read_by_the_standard_library(value: object) -> object:
    """What a script gets."""
    (answer,), _ = xmlrpc.client.loads(encode_response(value).decode(), use_datetime=True)
    return answer


class Loud(str):
    """A text that says something else when it is formatted."""

    __slots__ = ()

    def __format__(self, how: str) -> str:
        return "LOUD"

    def __str__(self) -> str:
        return "LOUD"


class Number(IntEnum):
    """A whole number that is an enum's member."""

    SEVEN = 7


class Pair(NamedTuple):
    """A named tuple."""

    left: int
    right: str


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"a": [1, 2.5, True, None, "x"]}, {"a": [1, 2.5, True, None, "x"]}),
        ({}, {}),
        ([], []),
        (JobStatus.RUNNING, "running"),
        (Loud("a"), "a"),
        (Number.SEVEN, 7),
        (Pair(1, "b"), [1, "b"]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (datetime(2026, 11, 4, 3, 5, 7), datetime(2026, 11, 4, 3, 5, 7)),
        (float("nan"), None),
        (float("-inf"), None),
        (1e300, 1e300),
        ("<b>&amp;</b> ]]>", "<b>&amp;</b> ]]>"),
        ("\x1b[31m\0\x7f", "\u241b[31m\u2400\u2421"),
        ("a\rb\r\nc\n\t", "a\rb\r\nc\n\t"),
        ("\ud800x\ufffe\uffff", "\ufffdx\ufffd\ufffd"),
        ("\U0001f600 é \u202e", "\U0001f600 é \u202e"),
    ],
)
def test_what_a_script_reads(value: object, read: object) -> None:
    assert read_by_the_standard_library(value) == read


@pytest.mark.parametrize(
    ("number", "tag"),
    [
        (2**31 - 1, "int"),
        (-(2**31), "int"),
        (2**31, "i8"),
        (-(2**31) - 1, "i8"),
        (4_294_967_296, "i8"),
        (2**63 - 1, "i8"),
    ],
)
def test_numbers_beyond_32_bits_say_so(number: int, tag: str) -> None:
    assert f"<{tag}>{number}</{tag}>".encode() in encode_response(number)
    assert read_by_the_standard_library(number) == number


def test_dates_are_in_basic_form() -> None:
    answer = xmlrpc.client.loads(encode_response(datetime(987, 1, 2, 3, 4, 5)).decode())[0][0]
    assert str(answer) == "09870102T03:04:05"


@pytest.mark.parametrize("value", [2**63, object(), {1: "a"}, {"a": {2}}, 1j])
def test_what_cannot_be_carried(value: object) -> None:
    with pytest.raises((TypeError, OverflowError)):
        encode_response(value)


@given(st.text(st.characters(), max_size=50))
def test_any_text_makes_a_readable_answer(text: str) -> None:
    read = read_by_the_standard_library([text, {text: text}])
    assert read[0] == read[1][read[0]]  # type: ignore[index]
    assert len(read[0]) == len(text)  # type: ignore[index]


def test_random_bytes_as_a_log_come_through() -> None:
    chance = random.Random(4)
    for _ in range(300):
        log = chance.randbytes(chance.randrange(200)).decode("utf-8", "replace")
        read = read_by_the_standard_library(log)
        assert decode_response(encode_response(log)) == read
        assert len(read) == len(log)  # type: ignore[arg-type]


ROWS = [{"id": number, "name": f"<{number}>", "children": [number + 1], "tags": []} for number in range(3000)]


@pytest.mark.parametrize(
    "value",
    [
        True,
        [],
        ROWS,
        [[ROWS]],
        {str(number): number for number in range(5000)},
        "é\r<" * 100_000,
        [["x" * 300_000], 1],
        {"a": ROWS},
        Json("[1,2]" * 50_000),
        Json('["a<b&c>d\x7f", "é\ufffe"]' * 5_000),
    ],
    ids=[
        "bool",
        "empty",
        "rows",
        "multicall",
        "wide struct",
        "long text",
        "long text inside",
        "rows in a struct",
        "plain JSON",
        "JSON with markup",
    ],
)
def test_parts_make_the_same_answer(value: object) -> None:
    parts = list(encode_response_parts(value))
    assert b"".join(parts) == encode_response(value)


def test_parts_of_a_large_answer_are_small() -> None:
    for value in (ROWS, ["a" * 1_000_000], list(range(200_000))):
        parts = list(encode_response_parts(value))
        assert len(parts) > 5
        assert max(map(len, parts)) < 200_000


def test_rows_may_come_encoded() -> None:
    rows = Encoded([encoded(row) for row in ROWS])
    assert encode_response(rows) == encode_response(ROWS)
    assert encode_response([[rows], 1]) == encode_response([[ROWS], 1])
    parts = list(encode_response_parts(rows))
    assert len(parts) > 5
    assert b"".join(parts) == encode_response(ROWS)
