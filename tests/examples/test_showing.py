"""How the demonstration words the film's state."""

from __future__ import annotations

import io

import pytest

from resources.examples.demo.showing import Display, bar, summary, time_left
from resources.examples.demo.watching import State


def _state(done: int, failed: int = 0, total: int = 10, seconds: int | None = 65) -> State:
    return State(done, failed, total, seconds, "queued")


def test_the_figures_add_up() -> None:
    assert summary(_state(6, 1)) == "6 of 10 frames done, 1 failed, 3 left, about 1:05 left"


def test_time_left_is_said_only_when_it_is_known() -> None:
    assert time_left(_state(0, seconds=None)) == "time left unknown"
    assert time_left(_state(10)) == "encoding"


@pytest.mark.parametrize("width", [1, 10, 37])
def test_a_bar_is_as_wide_as_it_should_be(width: int) -> None:
    for done in range(11):
        for failed in range(11 - done):
            assert len(bar(_state(done, failed), width)) == width
    assert bar(_state(5, 2), 10) == "#####xx..."
    assert bar(_state(0, total=0), 4) == "...."


def test_without_a_terminal_a_film_is_a_few_plain_lines() -> None:
    stream = io.StringIO()
    display = Display(stream)
    for done in range(1001):
        display.show(_state(done, total=1000))
    lines = stream.getvalue().splitlines()
    assert 10 <= len(lines) <= 21
    assert "\r" not in stream.getvalue()
    assert lines[-1].startswith("1000 of 1000 frames done")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_bar_is_drawn_over_itself() -> None:
    stream = _Terminal()
    display = Display(stream)
    for done in (0, 1, 1, 2):
        display.show(_state(done))
    display.say("done")
    assert stream.getvalue().count("\r") == 3
    assert stream.getvalue().endswith(" left\ndone\n")
