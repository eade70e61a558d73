"""A server that is killed while it brings its tables up to date leaves the old ones or the new, and all that is in them."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from hqserver.store import database, schema
from hqserver.store.store import Store
from hqserver.wire.jobs import JobSpec
from tests.store.histories import History
from tests.store.stored import commit
from tests.store.test_schema import next_version

UPGRADE = """
import sys
from pathlib import Path
from hqserver.store import schema
from hqserver.store.store import Store
folder, steps = Path(sys.argv[1]), schema.Steps(sys.argv[2], "0002")
store = Store.open(folder)
print("now", flush=True)
schema.upgrade(store._connection, folder, steps)
print("done", flush=True)
"""
REWRITES = "op.execute(\"UPDATE jobs SET mood = 'of job ' || id\")"


@pytest.mark.parametrize(
    ("jobs", "kills"), [(1_000, 3), pytest.param(100_000, 200, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_an_upgrade_that_is_killed_leaves_the_old_tables_or_the_new(tmp_path: Path, jobs: int, kills: int) -> None:
    chance = random.Random(jobs)
    original, folder = tmp_path / "original", tmp_path / "server"
    original.mkdir()
    with closing(Store.open(original)) as store:
        store.load()
        history = History(1, lambda changes: commit(store, changes))
        for _ in range(jobs // 500):
            history.world.submit(*(JobSpec(f"job {number}", "x") for number in range(500)))
    steps = next_version(tmp_path, REWRITES)
    began = time.monotonic()
    assert _upgrade(original, folder, steps, seconds=600.0)[0] == "0002"
    whole = time.monotonic() - began
    seen = set()
    for kill in range(kills):
        version, count = _upgrade(original, folder, steps, chance.uniform(0.0, whole))
        seen.add(version)
        assert count == jobs, f"kill {kill}: {count} jobs with tables {version}"
    assert seen <= {"0001", "0002"}
    assert kills < 100 or "0001" in seen, "no kill came early enough to prove anything"


def _upgrade(original: Path, folder: Path, steps: schema.Steps, seconds: float) -> tuple[str | None, int]:
    """Upgrade a copy, kill it so many seconds after it begins; the tables' version then, and how many jobs are whole."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    child = subprocess.Popen([sys.executable, "-c", UPGRADE, str(folder), steps.folder], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"now\n"
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
    engine = database.open_engine(database.database_url(folder, None))
    with engine.connect() as connection:
        version = schema.version(connection)
        with connection.begin():
            columns = {column["name"] for column in sa.inspect(connection).get_columns("jobs")}
            mood = " AND mood = 'of job ' || id" if "mood" in columns else ""
            found = sa.text(f"SELECT count(*) FROM jobs WHERE spec LIKE '%command%'{mood}")
            count = int(connection.scalar(found) or 0)
    engine.dispose()
    assert ("mood" in columns) is (version == "0002"), "half of an upgrade is there"
    return version, count
