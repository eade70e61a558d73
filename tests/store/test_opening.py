"""What a store refuses to open, with a message that says what to do: two servers, a database that is not durable."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from hqserver.store import database as opening
from hqserver.store.store import Store, StoreError
from tests.store.postgres import libpq_url
from tests.store.stored import behind_its_back

Opener = Callable[[str], Store]


def test_a_second_server_is_refused(database: str, open_store: Opener, tmp_path: Path) -> None:
    open_store(database)
    with pytest.raises(StoreError, match=r"in use by another hqserver .* stop that one first"):
        open_store(database)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(StoreError, match="in use by another hqserver"):
        Store.open(other, database)


def test_a_refused_server_lets_the_first_one_go_on(database: str, open_store: Opener) -> None:
    first = open_store(database)
    with pytest.raises(StoreError):
        open_store(database)
    first.load()
    first.close()
    open_store(database).load()


def test_another_process_is_refused_too_and_is_told_which_one_is_there(tmp_path: Path, open_store: Opener) -> None:
    open_store(f"sqlite:///{tmp_path}/hqserver.db")
    script = f"from pathlib import Path; from hqserver.store.store import Store; Store.open(Path({str(tmp_path)!r}))"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert other.returncode != 0
    assert f"in use by another hqserver (process {os.getpid()})" in other.stderr


def test_a_database_with_another_name_is_refused_under_either(tmp_path: Path, open_store: Opener) -> None:
    url = f"sqlite:///{tmp_path}/hqserver.db"
    first = open_store(url)
    other = tmp_path / "other"
    other.mkdir()
    (other / "hqserver.db").hardlink_to(tmp_path / "hqserver.db")
    with pytest.raises(
        StoreError, match=r"other/hqserver.db has another name besides \(a hard link\).*Delete the other"
    ):
        Store.open(other)
    first.load()
    first.close()
    with pytest.raises(StoreError, match="has another name besides"):
        open_store(url)
    (other / "hqserver.db").unlink()
    open_store(url).load()


def test_two_servers_with_two_databases_do_not_disturb_each_other(tmp_path: Path, empty_postgres: str) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = Store.open(folders[0], empty_postgres), Store.open(folders[1])
    one.close()
    two.close()


def test_what_was_set_for_durability_is_in_force(database: str, open_store: Opener) -> None:
    connection = open_store(database)._connection
    with connection.begin():
        if connection.dialect.name == "sqlite":
            assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
            assert connection.scalar(sa.text("PRAGMA synchronous")) == 2
        else:
            assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"
            assert connection.scalar(sa.text("SHOW fsync")) == "on"


def test_a_setting_that_did_not_take_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_SQLITE_PRAGMAS", ("journal_mode=WAL", "synchronous=NORMAL"))
    with pytest.raises(StoreError, match="cannot be made durable"):
        Store.open(tmp_path)


@contextmanager
def server_setting(url: sa.URL, statement: str, undo: str) -> Iterator[None]:
    """Another setting of the whole test server for a moment."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            connection.execute(undo.encode())
            connection.execute("SELECT pg_reload_conf()")


def test_a_postgresql_without_fsync_is_refused(postgres: sa.URL, postgres_database: str, tmp_path: Path) -> None:
    off = server_setting(postgres, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM RESET fsync")
    with off, pytest.raises(StoreError, match="fsync=off"):
        Store.open(tmp_path, postgres_database)


def test_a_postgresql_that_answers_before_the_disk_does_is_told_not_to(
    postgres: sa.URL, postgres_database: str, open_store: Opener
) -> None:
    off, undo = "ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM RESET synchronous_commit"
    with server_setting(postgres, off, undo):
        connection = open_store(postgres_database)._connection
        with connection.begin():
            assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"


def test_a_postgresql_of_another_encoding_is_refused(postgres: sa.URL, tmp_path: Path) -> None:
    with psycopg.connect(libpq_url(postgres), autocommit=True) as connection:
        connection.execute("CREATE DATABASE hq_latin ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        try:
            url = postgres.set(database="hq_latin").render_as_string(hide_password=False)
            with pytest.raises(StoreError, match="ENCODING 'UTF8'"):
                Store.open(tmp_path, url)
        finally:
            connection.execute("DROP DATABASE hq_latin WITH (FORCE)")


def test_a_sqlite_file_on_a_shared_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = subprocess.run(["stat", "-f", "-c", "%t", tmp_path], capture_output=True, text=True, check=True).stdout
    number = opening.file_system(tmp_path)
    assert number == int(shown, 16)
    assert number not in opening._SHARED_FILE_SYSTEMS
    monkeypatch.setitem(opening._SHARED_FILE_SYSTEMS, number, "NFS")
    with pytest.raises(StoreError, match="is on NFS: SQLite is not safe there; use a local folder, or PostgreSQL"):
        Store.open(tmp_path)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is no database URL"),
        ("mysql://root@host/db", "not supported"),
        ("postgresql+psycopg2://u@host/db", "not supported"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("postgresql://nobody:secret@127.0.0.1:1/hq", "cannot be opened"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_without_telling_its_password(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as refusal:
        Store.open(tmp_path, url)
    assert "secret" not in str(refusal.value)


def test_nobody_else_may_read_what_is_written(tmp_path: Path, open_store: Opener) -> None:
    former = os.umask(0)
    try:
        open_store(f"sqlite:///{tmp_path}/hqserver.db").load()
    finally:
        os.umask(former)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert {"hqserver.db", "hqserver.db-wal", "hqserver.lock"} <= modes.keys()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no such folder.* cannot be opened"):
        Store.open(tmp_path, f"sqlite:///{tmp_path}/no such folder/hqserver.db")
    Store.open(tmp_path).close()


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "hqserver.db"
    file.write_text("a poem\n" * 1000)
    with pytest.raises(StoreError, match=r"hqserver\.db cannot be opened: file is not a database; restore the newest"):
        Store.open(tmp_path)
    assert file.read_text() == "a poem\n" * 1000


def test_a_file_whose_tree_is_damaged_is_refused(tmp_path: Path, open_store: Opener) -> None:
    open_store(f"sqlite:///{tmp_path}/hqserver.db").close()
    file = tmp_path / "hqserver.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged .* restore the newest backup"):
        Store.open(tmp_path)


def test_rows_out_of_order_are_refused(tmp_path: Path, open_store: Opener) -> None:
    """A flipped bit in a key: no row of that table could be found by its key any more."""
    url = f"sqlite:///{tmp_path}/hqserver.db"
    open_store(url).close()
    with behind_its_back(url) as connection:
        connection.exec_driver_sql("INSERT INTO edges VALUES (1001, 1, 0), (1002, 1, 0), (1003, 1, 0)")
    file = tmp_path / "hqserver.db"
    content = file.read_bytes()
    assert content.count((1002).to_bytes(2)) == 1
    file.write_bytes(content.replace((1002).to_bytes(2), (1002 ^ 64).to_bytes(2)))
    store = open_store(url)
    with pytest.raises(StoreError, match=r"edges are out of order.* restore the newest backup"):
        store.load()
