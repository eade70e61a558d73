"""The program in a real window on a real farm, driven by the keyboard, killed, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for
from tests.gui.screen import Screen, missing_tools, screen

pytestmark = pytest.mark.skipif(
    bool(missing_tools()), reason=f"NO REAL WINDOW WAS TRIED: {missing_tools()} not installed here"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Screen]:
    """A screen."""
    with screen(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as made:
        yield made


def _status(farm: RealFarm, job: int) -> str:
    return str(farm.job(job, "status")["status"])


def test_keys_pause_resume_and_cancel_a_job(desk: Screen, farm: RealFarm) -> None:
    [job] = farm.hq.newjob({"name": "endless", "command": "exec sleep 3600", "priority": 99})
    farm.wait_for_status([job], "running")
    program = desk.open("--server", farm.url)
    desk.window("Wrangler")

    def turned(before: str, after: str, *keys: str) -> bool:
        """The row, or news of it, may not be there yet: keys are pressed until they work."""
        if _status(farm, job) == before:
            desk.do("key", *keys)
        return _status(farm, job) == after

    def asked() -> bool:
        if _titles(desk, "Wrangler") == 1:
            desk.do("key", "Delete")
        return _titles(desk, "Wrangler") == 2

    wait_for("the pause", lambda: turned("running", "paused", "Home", "ctrl+p"), 60, pause=1.5)
    wait_for("the resume", lambda: turned("paused", "running", "ctrl+p"), 60, pause=1.5)
    wait_for("the question", asked, 60, pause=1.5)
    desk.do("key", "Escape")
    wait_for("its end", lambda: _titles(desk, "Wrangler") == 1)
    assert _status(farm, job) == "running"

    def cancelled() -> bool:
        """The keyboard may be with the window still: then the question was answered by nobody, or by No."""
        if asked():
            desk.do("key", "Tab", "space")
        return _status(farm, job) == "cancelled"

    wait_for("the cancel", cancelled, 60, pause=2.0)
    desk.do("key", "ctrl+q")
    assert program.wait(timeout=30) == 0
    assert "ERROR" not in desk.log.read_text()


def _titles(desk: Screen, name: str) -> int:
    return len(desk.do("search", "--onlyvisible", "--name", name).split())


def test_what_the_window_looked_like_outlives_a_kill(desk: Screen, farm: RealFarm) -> None:
    program = desk.open("--server", farm.url)
    window = desk.window("Wrangler")
    wait_for("the first layout to be kept", lambda: "geometry" in _kept(desk))
    before = _geometry(desk)
    desk.do("windowsize", "--sync", window, "1111", "777")
    wait_for("the size to be kept", lambda: _geometry(desk) != before)
    desk.do("key", "ctrl+plus")
    wait_for("the zoom to be kept", lambda: "zoom=1.15" in _kept(desk))
    size = desk.size(window)
    program.send_signal(signal.SIGKILL)
    program.wait()
    desk.open()  # the farm is remembered too
    again = desk.window("Wrangler")
    wait_for("the size of before", lambda: desk.size(again) == size)
    assert abs(size[0] - 1111) < 4
    assert "zoom=1.15" in _kept(desk)
    assert farm.url in _kept(desk)


def _geometry(desk: Screen) -> list[str]:
    """What is kept of where the window was."""
    return [line for line in _kept(desk).splitlines() if line.startswith("geometry=")]


def _kept(desk: Screen) -> str:
    return desk.settings.read_text() if desk.settings.exists() else ""


def test_a_first_start_asks_for_the_farm(desk: Screen, farm: RealFarm) -> None:
    program = desk.open()
    desk.window("Connect to a farm")
    desk.do("type", f"127.0.0.1:{farm.port}")
    desk.do("key", "Return")
    wait_for("the window", lambda: desk.do("search", "--onlyvisible", "--name", "127.0.0.1 – Wrangler"), 60)
    program.send_signal(signal.SIGTERM)
    assert program.wait(timeout=30) == 0
    assert farm.url in _kept(desk)


def test_closing_the_dialog_ends_the_program(desk: Screen) -> None:
    program = desk.open()
    desk.window("Connect to a farm")
    desk.do("key", "Escape")
    assert program.wait(timeout=30) == 0


DEMO = ("-m", "resources.examples.demo", "--frames", "1", "--size", "32x18", "--samples", "1")


def test_the_demonstration_opens_the_window_and_ends_with_it(desk: Screen, tmp_path: Path) -> None:
    with (tmp_path / "demo.log").open("wb") as log:
        demo = subprocess.Popen(
            [sys.executable, *DEMO, "--folder", str(tmp_path / "demo")],
            env=desk.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    desk.programs.append(demo)
    desk.window("127.0.0.1 – Wrangler")
    said = tmp_path / "demo.log"
    wait_for("the film", lambda: "until the window is closed" in said.read_text(), 120)
    desk.do("key", "ctrl+q")
    assert demo.wait(timeout=60) == 0
    assert "0 processes left." in said.read_text()


def test_the_demonstration_says_when_there_is_no_display(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    result = subprocess.run(
        [sys.executable, *DEMO, "--folder", str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "There is no display here, so no window opens" in result.stdout
    assert "0 processes left." in result.stdout
