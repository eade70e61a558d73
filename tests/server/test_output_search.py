"""The search in logs finds what a look at all of a log finds, however it is cut into calls."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver import output_search
from hqserver.output_search import Match, Place, search
from hqserver.outputs import Outputs

LOG = (7, 1)


def written(folder: Path, data: bytes, quota: int = 1 << 30) -> Outputs:
    """Outputs that hold this log."""
    outputs = Outputs(folder, quota)
    for at in range(0, len(data), 1 << 20):
        part = data[at : at + (1 << 20)]
        outputs.append(*LOG, at, part, zlib.crc32(part))
    return outputs


def everything(outputs: Outputs, text: str, limit: int, most_bytes: int) -> Iterator[Match]:
    """All matches, by as many calls as it takes."""
    place: Place | None = Place()
    while place is not None:
        found = search(outputs, LOG, text, place, limit, most_bytes)
        assert len(found.matches) <= limit
        assert found.place is None or found.place.offset > place.offset
        yield from found.matches
        place = found.place


def seen(data: bytes, text: str) -> list[tuple[int, int]]:
    """Offsets and lines of all matches, by one look at everything."""
    lowered, wanted = data.lower(), text.encode().lower()
    found, at = [], lowered.find(wanted)
    while at >= 0:
        found.append((at, 1 + lowered[:at].count(b"\n")))
        at = lowered.find(wanted, at + len(wanted))
    return found


@given(
    data=st.lists(st.sampled_from([b"a", b"A", b"b", b"\n", b"aab", b"\r\n", "é".encode(), b"\xff"]), max_size=60),
    text=st.sampled_from(["a", "aa", "ab", "aba", "é", "b"]),
    limit=st.integers(1, 5),
    piece=st.integers(1, 9),
    most_bytes=st.integers(1, 20),
)
def test_a_search_in_pieces_finds_what_one_look_finds(
    tmp_path_factory: pytest.TempPathFactory, data: list[bytes], text: str, limit: int, piece: int, most_bytes: int
) -> None:
    whole = b"".join(data)
    outputs = written(tmp_path_factory.mktemp("logs"), whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output_search, "_PIECE", piece)
        found = [(match.offset, match.line) for match in everything(outputs, text, limit, most_bytes)]
    assert found == seen(whole, text)


def test_the_text_of_a_match_is_its_line(tmp_path: Path) -> None:
    outputs = written(
        tmp_path, b"one\r\nan ERROR here: \xff no light\r\nthree\n" + b"x" * 5000 + b"Error" + b"y" * 5000
    )
    first, second = search(outputs, LOG, "error", Place(), 10).matches
    assert first == Match(8, 2, "an ERROR here: \ufffd no light")
    assert (second.line, second.text) == (4, "x" * 120 + "Error" + "y" * 280)


def test_a_match_does_not_reach_over_a_cut_and_what_was_cut_is_not_found(tmp_path: Path) -> None:
    head, middle, tail = b"begin\nneed", b"needle\n" * 3000, b"le\nneedle at the end\n"
    outputs = Outputs(tmp_path, 1 << 30)
    outputs.append(*LOG, 0, head, zlib.crc32(head))
    outputs.append(*LOG, len(head) + len(middle), tail, zlib.crc32(tail), cut=len(middle))
    found = search(outputs, LOG, "needle", Place(), 10)
    assert [(match.offset, match.text) for match in found.matches] == [
        (len(head) + len(middle) + 3, "needle at the end"),
    ]  # fmt: skip
    assert found.place is None


def test_a_log_that_ends_in_a_cut_has_an_end(tmp_path: Path) -> None:
    outputs = written(tmp_path, b"needle\n")
    outputs.append(*LOG, 1000, b"", 0, cut=1000 - 7)
    assert outputs.size(*LOG) == 1000
    assert search(outputs, LOG, "needle", Place(), 10) == ((Match(0, 1, "needle"),), None, 7)


def test_a_log_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert search(Outputs(tmp_path), LOG, "x", Place(), 10) == ((), None, 0)


def test_a_call_reads_no_more_than_it_may(tmp_path: Path) -> None:
    outputs = written(tmp_path, b"line of text\n" * 400_000)
    found = search(outputs, LOG, "nowhere", Place(), 10, most_bytes=1 << 20)
    assert found.matches == ()
    assert found.place is not None
    assert (1 << 20) <= found.place.offset <= (1 << 20) + output_search._PIECE
    assert found.place.line == 1 + found.place.offset // 13
