"""Each test of the store runs on a SQLite file and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from hqserver.store.store import Store
from tests.store.postgres import libpq_url, postgres_server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """A running PostgreSQL."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def template(postgres: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database that has the tables, to make others from."""
    with _new_database(postgres, "template0") as url:
        with closing(Store.open(tmp_path_factory.mktemp("template"), _text(url))):
            pass
        yield str(url.database)


@pytest.fixture
def empty_postgres(postgres: sa.URL) -> Iterator[str]:
    """The URL of a database without tables."""
    with _new_database(postgres, "template0") as url:
        yield _text(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, on either."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hqserver.db"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def postgres_database(postgres: sa.URL, template: str) -> Iterator[str]:
    """The URL of a database with tables and nothing in them."""
    with _new_database(postgres, template) as url:
        yield _text(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it, on either; SQLite's tables are made when it is opened."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hqserver.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Opens stores, and closes what is still open at the end."""
    with ExitStack() as opened:
        yield lambda url: opened.enter_context(closing(Store.open(tmp_path, url)))


@pytest.fixture
def duplicate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Copies a database that nobody has open; answers the URL of the copy."""
    with ExitStack() as made:

        def copy(url: str) -> str:
            source = sa.make_url(url)
            if source.get_backend_name() == "sqlite":
                target = tmp_path / f"copy-{next(_numbers)}.db"
                shutil.copyfile(str(source.database), target)
                return f"sqlite:///{target}"
            server: sa.URL = request.getfixturevalue("postgres")
            return _text(made.enter_context(_new_database(server, str(source.database))))

        yield copy


@contextmanager
def _new_database(server: sa.URL, template: str) -> Iterator[sa.URL]:
    name = f"hq_test_{os.getpid()}_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' STRATEGY FILE_COPY")
    try:
        yield server.set(database=name)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: sa.URL, statement: str) -> None:
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(statement.encode())


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)
