"""T16: T1, T2 and T4 on PostgreSQL, against the same on SQLite, in turn in one run.

The PostgreSQL is the tests' own, out of a wheel, with its files in memory where there is enough; it is durable all the
same (fsync on), but its disk is quicker than a real one.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from benchmarks import latency, submission, throughput
from benchmarks.common import Figure, on_database
from tests.store.postgres import libpq_url, postgres_server

_numbers = itertools.count()


def measure(quick: bool) -> list[Figure]:
    """In the units of each benchmark; the ratio says how many times as long, or as few, it is on PostgreSQL."""
    figures = []
    with postgres_server() as server:
        for name, benchmark in (("T1", latency.measure), ("T2", throughput.measure), ("T4", submission.measure)):
            figures += _beside(server, name, benchmark, quick)
    return figures


def _beside(server: sa.URL, name: str, benchmark: Callable[[bool], list[Figure]], quick: bool) -> Iterator[Figure]:
    sqlite = benchmark(quick)
    with _new_database(server) as url, on_database(url):
        postgresql = benchmark(quick)
    seen = set()
    for one, other in zip(sqlite, postgresql, strict=True):
        if one.what not in seen:
            seen.add(one.what)
            times = _times_slower(one, other)
            target = f"{times:.2f} times as slow; <= 1.5"
            yield Figure(f"{name}, {one.what}", one.unit, other.values, "SQLite", one.values, target)


def _times_slower(sqlite: Figure, postgresql: Figure) -> float:
    ratio = statistics.median(postgresql.values) / statistics.median(sqlite.values)
    return 1 / ratio if sqlite.unit.endswith("/s") else ratio


@contextmanager
def _new_database(server: sa.URL) -> Iterator[str]:
    name = f"hq_bench_{next(_numbers)}"
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0".encode())
    yield server.set(database=name).render_as_string(hide_password=False)
