"""A walk through the window as a new user takes it: real window, real farm, mouse and keyboard.

Each step is a function that gets the screen and the farm and leaves the window as it found it, so that further steps
can stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


def test_a_walk_through_the_window(desk: Screen, farm: RealFarm) -> None:
    program = desk.open("--server", farm.url)
    main = desk.window("127.0.0.1 – Wrangler")
    submit_frames(desk, farm, main)
    submit_what_waits_and_let_it_run(desk, farm, main)
    press(desk, main, "ctrl+q")
    assert program.wait(timeout=30) == 0
    assert "ERROR" not in desk.log.read_text()


def submit_frames(desk: Screen, farm: RealFarm, main: str) -> None:
    """The button in the toolbar, a few fields, the button below: three frames are made."""
    width, _ = desk.size(main)
    open_by(desk, "Submit job to", lambda: click(desk, main, width - 60, 21))
    dialog = desk.window("Submit job to")
    desk.do("type", "walk")
    desk.do("key", "Tab")
    desk.do("type", "echo frame $FRAME")
    desk.do("key", "Tab")
    desk.do("type", "1-3")
    across, down = desk.size(dialog)
    close_by(desk, "Submit job to", lambda: click(desk, dialog, across - 60, down - 26))
    job = wait_for("the job", lambda: _named(farm, "walk"))
    farm.wait_for_status([job["id"]], "succeeded")
    assert len(job["children"]) == 3


def submit_what_waits_and_let_it_run(desk: Screen, farm: RealFarm, main: str) -> None:
    """JSON by keyboard, for machines that there are not; W says why it waits, and the first button lets it run."""
    open_by(desk, "Submit job to", lambda: press(desk, main, "ctrl+n"))
    dialog = desk.window("Submit job to")
    desk.do("key", "ctrl+2", "ctrl+a")
    desk.do("type", '{"name": "stuck", "command": "true", "host": "nowhere"}')
    close_by(desk, "Submit job to", lambda: press(desk, dialog, "ctrl+Return"))
    job = wait_for("the job", lambda: _named(farm, "stuck"))["id"]
    assert farm.job(job, "waitingCode")["waitingCode"] == "condition"

    open_by(desk, "Why is stuck waiting", lambda: press(desk, main, "w"))
    why = desk.window("Why is stuck waiting")
    across, _ = desk.size(why)
    editor = min(max(round(across * 0.345), 390), 560)

    def pressed() -> bool:
        """The button of the verdict, at the right of the left part."""
        click(desk, why, across - editor - 90, 124)
        return str(farm.job(job, "status")["status"]) == "succeeded"

    wait_for("it to run", pressed, 60, pause=1.5)
    assert farm.hq.getPermittedClientsList(job) == [farm.hq.getClients()[0]["label"]]
    close_by(desk, "Why is stuck waiting", lambda: press(desk, why, "ctrl+w"))


def open_by(desk: Screen, title: str, act: Callable[[], object]) -> None:
    """Do what opens a window. A window that is busy, or a row that is not there yet, may need it more than once."""

    def tried() -> str:
        if not _shown(desk, title):
            act()
        return _shown(desk, title)

    wait_for(f"a window called {title}", tried, 60, pause=2)


def close_by(desk: Screen, title: str, act: Callable[[], object]) -> None:
    """Do what closes a window."""

    def tried() -> bool:
        if _shown(desk, title):
            act()
        return not _shown(desk, title)

    wait_for(f"{title} to close", tried, 60, pause=2)


def _shown(desk: Screen, title: str) -> str:
    return desk.do("search", "--onlyvisible", "--name", title)


def press(desk: Screen, window: str, *keys: str) -> None:
    """Press keys in a window."""
    desk.do("windowactivate", "--sync", window)
    desk.do("key", *keys)


def click(desk: Screen, window: str, x: int, y: int) -> None:
    """Press the left button at a place in a window."""
    desk.do("mousemove", "--window", window, str(x), str(y))
    desk.do("click", "1")


def _named(farm: RealFarm, name: str) -> Any:
    """The first job of a name."""
    rows = farm.hq.getJobs(list(range(1, 50)), ["id", "name", "children"])
    return next((row for row in rows if row["name"] == name), None)
