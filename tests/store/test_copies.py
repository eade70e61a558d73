"""Copies: all of it, taken while the server writes, from which a server can be run; or no file at all."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from hqserver.core.state import REVISIONS_AHEAD, Changes
from hqserver.store.store import Store, StoreError, backup, check
from tests.store.histories import History, Picture, differences, picture_of, picture_of_farm
from tests.store.stored import behind_its_back, commit

Opener = Callable[[str], Store]


def test_a_server_can_be_run_from_a_copy(database: str, open_store: Opener, tmp_path: Path) -> None:
    store = open_store(database)
    store.load()
    history = History(2, lambda changes: commit(store, changes))
    for _ in range(60):
        history.step()
    folder = tmp_path / "restored"
    folder.mkdir()
    store.backup(folder / "hqserver.db")
    with closing(Store.open(folder)) as copy:
        remembered = copy.load()
        assert copy.damages == []
        assert differences(picture_of(remembered), picture_of_farm(history.farm)) == []
        assert remembered.next_job == history.farm.next_job
        assert copy.check() == []


def test_a_copy_that_is_taken_while_gathers_are_written_holds_whole_gathers(
    database: str, open_store: Opener, tmp_path: Path
) -> None:
    store = open_store(database)
    store.load()
    pictures: dict[int, Picture] = {}

    def keep(changes: Changes) -> None:
        commit(store, changes)
        pictures[history.farm.revision] = picture_of_farm(history.farm)

    history = History(2, keep)
    history.step()
    copies = [tmp_path / f"copy{number}" for number in range(4)]
    for folder in copies:
        folder.mkdir()
        copying = threading.Thread(target=store.backup, args=(folder / "hqserver.db",))
        copying.start()
        history.step()
        while copying.is_alive():
            history.step()
        copying.join()
    for folder in copies:
        with closing(Store.open(folder)) as copy:
            remembered = copy.load()
        assert differences(picture_of(remembered), pictures[remembered.revision - REVISIONS_AHEAD]) == []


def test_a_backup_beside_a_running_server_needs_no_lock(database: str, open_store: Opener, tmp_path: Path) -> None:
    open_store(database).load()
    backup(tmp_path, database, tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert check(tmp_path, f"sqlite:///{tmp_path}/copy.db") == []


def test_an_older_copy_is_replaced_and_nothing_unfinished_is_left(tmp_path: Path, open_store: Opener) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hqserver.db")
    store.load()
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    target.write_text("older")
    (target.parent / "copy.db.part").write_text("of a copy that was interrupted")
    store.backup(target)
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_a_copy_that_cannot_be_written_leaves_the_older_one(database: str, open_store: Opener, tmp_path: Path) -> None:
    store = open_store(database)
    store.load()
    with pytest.raises(StoreError, match="no copy could be written"):
        store.backup(tmp_path / "no such folder" / "copy.db")
    store.close()
    with behind_its_back(database) as connection:
        connection.execute(sa.text("DROP TABLE edges"))
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("PRAGMA writable_schema = 1"))
            connection.execute(sa.text("UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'jobs'"))
    older = tmp_path / "copy.db"
    older.write_text("older")
    with pytest.raises(StoreError, match="no copy could be written"):
        backup(tmp_path, database, older)
    assert older.read_text() == "older"
    assert not (tmp_path / "copy.db.part").exists()


def test_no_copy_is_made_of_nothing_and_none_over_a_database(tmp_path: Path, open_store: Opener) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        backup(tmp_path, None, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
    open_store(f"sqlite:///{tmp_path}/hqserver.db").load()
    other = tmp_path / "other"
    other.mkdir()
    in_use = Store.open(other)
    in_use.load()
    (tmp_path / "link.db").symlink_to(tmp_path / "hqserver.db")
    for target, words in (
        (tmp_path / "hqserver.db", "is the database itself"),
        (tmp_path / "link.db", "is the database itself"),
        (other, "is a folder; name a file"),
        (other / "hqserver.db", "a database that a server uses"),
    ):
        with pytest.raises(StoreError, match=words):
            backup(tmp_path, None, target)
    in_use.close()
    assert check(tmp_path) == check(other) == []


def test_check_of_what_is_not_there_says_so(tmp_path: Path, empty_postgres: str) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        check(tmp_path)
    assert "no tables" in check(tmp_path, empty_postgres)[0]
    assert list(tmp_path.iterdir()) == []
