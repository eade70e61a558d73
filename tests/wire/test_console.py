"""How the programs end when nobody reads their output to its end, as `| head -1` does not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hqserver.wire.console import NOBODY_READS

WRITES = "import sys; from hqserver.wire.console import while_read; sys.exit(while_read(lambda: {}))"
LITTLE, MUCH = "print('a') or 3", "print('a' * 1_000_000) or 3"
FOREIGN = "exec('raise BrokenPipeError(\"another pipe\")')"


def unread(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run Python with an output that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [sys.executable, *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            check=False,
        )
    finally:
        os.close(writer)


@pytest.mark.parametrize("program", ["hqserver", "hqagent", "hqgui", "hqgui.tray"])
def test_help_that_nobody_reads_ends_without_a_word(program: str) -> None:
    ended = unread("-m", program, "--help")
    assert (ended.returncode, ended.stderr) == (NOBODY_READS, b"")


@pytest.mark.parametrize("work", [LITTLE, MUCH], ids=["little", "much"])
def test_what_is_written_to_nobody_is_dropped(work: str) -> None:
    ended = unread("-c", WRITES.format(work))
    assert (ended.returncode, ended.stderr) == (NOBODY_READS, b"")


@pytest.mark.parametrize("work", [LITTLE, MUCH], ids=["little", "much"])
def test_so_is_what_is_written_at_once(work: str) -> None:
    ended = unread("-u", "-c", WRITES.format(work))
    assert (ended.returncode, ended.stderr) == (NOBODY_READS, b"")


def test_what_is_read_ends_as_the_program_says() -> None:
    ended = subprocess.run([sys.executable, "-c", WRITES.format(LITTLE)], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"a\n", b"")


def test_a_pipe_of_another_kind_that_breaks_is_told() -> None:
    ended = subprocess.run([sys.executable, "-c", WRITES.format(FOREIGN)], capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"another pipe" in ended.stderr
