"""Which rows of a table are read: all, all that do not belong to history, or those of some jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from hqserver.core.past import Past

_LONGEST_SKIP: Final = 200
"""Rows that are read and thrown away sooner than another statement is made."""
_IDS_A_STATEMENT: Final = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """Statements for ascending parts of a table, by its first column, and which of the rows are meant."""

    conditions: Callable[[Any], Iterator[Any]]
    """Of the column; one for each statement."""
    holds: Callable[[int], bool] | None = None
    """Whether rows with this number are meant; None: all are."""

    def wanted(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Those that are meant. What is no number is damaged, and must not be overlooked."""
        holds = self.holds
        if holds is None:
            return rows
        return [row for row in rows if type(row[0]) is not int or holds(row[0])]


def _no_condition(_column: Any) -> Iterator[Any]:
    yield sa.true()


EVERYTHING: Final = Scope(_no_condition)


def all_but(past: Past) -> Scope:
    """What is not history."""
    if not past:
        return EVERYTHING

    def conditions(column: Any) -> Iterator[Any]:
        # Beyond the ends lie keys that only damage brings, texts for one: they belong to what is looked at.
        for low, high in past.gaps(_LONGEST_SKIP):
            yield sa.and_(
                column >= low if low is not None else sa.true(), column <= high if high is not None else sa.true()
            )

    return Scope(conditions, lambda id_: past.family_of(id_) is None)


def only(ids: Sequence[int]) -> Scope:
    """What belongs to these, which are ascending."""

    def conditions(column: Any) -> Iterator[Any]:
        for start in range(0, len(ids), _IDS_A_STATEMENT):
            part = ids[start : start + _IDS_A_STATEMENT]
            if part[-1] - part[0] < 2 * len(part):
                yield column.between(part[0], part[-1])
            else:
                yield column.in_(part)

    return Scope(conditions, frozenset(ids).__contains__)
