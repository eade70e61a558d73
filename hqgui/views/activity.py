"""What happened lately: the results that strips showed, for who looked away. Opened by the bell."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from PySide6.QtWidgets import QWidget

from hqgui.models.formats import clock
from hqgui.models.roles import Cell, Tone
from hqgui.views.parts.cell_table import Line, PlainColumn
from hqgui.views.parts.list_popup import ListPopup
from hqgui.words import capital, translate

MOST: Final = 100
_SHOWN: Final = 12
_COLUMNS: Final = (PlainColumn("time", 70), PlainColumn("text", 330, stretch=1))


class Happening(NamedTuple):
    """One result."""

    seconds: int
    text: str
    failed: bool


class ActivityLog:
    """The latest results, the newest first."""

    def __init__(self) -> None:
        self.entries: deque[Happening] = deque(maxlen=MOST)

    def note(self, seconds: float, text: str, failed: bool) -> None:
        """Remember a result."""
        self.entries.appendleft(Happening(int(seconds), text, failed))


def activity_popup(log: ActivityLog, parent: QWidget | None = None) -> ListPopup:
    """The popup of the bell."""
    title = translate("Activity", "What happened")
    nothing = translate("Activity", "Nothing yet. Results of your actions are kept here.")
    lines = [_line(place, entry) for place, entry in enumerate(list(log.entries)[:_SHOWN])]
    return ListPopup(title, _COLUMNS, lines, nothing, 440, parent)


def _line(place: int, entry: Happening) -> Line:
    glyph = "failed" if entry.failed else "event"
    cells = Cell(clock(entry.seconds), tone=Tone.DIM), Cell(capital(entry.text), glyph=glyph)
    return Line(place, cells, entry.text)
