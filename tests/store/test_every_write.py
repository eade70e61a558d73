"""Each write of the store fails once for lack of room: nothing acknowledged is lost, it is told, and it goes on."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hqserver.core.state import Changes
from hqserver.store import writer
from hqserver.store.store import Store, StoreError, backup
from tests.store.faulty_disk import faulty_disk
from tests.store.histories import History, differences, picture_of, picture_of_farm
from tests.store.test_obstacles import driver

STEPS = 25
SOME_OR_ALL = pytest.mark.parametrize("share", [12, pytest.param(0, marks=pytest.mark.long)])
"""How many of the writes are made to fail; 0: each of them."""


@pytest.fixture(autouse=True)
def _tries_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_RETRY_SECONDS", 0.001)


class Life:
    """A store that is opened, lived with and closed; commits that were acknowledged are counted."""

    def __init__(self, folder: Path) -> None:
        self.history = History(5, self._keep)
        self.acknowledged = 0
        self._folder = folder
        self._store: Store | None = None

    def live(self) -> None:
        """Raises StoreError if it cannot be opened."""
        with closing(Store.open(self._folder)) as self._store:
            self._store.load()
            driver(self._store).execute("PRAGMA wal_autocheckpoint=20")  # so that the main file is written too
            for _ in range(STEPS):
                self.history.step()

    def _keep(self, changes: Changes) -> None:
        over = threading.Event()
        failed: list[BaseException] = []

        def fail(error: BaseException) -> None:
            failed.append(error)
            over.set()

        assert self._store is not None
        self._store.write(changes, over.set, fail)
        assert over.wait(60), "it goes on when there is room"
        assert failed == []
        self.acknowledged += 1


def chosen(writes: int, share: int) -> Iterator[int]:
    """The numbers of the writes that are to fail, one in each run."""
    step = max(1, writes // share) if share else 1
    yield from range(1, writes + 1, step)


def count_writes(folder: Path) -> int:
    folder.mkdir()
    with faulty_disk() as disk:
        Life(folder).live()
    return disk.calls


@SOME_OR_ALL
@pytest.mark.timeout(1200)
def test_whichever_write_fails_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], share: int
) -> None:
    writes = count_writes(tmp_path / "whole")
    assert writes > 100
    seen: Counter[str] = Counter()
    for number in chosen(writes, share):
        folder = tmp_path / f"write{number}"
        folder.mkdir()
        caplog.clear()
        life = Life(folder)
        with faulty_disk(number) as disk:
            is_refused = refused(life)
        is_told = "cannot be written now, trying on" in caplog.text
        assert is_told is ("can be written again" in caplog.text), f"write {number}"
        seen["refused" if is_refused else "told" if is_told else "nothing"] += 1
        if disk.failed_in.endswith("-wal"):
            assert is_refused or is_told, f"write {number}: a commit was held up, and nobody was told"
        look_at_what_is_there(folder, life, number)
    assert seen["told"], "no commit was disturbed"
    if not share:
        with capsys.disabled():
            sys.stdout.write(
                f"\n{writes} writes of the store, each failed once with a full disk: {seen['refused']} at a start, which said "
                f"so,\n{seen['told']} in a commit, which was told and done when there was room, {seen['nothing']} in a "
                "copy of what was safe already; lost 0\n"
            )


@SOME_OR_ALL
def test_whichever_write_of_a_copy_fails_there_is_no_half_of_one(tmp_path: Path, share: int) -> None:
    count_writes(tmp_path / "data")
    whole = tmp_path / "whole.db"
    with faulty_disk() as disk:
        backup(tmp_path / "data", None, whole)
    assert disk.calls > 10
    for number in chosen(disk.calls, share):
        with faulty_disk(number), pytest.raises(StoreError, match="full"):
            backup(tmp_path / "data", None, tmp_path / f"copy{number}.db")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "whole.db"], f"write {number}"


def refused(life: Life) -> bool:
    """Live it; whether the start was refused, and then for lack of room."""
    try:
        life.live()
    except StoreError as refusal:
        assert "full" in str(refusal)
        assert life.acknowledged == 0
        return True
    return False


def look_at_what_is_there(folder: Path, life: Life, number: int) -> None:
    """With room again the store opens and holds all that was acknowledged."""
    with closing(Store.open(folder)) as store:
        remembered = store.load()
        expected = life.history.farm if life.acknowledged else History(5).farm
        assert differences(picture_of(remembered), picture_of_farm(expected)) == [], f"write {number}"
        assert store.check() == [], f"write {number}"
