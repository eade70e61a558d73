"""What an agent takes up from the one before it, and what it leaves alone because agents end while they do that."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hqagent.attempts import Attempts
from hqagent.book import Book
from hqagent.environment import Surroundings
from hqagent.processes import platform_processes
from hqagent.processes.posix import LinuxProcesses
from hqagent.spool import Launch, Spool
from hqserver.wire.agent import Ended, EndReason
from tests.agent.test_parts import start as ordered
from tests.farm.harness import wait_for

POISON, SOUND = (1, 1), (2, 1)


class Fragile(LinuxProcesses):
    """Ends the agent when it looks at one of its folders, as a crash does."""

    def __init__(self, poison: Path) -> None:
        super().__init__(None)
        self._poison = poison
        self.is_looking = True

    def keeper(self, folder: Path) -> int | None:
        if folder == self._poison and self.is_looking:
            raise SystemExit
        return super().keeper(folder)


def start(spool: Spool, processes: LinuxProcesses, key: tuple[int, int], command: str) -> int:
    folder = spool.make(*key)
    assert folder is not None
    until = time.clock_gettime(time.CLOCK_BOOTTIME) + 100
    environment = {"PATH": os.environ["PATH"], "TMPDIR": f"{folder}/tmp"}
    spool.prepare(folder, command, Launch("/bin/sh", environment, until, name="shot"))
    return processes.launch(folder)


def next_agent(folder: Path, processes: LinuxProcesses, look: Callable[[Attempts, Book], None]) -> None:
    async def live() -> None:
        book = Book()
        attempts = Attempts(book, Spool(folder), processes, lambda: None)
        try:
            attempts.recover()
            look(attempts, book)
        finally:
            attempts.close()

    asyncio.run(live())


def test_an_attempt_at_which_five_agents_ended_is_ended_and_has_failed(tmp_path: Path) -> None:
    folder = tmp_path / "attempts"
    first = LinuxProcesses(None)
    spool = Spool(folder)
    start(spool, first, POISON, f"echo $$ > {tmp_path}/pid; setsid sleep 1000 & sleep 1000")
    start(spool, first, SOUND, f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; exit 7")
    wait_for("its start", (tmp_path / "pid").exists)
    first.close()
    for _ in range(5):
        with pytest.raises(SystemExit):
            next_agent(folder, Fragile(spool.path(*POISON)), lambda attempts, book: None)

    def looked(attempts: Attempts, book: Book) -> None:
        assert list(book.running) == [SOUND]
        assert book.running[SOUND].name == "shot"
        ended = book.ended[POISON]
        assert (ended.reason, ended.message[:18]) == (EndReason.REFUSED, "5 agents in a row ")
        assert not _runs_below(spool.path(*POISON))

    third = Fragile(spool.path(*POISON))
    third.is_looking = False
    next_agent(folder, third, looked)
    (tmp_path / "go").touch()
    wait_for("the sound one", lambda: spool.exit(*SOUND))

    def afterwards(attempts: Attempts, book: Book) -> None:
        found = {key: (ended.reason, ended.exit_code) for key, ended in book.ended.items()}
        assert found == {POISON: (EndReason.REFUSED, None), SOUND: (EndReason.EXITED, 7)}

    next_agent(folder, platform_processes(None), afterwards)  # type: ignore[arg-type]


def test_what_has_ended_is_told_however_many_agents_ended_at_it(tmp_path: Path) -> None:
    """Killed agents are no reason to run a job again that is done: a run of hundreds of kills showed that."""
    folder = tmp_path / "attempts"
    first, spool = LinuxProcesses(None), Spool(folder)
    start(spool, first, POISON, "echo whole; exit 7")
    wait_for("its end", lambda: spool.exit(*POISON))
    first.close()
    for _ in range(9):
        with pytest.raises(SystemExit):
            next_agent(folder, Fragile(spool.path(*POISON)), _die_at_the_end)

    def looked(attempts: Attempts, book: Book) -> None:
        ended = book.ended[POISON]
        assert (ended.reason, ended.exit_code, ended.output_bytes) == (EndReason.EXITED, 7, 6)
        assert attempts.follower.lacking(POISON) is True

    for _ in range(3):
        spool.note_taking_up(*POISON)
    next_agent(folder, LinuxProcesses(None), looked)
    found = spool.exit(*POISON)
    assert found is not None
    assert (found.reason, found.exit_code) == (EndReason.EXITED, 7)


def _die_at_the_end(attempts: Attempts, book: Book) -> None:
    raise SystemExit


def test_ends_at_different_attempts_are_no_reason(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert [spool.note_taking_up(*key) for key in (POISON, POISON, SOUND, POISON, POISON)] == [0, 1, 0, 0, 1]
    spool.note_all_taken_up()
    assert spool.note_taking_up(*POISON) == 0
    (tmp_path / "taking-up").write_text("\0nonsense")
    assert spool.note_taking_up(*POISON) == 0


def test_a_folder_is_used_again_and_holds_nothing_of_the_job_before(tmp_path: Path) -> None:
    processes = LinuxProcesses(None)
    spool = Spool(tmp_path)
    try:
        start(spool, processes, (1, 1), "echo secret; echo $TMPDIR")
        wait_for("its end", lambda: spool.exit(1, 1))
        number = spool.path(1, 1).stat().st_ino
        spool.forget([(1, 1)])
        assert list(spool.held()) == []
        (spare,) = (tmp_path / "spare").iterdir()
        assert sorted(path.name for path in spare.iterdir()) == ["exit.new", "lock", "output", "script", "tmp"]
        assert b"secret" not in b"".join(path.read_bytes() for path in spare.iterdir() if path.is_file())
        assert b"TMPDIR" not in (spare / "lock").read_bytes()
        start(spool, processes, (2, 1), "echo $TMPDIR; exit 3")
        assert spool.path(2, 1).stat().st_ino == number
        assert spool.make(2, 1) is None
        ended = wait_for("its end", lambda: spool.exit(2, 1))
        assert ended is not None
        assert ended.exit_code == 3
        assert spool.read_output(2, 1, 0, 1000) == f"{spool.path(2, 1)}/tmp\n".encode()
    finally:
        processes.close()


@pytest.mark.parametrize(
    "deed",
    ["touch left", "touch ../more; mkdir ../folder", "ln -sf /etc/hostname ../output", "rm -r ../tmp", "rm ../script"],
)
def test_a_folder_in_which_a_job_left_its_traces_is_deleted(tmp_path: Path, deed: str) -> None:
    processes = LinuxProcesses(None)
    spool = Spool(tmp_path)
    try:
        start(spool, processes, (1, 1), deed)
        wait_for("its end", lambda: spool.exit(1, 1))
        spool.forget([(1, 1)])
        assert not spool.path(1, 1).exists()
        assert Path("/etc/hostname").read_text()
        start(spool, processes, (2, 1), "ls -a . ..; exit 3")
        ended = wait_for("its end", lambda: spool.exit(2, 1))
        assert ended is not None
        assert ended.exit_code == 3
        output = spool.read_output(2, 1, 0, 1000).decode()
        assert not {"left", "more", "folder"} & set(output.split())
    finally:
        processes.close()


def _runs_below(folder: Path) -> list[str]:
    mark = str(folder).encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return found


def test_what_is_told_of_an_end_is_what_is_on_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    folder = spool.make(1, 1)
    assert folder is not None
    spool.note_end(1, 1, EndReason.REFUSED)
    found = spool.exit(1, 1)
    assert found is not None
    assert Ended(0, 1, 1, found.reason).reason == EndReason.REFUSED
    for torn in (b"", b"\0" * 100, b"reason exited\nco"):
        (folder / "exit").write_bytes(torn)
        found = spool.exit(1, 1)
        assert found is not None
        assert found.exit_code is None
        assert found.reason == EndReason.LOST


def test_what_this_machine_cannot_start_is_told_as_its_own_fault_and_an_unknown_shell_as_the_jobs(
    tmp_path: Path,
) -> None:
    def look(attempts: Attempts, book: Book) -> None:
        attempts.surroundings = Surroundings("", "", tmp_path, "linux-x86_64", {"PATH": os.environ["PATH"]})
        attempts.obey(ordered(shell="perl"), 0.0)
        (tmp_path / "attempts").rename(tmp_path / "away")
        attempts.obey(ordered(job=8), 0.0)
        told = {key: (ended.reason, ended.message) for key, ended in book.ended.items()}
        assert told[7, 2][0] == EndReason.REFUSED
        assert told[8, 2][0] == EndReason.UNABLE
        assert str(tmp_path / "attempts") in told[8, 2][1]

    next_agent(tmp_path / "attempts", LinuxProcesses(), look)
