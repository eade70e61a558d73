"""Random damage, much of it: whatever is in the rows, the server starts, answers and goes on."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hqserver.core import reading
from hqserver.core.commands import Refused
from hqserver.core.records import Settings
from hqserver.core.restoring import restore
from hqserver.store.shapes import Shape
from hqserver.store.store import Store, StoreError
from hqserver.store.tables import SHAPES
from hqserver.wire.agent import Start
from hqserver.wire.jobs import JobSpec
from tests.store.histories import History, differences, picture_of, picture_of_farm
from tests.store.stored import behind_its_back, commit

Duplicate = Callable[[str], str]
A_FEW_OR_MANY = pytest.mark.parametrize(
    "share", [1, pytest.param(40, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
MUTANTS_OF_ROWS = {"sqlite": 60, "postgresql": 15}
MUTANTS_OF_FILE = 60

NUMBERS = (-1, 0, 1, 2, 3, 7, 99, 2**31, 2**53 + 1, 2**62)
FRACTIONS = (-1.0, 0.5, 1e300, float("inf"))
TEXTS = ("", "x", "running", "over", "[]", "{}", '{"name": 1}', "null", "ü", "9" * 400)


def a_history(folder: Path, url: str, seed: int) -> set[str]:
    """Put a farm with a past into a database; the commands in it."""
    with contextlib.closing(Store.open(folder, url)) as store:
        store.load()
        history = History(seed, lambda changes: commit(store, changes))
        for _ in range(60):
            history.step()
    assert 20 < len(history.farm.jobs) < 300
    return {text for job in history.farm.jobs.values() for text in _texts(job.spec)}


def _texts(spec: JobSpec) -> Iterator[str]:
    """What a job may have run: its command and its hooks."""
    yield str(spec.command_for("linux-x86_64"))
    for text in spec.hooks.values():
        yield from [text] if isinstance(text, str) else text.values()


def change_a_value(connection: sa.Connection, chance: random.Random) -> None:
    """Overwrite a random value of a random row, or remove the row. What the database itself refuses is no damage."""
    shape = chance.choice(SHAPES)
    count = connection.scalar(sa.select(sa.func.count()).select_from(shape.table)) or 0
    if not count:
        return
    row = connection.execute(sa.select(shape.table).offset(chance.randrange(count)).limit(1)).mappings().one()
    where = [shape.table.c[name] == row[name] for name in shape.keys]
    with contextlib.suppress(sa.exc.DBAPIError), connection.begin_nested():
        if chance.random() < 0.1:
            connection.execute(sa.delete(shape.table).where(*where))
        else:
            column = chance.choice(shape.names)
            value = a_value(connection.dialect.name, shape, column, chance)
            keys = " AND ".join(f"{name} = :key_{name}" for name in shape.keys)
            update = sa.text(f"UPDATE {shape.name} SET {column} = :value WHERE {keys}")
            connection.execute(update, {"value": value, **{f"key_{name}": row[name] for name in shape.keys}})


def a_value(dialect: str, shape: Shape, column: str, chance: random.Random) -> Any:
    """Something else: of any type on SQLite, of the column's on PostgreSQL."""
    kind = shape.table.c[column].type.python_type
    of_type = {int: NUMBERS, float: FRACTIONS, str: TEXTS}
    if dialect == "sqlite" and chance.random() < 0.5:
        return chance.choice((*NUMBERS, *FRACTIONS, *TEXTS, b"\xff\xfe", None))
    return chance.choice(of_type[kind])


def live_on(folder: Path, url: str, seed: int, commands: set[str]) -> None:
    """Load what is there, let things happen to it, answer everything; what was written is found again."""
    with contextlib.closing(Store.open(folder, url)) as store:
        history = History(seed)
        history.world.time = 50_000.0
        started: set[str] = set()

        def keep(changes: Any) -> None:
            started.update(order.command for _, order in changes.orders if isinstance(order, Start))
            commit(store, changes)

        farm = restore(Settings(), store.load(), history.world.now)
        history.keep = keep
        history.follow(farm)
        for _ in range(12):
            with contextlib.suppress(Refused):
                history.step()
        for job in farm.jobs.values():
            assert all(read(farm, job) is not NotImplemented for read in reading.JOB.values())
        for client in farm.clients.values():
            assert all(read(farm, client) is not NotImplemented for read in reading.CLIENT.values())
    assert started <= commands | {"exit 1", "render", "render --frame 7"}
    with contextlib.closing(Store.open(folder, url)) as store:
        assert differences(picture_of(store.load()), picture_of_farm(farm)) == []
        assert store.damages == []


@A_FEW_OR_MANY
def test_whatever_is_in_the_rows_the_server_starts(
    database: str, duplicate: Duplicate, tmp_path: Path, share: int
) -> None:
    backend = sa.make_url(database).get_backend_name()
    commands = a_history(tmp_path, database, seed=3)
    for seed in range(MUTANTS_OF_ROWS[backend] * share):
        chance = random.Random(seed)
        url = duplicate(database)
        with behind_its_back(url) as connection:
            for _ in range(chance.choice([1, 1, 5, 40])):
                change_a_value(connection, chance)
        try:
            live_on(tmp_path, url, seed, commands)
        except Exception as error:
            raise AssertionError(f"mutant {seed}") from error


@A_FEW_OR_MANY
def test_whatever_bit_is_flipped_in_the_file_no_damaged_command_is_run(
    tmp_path: Path, duplicate: Duplicate, share: int
) -> None:
    url = f"sqlite:///{tmp_path}/hqserver.db"
    commands = a_history(tmp_path, url, seed=5)
    with sqlite3.connect(tmp_path / "hqserver.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    started = 0
    for seed in range(MUTANTS_OF_FILE * share):
        chance = random.Random(seed)
        copy = duplicate(url)
        file = Path(str(sa.make_url(copy).database))
        content = bytearray(file.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        try:
            live_on(tmp_path, copy, seed, commands)
            started += 1
        except StoreError as refusal:
            assert "restore" in str(refusal)
        except Exception as error:
            raise AssertionError(f"mutant {seed}") from error
    assert started > MUTANTS_OF_FILE * share / 3
