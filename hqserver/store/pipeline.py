"""How a gather reaches PostgreSQL: many new rows by COPY, everything else in one pipeline.

A statement at a time, each waits for its answer, and a large submission costs both processes five times as much as the
rows themselves. Errors come out as SQLAlchemy's, as from any other statement.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
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


def write(connection: sa.Connection, steps: Sequence[Step]) -> None:
    """Do the steps in the connection's transaction; what is copied comes first. Raises DBAPIError."""
    driver: Any = connection.connection.driver_connection
    with _as_from_sqlalchemy(connection, driver), driver.cursor() as cursor:
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
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(
            "a gather", (), error, psycopg.Error, connection_invalidated=driver.closed, dialect=connection.dialect
        ) from error
