"""What tests of the store share: committing, and looking at the tables behind the store's back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from hqserver.core.state import Changes
from hqserver.store.store import Store


def commit(store: Store, changes: Changes) -> None:
    """Write and wait until it is on disk."""
    done = threading.Event()
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        done.set()

    store.write(changes, done.set, failed)
    assert done.wait(30)
    assert failures == []


@contextmanager
def behind_its_back(url: str) -> Iterator[sa.Connection]:
    """A connection of the test's own, committed at the end."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection


def count_rows(store: Store, table: str) -> int:
    """How many rows a table has."""
    with behind_its_back(store._url.render_as_string(hide_password=False)) as connection:
        return int(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)
