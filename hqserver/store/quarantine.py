"""Damaged rows: read past, kept for a person to look at, never believed.

Nothing is changed while the tables are read, so that `check` can say what a start would do. `Findings` gathers what is
wrong; `settle` then moves those rows as they were found to the quarantine table and writes what the farm goes on with.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from hqserver.store.kinds import clean
from hqserver.store.rows import Gather
from hqserver.store.shapes import Row, Shape
from hqserver.store.statements import Statements
from hqserver.store.tables import QUARANTINE

log = logging.getLogger("hqserver.store")

_MOST_LOGGED: Final = 50


class Finding(NamedTuple):
    """A row that is not as it should be: its table, its values as they were found, what is wrong with it."""

    shape: Shape
    row: Row
    reason: str

    def keys(self) -> dict[str, Any]:
        """What identifies the row."""
        named = zip(self.shape.names, self.row, strict=True)
        return {name: value for name, value in named if name in self.shape.keys}

    def __str__(self) -> str:
        which = ", ".join(f"{name} {value!r:.60}" for name, value in self.keys().items())
        return f"{self.shape.name}, {which}: {self.reason}"


class Findings:
    """What is wrong with the tables, and what is to be written instead of it."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.stopped: list[str] = []
        """Jobs that can no longer be trusted to go on by themselves, and why."""
        self.instead = Gather()

    def put_aside(self, shape: Shape, row: Row, reason: str) -> None:
        """This row is not to be in its table any more, unless it is written `instead`."""
        self.found.append(Finding(shape, row, reason))

    def settle(self, connection: sa.Connection, statements: Statements, now: float) -> None:
        """Bring the tables in order, in the connection's transaction. `now` is wall time."""
        for finding in self.found:
            table = finding.shape.table
            connection.execute(sa.insert(QUARANTINE), _kept(finding, now))
            connection.execute(sa.delete(table).where(*(table.c[name] == key for name, key in finding.keys().items())))
        statements.run(connection, self.instead)

    def told(self) -> list[str]:
        """What is wrong, a line each."""
        return [*map(str, self.found), *self.stopped]

    def log(self) -> None:
        """Tell the administrator; all of it is in the quarantine and in the status logs of the jobs."""
        lines = self.told()
        for line in lines[:_MOST_LOGGED]:
            log.error("damaged, and not believed: %s", line)
        if len(lines) > _MOST_LOGGED:
            log.error("and %d more like these", len(lines) - _MOST_LOGGED)
        if self.instead.removed_jobs:
            log.warning("%d jobs of a submission that was never completed are removed", len(self.instead.removed_jobs))


def _kept(finding: Finding, now: float) -> dict[str, Any]:
    row = dict(zip(finding.shape.names, finding.row, strict=True))
    return {
        "at": now,
        "table": finding.shape.name,
        "reason": clean(finding.reason),
        "row": json.dumps(row, default=repr),
    }
