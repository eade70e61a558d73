"""Writes a history until it is killed: what the kill tests kill.

`python -m tests.store.writing_child FOLDER URL SEED` reads how far the database came (a revision) from each line of its
input, forks a process that goes on from there, and says `end` when that process is gone. The fork prints its process id
and the revision of each gather that was acknowledged; a program that has imported everything forks in a millisecond.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import psycopg.types.numeric  # noqa: F401 - here and not in each fork
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401 - the same

from hqserver.core.state import Changes
from hqserver.store.rows import Gather, rows_of
from hqserver.store.store import Store
from tests.store.histories import History

WAITING = 4
"""Gathers that may wait for the disk: some, so that a kill can hit a queue."""


def say(text: object) -> None:
    """A line in one write, so that no kill can cut it."""
    os.write(1, f"{text}\n".encode())


def go_on(folder: Path, url: str, history: History, lacking: list[tuple[int, Gather]]) -> None:
    """Write what the database lacks, then gather after gather, and say what is on disk."""
    say(os.getpid())
    store = Store.open(folder, url)
    store.load()
    writer = store._writer
    assert writer is not None
    free = threading.Semaphore(WAITING)

    def write(revision: int, gather: Gather) -> None:
        def done() -> None:
            if gather.meta:
                say(revision)
            free.release()

        free.acquire()
        writer.submit(gather, done, lambda error: os._exit(3))

    for revision, gather in lacking:
        write(revision, gather)
    history.keep = lambda changes: write(changes.revision, rows_of(changes))
    while True:
        history.step()


def main(folder: str, url: str, seed: str) -> None:
    """Fork for each line of input."""
    history = History(int(seed))
    lacking: list[tuple[int, Gather]] = []

    def keep(changes: Changes) -> None:
        """A slice of a submission is told by none but the next gather: it is as old as that one will be."""
        lacking.append((changes.revision or history.farm.revision + 1, rows_of(changes)))

    history.keep = keep
    for line in sys.stdin:
        reached = int(line)
        while history.farm.revision < reached:
            history.step()
        lacking[:] = [(revision, gather) for revision, gather in lacking if revision > reached]
        child = os.fork()
        if child == 0:
            go_on(Path(folder), url, history, lacking)
        os.waitpid(child, 0)
        say("end")


if __name__ == "__main__":
    main(*sys.argv[1:])
