"""The contract between item models and delegates: roles, and what a cell holds.

A delegate asks for one thing per cell, `Role.CELL`, because every call between C++ and Python costs more than the
drawing; the standard roles (display, tooltip, accessible text) are for Qt and for assistive programs.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum, unique
from typing import Final, NamedTuple

from PySide6.QtCore import Qt


@unique
class Role(IntEnum):
    """Our own item roles."""

    CELL = Qt.ItemDataRole.UserRole.value + 1
    """A `Cell` (or `MapCell`): everything a delegate paints."""
    ID = Qt.ItemDataRole.UserRole.value + 2
    """Job or client id; of a fold its first member; of a MORE row the id of the job above it, 0 at the top."""
    KIND = Qt.ItemDataRole.UserRole.value + 3
    """A `RowKind`."""
    IDS = Qt.ItemDataRole.UserRole.value + 4
    """The ids that an action on this row acts on."""
    STATUS = Qt.ItemDataRole.UserRole.value + 5
    """The raw status word."""


@unique
class RowKind(StrEnum):
    """What a row stands for."""

    JOB = "job"
    FOLD = "fold"
    """Adjacent siblings in one state."""
    MORE = "more"
    """The rest of a long list, shown on demand."""
    CLIENT = "client"


@unique
class Tone(StrEnum):
    """How loud a text is."""

    NORMAL = "normal"
    SECONDARY = "secondary"
    DIM = "dim"
    FAILED = "failed"
    WAITING = "waiting"
    LINK = "link"


class Segment(NamedTuple):
    """A part of a progress bar."""

    status: str
    share: float
    """0 to 1 of the whole bar."""


class Cell(NamedTuple):
    """What a delegate paints in one cell."""

    text: str = ""
    detail: str = ""
    """Dim, after the text."""
    glyph: str = ""
    """Name of the glyph before the text: a job status, `client-...`, `note` or `link`."""
    tone: Tone = Tone.NORMAL
    failed: int = 0
    """Shown as an octagon and this number after the text."""
    warning: bool = False
    """Shown as a triangle after the text."""
    segments: tuple[Segment, ...] = ()
    """A bar by status, in bar order; what they leave free is track."""
    fraction: float = -1.0
    """A plain bar, 0 to 1; -1: none."""
    weight: int = 400
    upgrade: bool = False
    """Shown as the needs-upgrade mark after the text."""
    keep_end: bool = False
    """Where there is little room the front is left out: names of clients differ at their ends."""


EMPTY: Final = Cell()
