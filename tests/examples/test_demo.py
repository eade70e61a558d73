"""The demonstration as a person runs it: a small film, and what Ctrl+C leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from resources.examples.film.encode import count_frames
from tests.farm.harness import wait_for

Demo = subprocess.Popen[str]


def _start(folder: Path, *options: str) -> Demo:
    return subprocess.Popen(
        [sys.executable, "-m", "resources.examples.demo", "--headless", "--folder", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def _left(folder: Path) -> list[psutil.Process]:
    """Processes that know a folder, this one left out."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _knows(process, folder)]


def _knows(process: psutil.Process, folder: Path) -> bool:
    try:
        return any(str(folder) in text for text in (*process.cmdline(), *process.environ().values()))
    except (psutil.Error, OSError):
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose processes are ended whatever happens."""
    yield tmp_path
    for process in _left(tmp_path):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def test_a_farm_renders_the_film_and_is_gone(folder: Path) -> None:
    demo = _start(folder, "--frames", "3", "--size", "32x18", "--samples", "1")
    text, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, text
    [film] = folder.rglob("film.mp4")
    assert count_frames(film) == 3
    assert f"The film: {film}" in text
    assert "6 of 6 frames done, 0 failed, 0 left" in text
    assert "0 processes left." in text
    assert _left(folder) == []


def test_a_frame_that_fails_is_shown_with_its_output(folder: Path) -> None:
    demo = _start(folder, "--frames", "2", "--size", "32x18", "--samples=-1")
    text, _ = demo.communicate(timeout=120)
    assert demo.returncode == 1, text
    assert re.search(r"^\w+ 000[12] \(job \d+\) is failed, on ", text, re.MULTILINE), text
    assert "Traceback" in text
    assert "0 processes left." in text
    assert _left(folder) == []


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_ends_everything(folder: Path, presses: int) -> None:
    demo = _start(folder, "--frames", "400", "--size", "320x180")
    wait_for("a frame at work", lambda: any(map(_renders, _left(folder))))
    for _ in range(presses):
        demo.send_signal(signal.SIGINT)
    text, _ = demo.communicate(timeout=60)
    assert demo.returncode == 130, text
    assert "0 processes left." in text
    assert _left(folder) == []


def _renders(process: psutil.Process) -> bool:
    try:
        return "render_frame" in " ".join(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return False


def test_a_farm_that_is_kept_says_how_to_talk_to_it_and_how_to_end_it(folder: Path) -> None:
    demo = _start(folder, "--keep", "--frames", "1", "--size", "32x18", "--samples", "1")
    text, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, text
    lines = [line.strip() for line in text.splitlines()]
    [call] = [line for line in lines if "newjob" in line]
    job = subprocess.run(["/bin/sh", "-c", call], capture_output=True, text=True, timeout=30, check=True).stdout
    assert job.strip().startswith("[")
    [end] = [line for line in lines if line.startswith("kill ")]
    assert _left(folder)
    subprocess.run(["/bin/sh", "-c", end], check=True, timeout=30)
    wait_for("the farm to end", lambda: not _left(folder))
