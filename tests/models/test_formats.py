"""Values as they are read, and foreign text made harmless."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models import formats

NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (-1, ""), (0, "0s"), (59.9, "59s"), (60, "1m 00s"), (80, "1m 20s"), (599, "9m 59s"), (600, "10m"),
        (2460, "41m"), (3840, "1h 04m"), (86_399, "23h 59m"), (183_600, "2d 3h"),
    ],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert formats.duration(seconds) == text


def test_exact_durations_keep_their_seconds_for_an_hour() -> None:
    assert [formats.exact_duration(s) for s in (45, 1865, 3599, 3600)] == ["45s", "31m 05s", "59m 59s", "1h 00m"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 24, 11, 52, tzinfo=UTC), "11:52"),
        (datetime(2026, 11, 23, 18, 20, tzinfo=UTC), "Mon 18:20"),
        (datetime(2026, 11, 18, 9, 5, tzinfo=UTC), "Wed 09:05"),
        (datetime(2026, 3, 12, 9, 5, tzinfo=UTC), "12 Mar"),
        (datetime(2025, 3, 12, 9, 5, tzinfo=UTC), "12 Mar 2025"),
        (datetime(2026, 11, 25, 0, 5, tzinfo=UTC), "25 Nov"),
    ],
)
def test_times_of_day_and_dates(moment: datetime, text: str) -> None:
    assert formats.when(int(moment.timestamp()), NOW, UTC) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "0.98 KB"), (2000, "1.95 KB"), (1 << 20, "1 MB"), (131 << 30, "131 GB"), (2150 << 20, "2.10 GB"),
        (999.6 * 1024, "0.98 MB"), (5 << 40, "5 TB"),
    ],
)  # fmt: skip
def test_sizes_have_three_digits_and_binary_units(size: float, text: str) -> None:
    assert formats.bytes_text(size) == text


def test_two_sizes_share_a_unit() -> None:
    assert formats.bytes_of(212 << 30, 256 << 30) == "212/256 GB"


def test_a_hundred_percent_only_when_it_is_done() -> None:
    assert [formats.percent(share, done) for share, done in ((0.999, False), (1.0, False), (0.3, True))] == [
        "99%", "99%", "100%",
    ]  # fmt: skip


def test_ages() -> None:
    assert [formats.ago(s) for s in (0.4, 4, 59, 1080, 7500)] == ["now", "4 s ago", "59 s ago", "18m ago", "2h 05m ago"]


def test_what_cannot_be_seen_is_shown() -> None:
    assert formats.one_line("a\u202eb\x1b[31m\nc\u200f") == "a⟨202E⟩b␛[31m⏎c⟨200F⟩"


def test_long_names_are_cut() -> None:
    assert len(formats.one_line("x" * 10_000)) == formats.LONGEST_LINE


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(min_size=1))
def test_a_tooltip_shows_exactly_the_text_and_has_no_tags_of_it(text: str) -> None:
    reader = _Reader()
    reader.feed(formats.tooltip(text) + "\n")
    reader.close()
    assert set(reader.tags) <= {"p"}
    assert reader.text.rstrip("\n") == formats.several_lines(text).rstrip("\n")


def test_a_tooltip_is_markup_so_that_qt_never_guesses() -> None:
    tip = formats.tooltip("<img src=file:///etc/hostname>")
    assert "<img" not in tip
    assert tip.startswith("<p")
    assert formats.tooltip("") == ""
