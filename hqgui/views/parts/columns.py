"""Which columns of a table are shown, how wide they are and in which order: pure, kept as a small JSON text.

Widths are pixels at 100 %. When there is more room, the columns that may stretch get it, the first ones first; when
there is less, they give way, and then columns are left out from the right: they never overlap.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

LEAST_WIDTH: Final = 28
_SHRINK: Final = 0.6
"""What a column that stretches keeps at least of its width."""
_FIRST_SHRINK: Final = 0.68
"""What the first of them keeps: it says what a row is, so that others are left out for it."""
_GROW: Final = 1.7
"""What the first column that stretches takes at most of its width before the next one gets something."""


class ColumnLike(Protocol):
    """A row of a table of columns."""

    @property
    def key(self) -> str:
        """Its name in settings."""

    @property
    def width(self) -> int:
        """Pixels at 100 %."""

    @property
    def shown(self) -> bool:
        """Whether it is there from the start."""

    @property
    def stretch(self) -> int:
        """Who gets room that is left: 1 before 2; 0 none."""

    @property
    def right(self) -> bool:
        """Aligned to the right."""


@dataclass
class ColumnState:
    """What the user chose for one table."""

    columns: Sequence[ColumnLike]
    widths: dict[str, int] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    sorting: tuple[str, bool] | None = None
    """Key of the sorted column, and whether it is sorted downwards."""
    absent: frozenset[str] = frozenset()
    """Columns for which there is nothing to show now, whatever the user chose."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As the table of columns says."""
        self.widths = {column.key: column.width for column in self.columns}
        self.shown = {column.key for column in self.columns if column.shown}
        self.order = [column.key for column in self.columns]

    def to_text(self) -> str:
        """What is stored."""
        kept = {"widths": self.widths, "shown": sorted(self.shown), "order": self.order, "sorting": self.sorting}
        return json.dumps(kept)

    def take_text(self, text: str) -> None:
        """Take in what was stored; a column that was added since stands where the table has it."""
        try:
            stored = json.loads(text)
            widths = {str(key): int(width) for key, width in stored["widths"].items()}
            shown, order = set(map(str, stored["shown"])), list(map(str, stored["order"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        known = [column.key for column in self.columns]
        new = [key for key in known if key not in order]
        self.sorting = _sorting(stored.get("sorting"), known)
        self.widths.update({key: max(LEAST_WIDTH, width) for key, width in widths.items() if key in known})
        self.shown = {key for key in known if key in shown} | {key for key in new if key in self.shown} | {known[0]}
        self.order = [known[0], *[key for key in order if key in known and key != known[0]], *new]

    def arranged(self, room: float) -> dict[str, float]:
        """Widths of the columns that fit into `room`, pixels at 100 %; the others are left out for now."""
        by_key = {column.key: column for column in self.columns}
        fitting = [by_key[key] for key in self.order if key in self.shown - self.absent]
        while len(fitting) > 1 and sum(map(self._least, fitting)) > room:
            fitting.pop()
        widths = {column.key: float(self.widths[column.key]) for column in fitting}
        self._spread(fitting, widths, room - sum(widths.values()))
        return widths

    def _least(self, column: ColumnLike) -> float:
        return self.widths[column.key] * _kept(column)

    def _spread(self, fitting: list[ColumnLike], widths: dict[str, float], left: float) -> None:
        stretching = sorted((column for column in fitting if column.stretch), key=lambda column: column.stretch)
        for column in reversed(stretching) if left < 0 else stretching:
            last = column is (stretching[0] if left < 0 else stretching[-1])
            width = self.widths[column.key]
            change = left if last and left > 0 else max(min(left, width * (_GROW - 1)), width * (_kept(column) - 1))
            widths[column.key] += change
            left -= change


def _kept(column: ColumnLike) -> float:
    """What a column keeps at least of its width."""
    return {0: 1.0, 1: _FIRST_SHRINK}.get(column.stretch, _SHRINK)


def _sorting(stored: Any, known: list[str]) -> tuple[str, bool] | None:
    if isinstance(stored, list) and len(stored) == 2 and stored[0] in known:
        return str(stored[0]), bool(stored[1])
    return None


def stored_text(value: Any) -> str:
    """The text in bytes that settings gave."""
    return bytes(value).decode("utf-8", "replace")
