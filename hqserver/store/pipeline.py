"""How a gather reaches the database: by the driver itself, with errors that come out as SQLAlchemy's.

SQLite takes one statement after the other. PostgreSQL gets many new rows by COPY, everything else in one pipeline: a
statement at a time, each waits for its answer, and a large submission costs both processes five times as much as the
rows themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from hqserver.store.shapes import Row, Shape

_MANY: Final = 50
"""Rows from which on COPY is worth a round trip of its own."""


class Step(NamedTuple):
    """A statement and its rows. `copy`: what inserts the same rows by COPY; empty for what does more than insert."""

    statement: str
    copy: str
    rows: Sequence[Row]


def copy_statement(dialect: sa.Dialect, shape: Shape) -> str:
    """What takes rows of a whole table by COPY."""
    quote = dialect.identifier_preparer.quote
    return f"COPY {quote(shape.table.name)} ({', '.join(map(quote, shape.names))}) FROM STDIN"


def write(connection: sa.Connection, steps: Iterable[Step]) -> None:
    """Do the steps in the connection's transaction. Raises DBAPIError."""
    driver: Any = connection.connection.driver_connection
    with _as_from_sqlalchemy(connection, driver):
        _WRITERS[connection.dialect.name](driver, steps)


def _write_sqlite(driver: Any, steps: Iterable[Step]) -> None:
    for step in steps:
        driver.executemany(step.statement, step.rows)


def _write_postgresql(driver: Any, steps: Iterable[Step]) -> None:
    """What is copied comes first."""
    with driver.cursor() as cursor:
        rest = []
        for step in steps:
            if step.copy and len(step.rows) >= _MANY:
                with cursor.copy(step.copy.encode()) as copy:
                    for row in step.rows:
                        copy.write_row(row)
            else:
                rest.append(step)
        with driver.pipeline():
            for step in rest:
                cursor.executemany(step.statement.encode(), step.rows)


@contextlib.contextmanager
def _as_from_sqlalchemy(connection: sa.Connection, driver: Any) -> Iterator[None]:
    dialect = connection.dialect
    base = dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        is_lost = getattr(driver, "closed", False)
        raise sa.exc.DBAPIError.instance(
            "a gather", (), error, base, connection_invalidated=is_lost, dialect=dialect
        ) from error


_WRITERS: Final[dict[str, Callable[[Any, Iterable[Step]], None]]] = {
    "sqlite": _write_sqlite,
    "postgresql": _write_postgresql,
}
