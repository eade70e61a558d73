"""The tables' versions: what the code knows is what migrations make; old or new, never between."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from hqserver.store import schema
from hqserver.store.shapes import metadata
from hqserver.store.store import Store, StoreError
from hqserver.wire.jobs import JobSpec
from tests.store.histories import History
from tests.store.stored import behind_its_back, commit

Opener = Callable[[str], Store]

NEXT_STEP = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None

def upgrade():
    op.add_column("jobs", sa.Column("mood", sa.Text, nullable=False, server_default="fine"))
    op.create_table("moods", sa.Column("id", sa.Integer, primary_key=True))
    {ending}
"""


@pytest.fixture
def old_database(empty_database: str, open_store: Opener) -> str:
    """One of this version with a job in it."""
    store = open_store(empty_database)
    store.load()
    History(1, lambda changes: commit(store, changes)).world.submit(JobSpec("old", "x"))
    store.close()
    return empty_database


def next_version(folder: Path, ending: str) -> schema.Steps:
    """This version's scripts and one more."""
    target = folder / "migrations"
    shutil.copytree(str(files("hqserver.store") / "migrations"), target)
    (target / "versions" / "0002_moods.py").write_text(NEXT_STEP.format(ending=ending))
    return schema.Steps(str(target), "0002")


def upgrade(url: str, data: Path, steps: schema.Steps) -> None:
    """As a server of the next version would."""
    store = Store.open(data, url)
    try:
        schema.upgrade(store._connection, data, steps)
    finally:
        store.close()


def test_migrations_make_the_tables_that_the_code_knows(empty_database: str, open_store: Opener) -> None:
    open_store(empty_database).close()
    with behind_its_back(empty_database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert list(compare_metadata(context, metadata)) == []
        if connection.dialect.name == "sqlite":
            for table in metadata.sorted_tables:
                select = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
                made = str(connection.scalar(select, {"name": table.name}))
                assert ("WITHOUT ROWID" in made) is not table.dialect_options["sqlite"]["with_rowid"]


def test_the_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", schema.STEPS.folder)
    assert ScriptDirectory.from_config(config).get_current_head() == schema.STEPS.head


def test_an_upgrade_keeps_what_is_there_and_a_copy_of_it(old_database: str, tmp_path: Path) -> None:
    upgrade(old_database, tmp_path, next_version(tmp_path, "pass"))
    with behind_its_back(old_database) as connection:
        assert connection.scalar(sa.text("SELECT mood FROM jobs")) == "fine"
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "0002"
    copy = tmp_path / "hqserver-tables-0001.db"
    assert copy.exists() is old_database.startswith("sqlite")
    if copy.exists():
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
            assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_an_upgrade_that_fails_leaves_the_old_tables(old_database: str, tmp_path: Path, open_store: Opener) -> None:
    with pytest.raises(ZeroDivisionError):
        upgrade(old_database, tmp_path, next_version(tmp_path, "1 / 0"))
    with behind_its_back(old_database) as connection:
        assert "moods" not in sa.inspect(connection).get_table_names()
        assert "mood" not in {column["name"] for column in sa.inspect(connection).get_columns("jobs")}
    assert [job.spec.name for job in open_store(old_database).load().jobs] == ["old"]


def test_the_tables_of_a_newer_server_are_refused_and_left_as_they_are(
    old_database: str, tmp_path: Path, open_store: Opener
) -> None:
    upgrade(old_database, tmp_path, next_version(tmp_path, "pass"))
    with pytest.raises(StoreError, match=r"belongs to a newer hqserver .*0002.* knows 0001"):
        open_store(old_database)
    with behind_its_back(old_database) as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "0002"


def test_a_second_start_takes_no_copy(old_database: str, open_store: Opener, tmp_path: Path) -> None:
    open_store(old_database).close()
    assert not list(tmp_path.glob("hqserver-tables-*"))
