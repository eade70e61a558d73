"""The audit beside a real database: quiet about a healthy one, and what differs from RAM is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hqserver.auditing import Audit
from hqserver.core.commands import Submit
from hqserver.core.records import Attempt, Instant, Settings
from hqserver.core.restoring import restore
from hqserver.engine import Engine
from hqserver.farm_head import Commits
from hqserver.store.rows import attempt_row
from hqserver.store.store import Store
from hqserver.store.tables import ATTEMPTS
from hqserver.wire.jobs import JobSpec
from tests.store.histories import History
from tests.store.stored import behind_its_back, commit

Opener = Callable[[str], Store]
NOW = Instant(50_000.0, 50_000.0)


def look(store: Store, disturb: Callable[[Engine], None] = lambda engine: None) -> list[str]:
    """Start a farm on a store, submit something large, and have a pass of the audit over it."""

    async def run() -> list[str]:
        engine = Engine(restore(Settings(), store.load(), NOW), Commits(store, asyncio.get_running_loop()), lambda: NOW)
        children = tuple(JobSpec(str(number), "x") for number in range(600))
        await engine.change(Submit((JobSpec("large", "", children=children),)))
        audit = Audit(engine, store.recall)
        try:
            disturb(engine)
            return await audit.look(0.0)
        finally:
            audit.close()
            await engine.settled(engine.farm.revision)

    return asyncio.run(run())


@pytest.fixture
def lived_in(database: str, open_store: Opener) -> str:
    """A database in which much has happened."""
    store = open_store(database)
    store.load()
    history = History(7, lambda changes: commit(store, changes))
    for _ in range(120):
        history.step()
    store.close()
    return database


def test_of_a_healthy_farm_there_is_nothing_to_tell(
    lived_in: str, open_store: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(lived_in)
    assert look(store) == []
    assert not [record for record in caplog.records if record.name == "hqserver.audit"]
    store.close()
    assert look(open_store(lived_in)) == [], "after a restart too"


@pytest.mark.parametrize(
    ("told", "statement"),
    [
        ("job 1 is stored with another priority", sa.text("UPDATE jobs SET priority = 9 WHERE id = 1")),
        ("job 1 is stored with another everything: it is not stored", sa.text("DELETE FROM jobs WHERE id = 1")),
        ("job 601 is stored with another parents", sa.text("DELETE FROM edges WHERE child = 601")),
        (
            "job 2 is stored with another attempts",
            sa.insert(ATTEMPTS.table).values(attempt_row(Attempt(2, 1, 1, 1, 0.0))),
        ),
    ],
)
def test_what_is_stored_differently_is_told(
    database: str, open_store: Opener, caplog: pytest.LogCaptureFixture, told: str, statement: sa.Executable
) -> None:
    def disturb(_engine: Engine) -> None:
        with behind_its_back(database) as connection:
            connection.execute(statement)

    assert look(open_store(database), disturb) == [told]
    assert f"the audit found that {told}" in caplog.text


def test_what_changes_meanwhile_is_no_difference(database: str, open_store: Opener) -> None:
    """Changes that are on their way to the disk while the audit reads."""

    def disturb(engine: Engine) -> None:
        asyncio.get_running_loop().create_task(submit(engine))

    async def submit(engine: Engine) -> None:
        for number in range(50):
            await engine.change(Submit((JobSpec(f"late {number}", "x"),), parent=1))

    assert look(open_store(database), disturb) == []
