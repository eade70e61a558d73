"""The statements of a gather, compiled once for the dialect and then given to the driver with plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from hqserver.store import pipeline
from hqserver.store.pipeline import Step
from hqserver.store.rows import Gather
from hqserver.store.shapes import Row, Shape
from hqserver.store.tables import (
    ATTEMPTS,
    CLIENTS,
    EDGES,
    JOB_LIFE,
    JOBS,
    KEPT,
    LOG,
    META,
    PAST_FAMILIES,
    PAST_JOBS,
    SUBMISSIONS,
)


class Statements:
    """Writes gathers on connections of one dialect."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        jobs, edges = JOBS.table, EDGES.table
        self._in_order: Final = (
            ("submissions", self._upsert(SUBMISSIONS)),
            ("new_jobs", self._compiled(sa.insert(jobs), JOBS.names)),
            ("removed_edges", self._delete(edges, "child", "parent")),
            ("new_edges", self._upsert(EDGES)),
            ("edges", self._upsert(EDGES)),
            ("jobs", self._update(jobs, *JOB_LIFE)),
            ("respecified", self._update(jobs, *JOB_LIFE, "spec", "crc")),
            ("attempts", self._upsert(ATTEMPTS)),
            ("log", self._compiled(sa.insert(LOG.table), LOG.names)),
            ("clients", self._upsert(CLIENTS)),
            ("meta", self._upsert(META)),
            ("removed_clients", self._delete(CLIENTS.table, "id")),
            ("past_jobs", self._upsert(PAST_JOBS)),
            ("past_families", self._upsert(PAST_FAMILIES)),
            ("recalled", self._delete(PAST_FAMILIES.table, "id")),
            ("recalled", self._delete(PAST_JOBS.table, "family")),
            ("removed_jobs", self._delete(jobs, "id")),
            ("removed_jobs", self._delete(edges, "child")),
            ("removed_jobs", self._delete(ATTEMPTS.table, "job")),
            ("removed_jobs", self._delete(LOG.table, "job")),
        )
        """Removals of jobs last: what is removed may have been written in the same gather. A removed job's edges to
        children that stay are among the removed edges."""
        inserts = {"new_jobs": JOBS, "new_edges": EDGES, "log": LOG}
        self._copies: Final = {name: pipeline.copy_statement(dialect, shape) for name, shape in inserts.items()}
        self._kept: Final = {kind: self._upsert(shape) for kind, shape in KEPT.items()}
        self._dropped: Final = {kind: self._delete(shape.table, "id") for kind, shape in KEPT.items()}

    def run(self, connection: sa.Connection, gather: Gather) -> None:
        """Write a gather in the connection's transaction."""
        pipeline.write(connection, self._steps(gather))

    def _steps(self, gather: Gather) -> Iterator[Step]:
        for name, statement in self._in_order:
            rows: list[Row] = getattr(gather, name)
            if rows:
                yield Step(statement, self._copies.get(name, ""), rows)
        for statements, kept in ((self._kept, gather.kept), (self._dropped, gather.dropped)):
            for kind, rows in kept.items():
                if rows:
                    yield Step(statements[kind], "", rows)

    def _update(self, table: sa.Table, *names: str) -> str:
        values: list[Any] = [(table.c[name], sa.bindparam(name)) for name in names]
        statement = sa.update(table).where(table.c.id == sa.bindparam("b_id")).ordered_values(*values)
        return self._compiled(statement, (*names, "b_id"))

    def _delete(self, table: sa.Table, *names: str) -> str:
        return self._compiled(
            sa.delete(table).where(*(table.c[name] == sa.bindparam(f"b_{name}") for name in names)),
            tuple(f"b_{name}" for name in names),
        )

    def _upsert(self, shape: Shape) -> str:
        statement = _INSERTS[self._dialect.name](shape.table)
        rest = {name: statement.excluded[name] for name in shape.names if name not in shape.keys}
        return self._compiled(statement.on_conflict_do_update(index_elements=list(shape.keys), set_=rest), shape.names)

    def _compiled(self, statement: Any, names: tuple[str, ...]) -> str:
        """The driver's text; its parameters must come in the order of the rows."""
        compiled = statement.compile(dialect=self._dialect)
        assert tuple(compiled.positiontup) == names, (compiled.positiontup, names)
        return str(compiled)


def _sqlite_insert(table: sa.Table) -> Any:
    from sqlalchemy.dialects.sqlite import insert

    return insert(table)


def _postgresql_insert(table: sa.Table) -> Any:
    from sqlalchemy.dialects.postgresql import insert

    return insert(table)


_INSERTS: Final = {"sqlite": _sqlite_insert, "postgresql": _postgresql_insert}
