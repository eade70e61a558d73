"""What stands in the way of a commit: a full disk is waited out, anything else is final and said."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hqserver.core.state import Changes
from hqserver.store.store import Obstacle, Store
from hqserver.wire.jobs import JobSpec
from tests.farm.harness import wait_for
from tests.store.histories import History, differences, picture_of, picture_of_farm
from tests.store.stored import behind_its_back

Opener = Callable[[str], Store]


def driver(store: Store) -> Any:
    """The connection that writes: the limits that SQLite sets itself are its own."""
    return store._connection.connection.driver_connection


@contextmanager
def no_file_grows(folder: Path) -> Iterator[None]:
    """A limit of the system on the size of files: what SQLite wants to write beyond it fails."""
    largest = max(file.stat().st_size for file in folder.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_page_is_left(store: Store) -> Iterator[None]:
    """SQLite's own limit on the size of the database."""
    pages = driver(store).execute("PRAGMA page_count").fetchone()[0]
    driver(store).execute(f"PRAGMA max_page_count={pages}")
    try:
        yield
    finally:
        driver(store).execute("PRAGMA max_page_count=1000000")


@contextmanager
def server_is_full(url: str) -> Iterator[None]:
    """PostgreSQL says that its disk is full, at each new job."""
    with behind_its_back(url) as connection:
        raises = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END"
        connection.exec_driver_sql(f"CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $${raises}$$")
        connection.exec_driver_sql("CREATE TRIGGER disk_full BEFORE INSERT ON jobs EXECUTE FUNCTION disk_full()")
    try:
        yield
    finally:
        with behind_its_back(url) as connection:
            connection.exec_driver_sql("DROP TRIGGER disk_full ON jobs")


@contextmanager
def somebody_locks_it(url: str) -> Iterator[None]:
    """Another program holds SQLite's lock for longer than anybody waits."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        yield
        connection.exec_driver_sql("ROLLBACK")


class Writing:
    """A farm whose gathers go to the store without anybody waiting for them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.history = History(0, self.write)
        self.done: list[int] = []
        self.failed: list[BaseException] = []
        store.load()

    def write(self, changes: Changes) -> None:
        """Note what becomes of it."""
        revision = changes.revision
        self.store.write(changes, lambda: self.done.append(revision), self.failed.append)

    def submit(self) -> None:
        """A job that needs room."""
        self.history.world.submit(JobSpec("large", "x" * 300_000))

    def goes_on_after(self, obstacle: AbstractContextManager[None], kind: Obstacle) -> None:
        """Two gathers meet an obstacle, and are written once it is gone."""
        self.submit()
        wait_for("the first commit", lambda: len(self.done) == 1)
        with obstacle:
            self.submit()
            self.submit()
            stalled = wait_for("the writer to say that it waits", lambda: self.store.stalled)
            assert stalled is not None
            assert stalled.obstacle is kind
            assert str(stalled)
            assert len(self.done) == 1
        wait_for("the commits after it", lambda: len(self.done) == 3)
        assert self.store.stalled is None
        assert self.failed == []
        assert self.done == sorted(self.done)


@pytest.fixture
def writing(database: str, open_store: Opener) -> Writing:
    return Writing(open_store(database))


@pytest.fixture
def writing_to_file(tmp_path: Path, open_store: Opener) -> Writing:
    return Writing(open_store(f"sqlite:///{tmp_path}/hqserver.db"))


def test_a_full_disk_is_waited_out(writing: Writing, database: str, open_store: Opener, tmp_path: Path) -> None:
    full = server_is_full(database) if database.startswith("postgresql") else no_file_grows(tmp_path)
    writing.goes_on_after(full, Obstacle.FULL)
    writing.store.close()
    again = open_store(database)
    assert differences(picture_of(again.load()), picture_of_farm(writing.history.farm)) == []
    assert again.check() == []


def test_the_end_of_the_pages_is_waited_out(writing_to_file: Writing) -> None:
    writing_to_file.goes_on_after(no_page_is_left(writing_to_file.store), Obstacle.FULL)


def test_a_busy_database_is_waited_out(writing_to_file: Writing, tmp_path: Path) -> None:
    driver(writing_to_file.store).execute("PRAGMA busy_timeout=10")
    writing_to_file.goes_on_after(somebody_locks_it(f"sqlite:///{tmp_path}/hqserver.db"), Obstacle.BUSY)


def test_a_stop_does_not_wait_for_room(writing_to_file: Writing, tmp_path: Path) -> None:
    writing_to_file.submit()
    wait_for("the first commit", lambda: writing_to_file.done)
    with no_file_grows(tmp_path):
        writing_to_file.submit()
        wait_for("the writer to wait", lambda: writing_to_file.store.stalled)
        writing_to_file.store.close()
    assert len(writing_to_file.failed) == 1
    assert len(writing_to_file.done) == 1


def test_what_does_not_pass_is_final(writing: Writing, database: str) -> None:
    """Gathers after one that failed may rest on it, so none of them is written."""
    writing.submit()
    wait_for("the first commit", lambda: writing.done)
    with behind_its_back(database) as connection:
        connection.exec_driver_sql("ALTER TABLE edges RENAME TO gone")
        connection.exec_driver_sql("ALTER TABLE jobs RENAME TO gone_too")
    writing.submit()
    wait_for("the failure", lambda: writing.failed)
    with behind_its_back(database) as connection:
        connection.exec_driver_sql("ALTER TABLE gone_too RENAME TO jobs")
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO edges")
    writing.submit()
    writing.store.close()
    assert (len(writing.done), len(writing.failed)) == (1, 1)
    with behind_its_back(database) as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM jobs")) == 1


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_that_is_taken_away_is_final(writing_to_file: Writing, tmp_path: Path, replaced: bool) -> None:
    """Nobody is told of what the next start would not find."""
    writing_to_file.submit()
    wait_for("the first commit", lambda: writing_to_file.done)
    (tmp_path / "hqserver.db").rename(tmp_path / "away.db")
    if replaced:
        (tmp_path / "hqserver.db").touch()
    writing_to_file.submit()
    wait_for("the failure", lambda: writing_to_file.failed)
    writing_to_file.store.close()
    assert (len(writing_to_file.done), len(writing_to_file.failed)) == (1, 1)
    assert "was moved, deleted or replaced" in str(writing_to_file.failed[0])


def test_a_lost_connection_is_final(postgres_database: str, open_store: Opener) -> None:
    """With it went the lock, so another server may be writing by now."""
    writing = Writing(open_store(postgres_database))
    writing.submit()
    wait_for("the first commit", lambda: writing.done)
    with behind_its_back(postgres_database) as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hqserver'"
        connection.exec_driver_sql(f"{others} AND datname = current_database()")
    writing.submit()
    wait_for("the failure", lambda: writing.failed)
    assert writing.store.stalled is None
    assert len(writing.done) == 1
