"""The film's state in words: a bar that is drawn over itself on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
from typing import Final, TextIO

from resources.examples.demo.watching import State

_LINES: Final = 20
"""Most lines for a whole film where no terminal is."""
_WIDEST_BAR: Final = 40


def summary(state: State) -> str:
    """The figures of a state."""
    return f"{state.done} of {state.total} frames done, {state.failed} failed, {state.left} left, {time_left(state)}"


def time_left(state: State) -> str:
    """The estimate in words."""
    if state.left == 0:
        return "encoding"
    if state.seconds_left is None:
        return "time left unknown"
    minutes, seconds = divmod(state.seconds_left, 60)
    return f"about {minutes}:{seconds:02} left"


def bar(state: State, width: int) -> str:
    """A bar of that many characters: done, failed, left."""
    done = width * state.done // max(state.total, 1)
    ended = width * (state.done + state.failed) // max(state.total, 1)
    return "#" * done + "x" * (ended - done) + "." * (width - ended)


class Display:
    """Writes states to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._shown = ""
        self._step = -1

    def show(self, state: State) -> None:
        """Show a state, if it differs enough from the one before."""
        text = summary(state)
        if self._is_terminal:
            self._draw(state, text)
            return
        step = _LINES * (state.done + state.failed) // max(state.total, 1)
        if step != self._step:
            self._step = step
            self.say(text)

    def say(self, text: str) -> None:
        """A line of its own, below the bar if there is one."""
        self._stream.write("\n" * bool(self._shown) + text + "\n")
        self._stream.flush()
        self._shown = ""

    def _draw(self, state: State, text: str) -> None:
        room = shutil.get_terminal_size().columns - len(text) - 5
        line = f"[{bar(state, min(room, _WIDEST_BAR))}] {text}" if room >= 10 else text
        if line != self._shown:
            self._stream.write("\r\x1b[K" + line)
            self._stream.flush()
            self._shown = line
