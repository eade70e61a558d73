"""Moving to another database: all of it or nothing, never into one that has something."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hqserver.store.moving import copy_database
from hqserver.store.store import Store, StoreError
from tests.store.histories import History, differences, picture_of, picture_of_farm
from tests.store.stored import behind_its_back, commit

Opener = Callable[[str], Store]


@pytest.fixture
def lived(tmp_path: Path, open_store: Opener) -> History:
    """What happened in the SQLite file of the folder, where nobody works any more."""
    store = open_store(f"sqlite:///{tmp_path}/hqserver.db")
    store.load()
    history = History(5, lambda changes: commit(store, changes))
    for _ in range(80):
        history.step()
    store.close()
    return history


def test_a_farm_moves_to_postgresql_and_back(
    lived: History, tmp_path: Path, empty_postgres: str, open_store: Opener
) -> None:
    counts = copy_database(tmp_path, None, empty_postgres)
    assert counts["jobs"] == len(lived.farm.jobs)
    store = open_store(empty_postgres)
    assert differences(picture_of(store.load()), picture_of_farm(lived.farm)) == []
    assert store.check() == []
    store.close()
    back = tmp_path / "back"
    back.mkdir()
    copy_database(tmp_path, empty_postgres, f"sqlite:///{back}/hqserver.db")
    with closing(Store.open(back)) as again:
        assert differences(picture_of(again.load()), picture_of_farm(lived.farm)) == []
        assert again.check() == []


def test_what_has_something_is_not_written_over(lived: History, tmp_path: Path, postgres_database: str) -> None:
    with behind_its_back(postgres_database) as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('revision', 7)")
    with pytest.raises(StoreError, match="not empty"):
        copy_database(tmp_path, None, postgres_database)
    with pytest.raises(StoreError, match="the database itself"):
        copy_database(tmp_path, None, f"sqlite:///{tmp_path}/hqserver.db")
    with behind_its_back(postgres_database) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == 0


def test_a_server_that_runs_is_not_copied_away_from(tmp_path: Path, empty_postgres: str, open_store: Opener) -> None:
    open_store(f"sqlite:///{tmp_path}/hqserver.db").load()
    with pytest.raises(StoreError, match="in use by another hqserver"):
        copy_database(tmp_path, None, empty_postgres)


def test_damage_is_not_carried_along(lived: History, tmp_path: Path, empty_postgres: str) -> None:
    with behind_its_back(f"sqlite:///{tmp_path}/hqserver.db") as connection:
        connection.exec_driver_sql("UPDATE jobs SET spec = '{}' WHERE id = (SELECT min(id) FROM jobs)")
    with pytest.raises(StoreError, match="checksum"):
        copy_database(tmp_path, None, empty_postgres)
