"""Where a text stands in a whole log: what is loaded and what is not, in one order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.output import LONGEST_LINE, Match, OutputBuffer
from hqgui.models.output_hits import Found, Hits, found, match_at

WORDS = st.lists(st.sampled_from(["light", "err\N{LATIN SMALL LETTER O WITH DIAERESIS}r", "x" * 5000, "\x1b[1m", ""]))
LINES = st.lists(WORDS.map(" ".join), max_size=12)


@given(LINES, st.lists(st.integers(1, 9000), max_size=4), st.integers(0, 10**9))
def test_every_line_knows_the_byte_it_begins_with(lines: list[str], cuts: list[int], offset: int) -> None:
    """However the bytes come in."""
    data = "\n".join(lines).encode()
    buffer = OutputBuffer()
    buffer.clear(offset)
    place = 0
    for cut in (*cuts, len(data)):
        buffer.append(data[place : place + cut])
        place += cut
    if not data:
        return
    assert buffer.span == (offset, offset + len(data))
    for number, line in enumerate(buffer.lines):
        start = buffer.start_of(number)
        text = line.text.replace("␛", "\x1b") if "\x1b" not in line.text else line.text
        raw = data[start - offset :].decode().partition("\n")[0][:LONGEST_LINE]
        assert raw.replace("\x1b[1m", "").startswith(text)
        assert buffer.line_at(start) == number if text else buffer.line_at(start) >= number
    assert buffer.line_at(offset - 1) == buffer.line_at(offset + len(data)) == -1


def test_what_left_at_the_front_is_known_by_its_bytes() -> None:
    buffer = OutputBuffer(most_lines=3)
    buffer.append(b"aa\nbb\ncc\ndd\n")
    buffer.append(b"e")
    assert buffer.span == (6, 13)
    assert [buffer.line_at(byte) for byte in (5, 6, 8, 9, 12, 13)] == [-1, 0, 0, 1, 2, -1]


def test_places_are_counted_and_walked_all_around() -> None:
    here = (Match(0, 1), Match(4, 0))
    all_of_it = Found((10, 20), here, (90,))
    assert all_of_it.total == 5
    assert [all_of_it.number(match) for match in (*here, Match(2, 0), None)] == [3, 4, 0, 0]
    assert all_of_it.step(None, backwards=False) == here[0]
    assert all_of_it.step(None, backwards=True) == 90
    assert all_of_it.step(here[0], backwards=False) == here[1]
    assert all_of_it.step(here[1], backwards=False) == 90
    assert all_of_it.step(here[0], backwards=True) == 20
    assert all_of_it.step(Match(2, 0), backwards=False) == here[1]
    assert all_of_it.step(Match(2, 0), backwards=True) == here[0]
    assert Found((10,), (), ()).step(None, backwards=False) == 10
    assert Found((), (), ()).step(None, backwards=False) is None
    assert Found((), here, ()).step(here[1], backwards=False) == here[0]


def test_a_place_that_is_loaded_counts_once() -> None:
    buffer = OutputBuffer()
    buffer.clear(100)
    buffer.append(b"no\nan error, an error\nend")
    hits = Hits((7, 106, 116, 400))
    places = found(buffer, "error", hits)
    assert (places.before, places.matches, places.after) == ((7,), [Match(1, 3), Match(1, 13)], (400,))
    assert match_at(buffer, places.matches, hits, 106) == Match(1, 3)
    assert match_at(buffer, places.matches, hits, 116) == Match(1, 13)
    assert match_at(buffer, places.matches, hits, 101) == Match(0, 0)
    assert match_at(buffer, places.matches, hits, 7) is None
