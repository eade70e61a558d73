"""A process that writes is killed at random moments: what it acknowledged is there, and no gather is there in part."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hqserver.core.state import REVISIONS_AHEAD, Changes
from hqserver.store.store import Store
from tests.store.histories import History, Picture, differences, picture_of, picture_of_farm

SEED = 11
LONGEST_WAIT = 0.05
"""Seconds after a few acknowledgements, or after the start, at the end of which the kill comes."""


class Expected:
    """The same history here: what must be in the database after each of its gathers."""

    def __init__(self) -> None:
        self._pictures: dict[int, Picture] = {}
        self._from = 0
        self._history = History(SEED, self._keep)

    def at(self, revision: int) -> Picture:
        """After the gather with this revision; they are asked for in order."""
        self._from = revision
        while self._history.farm.revision < revision:
            self._history.step()
        assert revision in self._pictures, f"no gather ends with revision {revision}: half of one is there"
        return self._pictures[revision]

    def _keep(self, changes: Changes) -> None:
        if changes.revision >= self._from:
            self._pictures[changes.revision] = picture_of_farm(self._history.farm)


class Lines:
    """What the child says, with a time limit."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._rest = b""

    def until(self, end: float) -> Iterator[str]:
        """Line by line, until this moment."""
        while (left := end - time.monotonic()) > 0:
            while b"\n" in self._rest:
                line, self._rest = self._rest.split(b"\n", 1)
                yield line.decode()
            if select.select([self._pipe], [], [], left)[0]:
                chunk = os.read(self._pipe, 65536)
                assert chunk, "the child ended by itself"
                self._rest += chunk

    def next(self) -> str:
        """One line, within a minute."""
        return next(self.until(time.monotonic() + 60))


@contextmanager
def writing_child(folder: Path, url: str) -> Iterator[tuple[Callable[[int], None], Lines]]:
    """How to have it go on from a revision, and what it says."""
    command = [sys.executable, "-m", "tests.store.writing_child", str(folder), url, str(SEED)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    orders, said = child.stdin, child.stdout

    def go_on(revision: int) -> None:
        orders.write(f"{revision}\n".encode())
        orders.flush()

    with orders, said:
        try:
            yield go_on, Lines(said.fileno())
        finally:
            child.kill()
            child.wait()


@pytest.mark.parametrize("kills", [50, pytest.param(500, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_kills_at_random_moments_lose_nothing(database: str, tmp_path: Path, kills: int) -> None:
    chance = random.Random(SEED)
    expected = Expected()
    reached = 0
    with writing_child(tmp_path, database) as (go_on, lines):
        for kill in range(kills):
            go_on(reached)
            process = int(lines.next())
            acknowledged = reached
            for _ in range(chance.choice([0, 1, 2, 10])):
                acknowledged = int(lines.next())
            for line in lines.until(time.monotonic() + chance.uniform(0.0, LONGEST_WAIT)):
                acknowledged = int(line)
            os.kill(process, signal.SIGKILL)
            while (line := lines.next()) != "end":
                acknowledged = int(line)
            with closing(Store.open(tmp_path, database)) as store:
                remembered = store.load()
                assert store.damages == [], f"kill {kill}"
            written = max(0, remembered.revision - REVISIONS_AHEAD)
            assert written >= acknowledged, f"kill {kill}: something acknowledged is lost"
            if written:
                found = differences(picture_of(remembered), expected.at(written))
                assert found == [], f"kill {kill}"
            reached = written
    assert reached > 3 * kills, "so little was written that this proves nothing"
