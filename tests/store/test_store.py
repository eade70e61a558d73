"""What was committed is what is loaded, on each database."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hqserver.core import reading
from hqserver.core.commands import SetDisabled, SetPriority, Verb
from hqserver.core.farm import Farm
from hqserver.core.records import Instant, Settings
from hqserver.core.restoring import restore
from hqserver.store import schema, tables
from hqserver.store.store import Store, StoreError
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec
from tests.core.world import World

NOW = Instant(2000.0, 2000.0)


class Stored:
    """A farm whose changes are committed as they come."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.store = Store.open(folder, database)
        self.world = World()
        self.world.farm = restore(Settings(), self.store.load(), self.world.now)
        take = self.world.farm.take_changes

        def take_and_commit() -> Any:
            changes = take()
            if changes.stored:
                commit(self.store, changes)
            return changes

        self.world.farm.take_changes = take_and_commit  # type: ignore[method-assign]

    def again(self) -> Farm:
        """Close, open, load."""
        self.store.close()
        self.store = Store.open(self.folder, self.database)
        return restore(Settings(), self.store.load(), NOW)


def commit(store: Store, changes: Any) -> None:
    done = threading.Event()
    failures: list[BaseException] = []
    store.write(changes, done.set, lambda error: (failures.append(error), done.set())[0])
    assert done.wait(30)
    assert not failures, failures


@pytest.fixture
def stored(tmp_path: Path, database: str) -> Any:
    one = Stored(tmp_path, database)
    yield one
    one.store.close()


def everything(farm: Farm) -> dict[int, dict[str, Any]]:
    names = set(reading.JOB) - {"waitingFor", "waitingCode"}
    return {id_: {name: reading.JOB[name](farm, job) for name in sorted(names)} for id_, job in farm.jobs.items()}


def a_busy_farm(world: World) -> None:
    """Some of everything: trees, diamonds, retries, pauses, deletions, odd texts."""
    world.hello("a", cpus=2)
    world.hello("b", cpus=1)
    conditions = (Condition("hostname", "in", "a, b"),)
    frames = tuple(JobSpec(f"frame {n}", "render", environment={"A": "ü\n"}, tags=("single:x",)) for n in range(5))
    top = JobSpec(
        "top", {"linux": "encode"}, children=frames, conditions=conditions, tries_left=2, frame="x", lease=7.0
    )
    (parent,) = world.submit(top, user="ana", key="k", fingerprint="f", warnings=(("odd key 'x'",),))
    world.beat_all()
    world.end(parent + 1, 1)
    world.submit(JobSpec("between", "x", parent_ids=(parent,), children_ids=(parent + 2,), extra={"odd": [1, None]}))
    (gone,) = world.submit(JobSpec("gone", ""))
    world.act(Verb.DELETE, gone)
    world.act(Verb.PAUSE, parent + 3)
    world.apply(SetPriority((parent,), 7))
    world.apply(SetDisabled("b", True))
    world.beat_all()


def test_a_restart_gives_the_farm_as_it_was(stored: Stored) -> None:
    a_busy_farm(stored.world)
    before = everything(stored.world.farm)
    again = stored.again()
    assert everything(again) == before
    assert again.clients[2].disabled
    assert again.next_job == stored.world.farm.next_job
    assert again.submission_of_key["k"].ids == (1,)
    assert again.revision > stored.world.farm.revision


def test_running_attempts_are_kept_with_their_clients(stored: Stored) -> None:
    stored.world.hello("a", cpus=2)
    (job,) = stored.world.submit(JobSpec("long", "sleep"))
    stored.world.beat_all()
    again = stored.again()
    attempt = again.jobs[job].live_attempt
    assert attempt is not None
    assert again.clients[1].attempts == {job: attempt}
    assert again.clients[1].cpus_used == 1


def test_a_submission_that_was_not_completed_leaves_nothing(stored: Stored) -> None:
    from hqserver.core.commands import Submit

    farm = stored.world.farm
    spec = JobSpec("big", children=tuple(JobSpec(str(n), "x") for n in range(1200)))
    staging = farm.stage(Submit((spec,)), NOW)
    for count, part in enumerate(farm.slices(staging, NOW)):
        if count < 2:
            commit(stored.store, part)
    again = stored.again()
    assert not again.jobs
    with sa.create_engine(stored.database).connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.jobs)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.edges)) == 0


def test_a_staged_submission_is_loaded_as_it_was_shown(stored: Stored) -> None:
    from hqserver.core.commands import Submit

    farm = stored.world.farm
    spec = JobSpec("big", "x", children=tuple(JobSpec(str(n), "" if n == 7 else "x") for n in range(1200)))
    staging = farm.stage(Submit((spec,)), NOW)
    for part in farm.slices(staging, NOW):
        commit(stored.store, part)
    farm.activate(staging, NOW)
    farm.take_changes()
    before = everything(farm)
    assert everything(stored.again()) == before


def test_a_damaged_specification_is_put_aside_and_never_run(stored: Stored, caplog: pytest.LogCaptureFixture) -> None:
    (good, bad) = stored.world.submit(JobSpec("good", "echo good"), JobSpec("bad", "echo bad"))
    stored.store.close()
    engine = sa.create_engine(stored.database)
    with engine.begin() as connection:
        row = connection.execute(sa.select(tables.jobs.c.spec).where(tables.jobs.c.id == bad)).scalar_one()
        damaged = row.replace("echo bad", "echo bat")
        connection.execute(sa.update(tables.jobs).where(tables.jobs.c.id == bad).values(spec=damaged))
    engine.dispose()
    stored.store = Store.open(stored.folder, stored.database)
    farm = restore(Settings(), stored.store.load(), NOW)
    assert set(farm.jobs) == {good}
    assert "put aside" in caplog.text
    with sa.create_engine(stored.database).connect() as connection:
        kept = connection.execute(sa.select(tables.quarantine)).one()
        assert (kept.what, kept.id) == ("job", bad)


def test_a_second_server_is_refused(stored: Stored, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="in use by another hqserver"):
        Store.open(stored.folder, stored.database)
    if stored.database.startswith("postgresql"):
        other = tmp_path / "other"
        other.mkdir()
        with pytest.raises(StoreError, match="in use by another hqserver"):
            Store.open(other, stored.database)


def test_tables_of_a_newer_server_are_refused(stored: Stored) -> None:
    stored.store.close()
    engine = sa.create_engine(stored.database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer hqserver"):
        Store.open(stored.folder, stored.database)


def test_migrations_make_the_tables_that_the_code_knows(stored: Stored) -> None:
    stored.store.close()
    engine = sa.create_engine(stored.database)
    inspector = sa.inspect(engine)
    for table in tables.metadata.sorted_tables:
        assert {column["name"] for column in inspector.get_columns(table.name)} == {c.name for c in table.columns}
        key = inspector.get_pk_constraint(table.name)["constrained_columns"]
        assert set(key) == {column.name for column in table.primary_key.columns}
    with engine.connect() as connection:
        assert schema.version(connection) == schema.HEAD
    engine.dispose()


def test_a_full_disk_is_waited_out(tmp_path: Path) -> None:
    one = Stored(tmp_path, f"sqlite:///{tmp_path}/hqserver.db")
    connection = one.store._connection  # noqa: SLF001 - the limit belongs to the connection that writes
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    connection.commit()
    done = threading.Event()
    farm = one.world.farm
    from hqserver.core.commands import Submit

    farm.apply(Submit((JobSpec("big", "x" * 1_000_000),)), NOW)
    changes = type(farm).take_changes(farm)
    one.store.write(changes, done.set, lambda error: None)
    from tests.farm.harness import wait_for

    wait_for("the writer to say that it waits", lambda: one.store.stalled)
    assert not done.is_set()
    raise_limit = threading.Thread(
        target=lambda: connection.connection.driver_connection.execute("PRAGMA max_page_count=1000000")  # type: ignore[union-attr]
    )
    raise_limit.start()
    raise_limit.join()
    assert done.wait(30)
    assert not one.store.stalled
    assert set(one.again().jobs) == {1}
    one.store.close()
