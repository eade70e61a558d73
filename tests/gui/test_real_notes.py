"""Notes in a real window, by the keyboard: one is written, another comes from elsewhere, a draft outlives a kill."""

from __future__ import annotations

import os
import signal
import subprocess
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


@pytest.fixture
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as made:
        yield made


def _notes(farm: RealFarm, job: int) -> list[str]:
    thread = farm.job(job, "threadId")["threadId"]
    if thread is None:
        return []
    [row] = farm.hq.getNoteThreads([thread], ["notes"], ["text"])
    return [note["text"] for note in row["notes"]]


def _kept(desk: Screen) -> str:
    return desk.settings.read_text() if desk.settings.exists() else ""


def _picture(desk: Screen, name: str) -> None:
    """For who wants to look: of the whole screen, into the folder that HQFARM_PICTURES names."""
    folder = os.environ.get("HQFARM_PICTURES")
    if folder:
        subprocess.run(["scrot", "-o", f"{folder}/{name}.png"], env=desk.environment, timeout=30, check=False)


def test_a_note_is_written_read_and_drafted_by_keys(desk: Screen, farm: RealFarm) -> None:
    [job] = farm.hq.newjob({"name": "endless", "command": "exec sleep 3600", "priority": 99})
    farm.wait_for_status([job], "running")
    program = desk.open("--server", farm.url)
    main = desk.window("Wrangler")
    wait_for("the farm's address to be kept", lambda: farm.url in _kept(desk))

    def written() -> bool:
        """The row may not be there yet: keys are pressed until they work."""
        if _notes(farm, job):
            return True
        desk.do("key", "Home", "n")
        desk.do("type", "two frames need highmem")
        desk.do("key", "ctrl+Return")
        return False

    wait_for("the note", written, 60, pause=2.0)
    assert _notes(farm, job)[0].startswith("two frames need highmem")
    farm.hq.addNote("rocks are published as v040", None, job, None)
    desk.do("key", "ctrl+shift+n")
    browser = desk.window("Notes, 127.0.0.1")
    wait_for("what was read to be kept", lambda: "[notes]" in _kept(desk))
    desk.do("key", "--window", browser, "Home", "Return")
    _picture(desk, "real-notes")
    desk.do("key", "--window", browser, "n")

    def drafted() -> bool:
        """As above: the thread may be on its way."""
        if "half a thought" in _kept(desk):
            return True
        desk.do("windowactivate", "--sync", browser)
        desk.do("key", "Home", "n")
        desk.do("type", "half a thought ")
        return False

    wait_for("the draft to be kept", drafted, 60, pause=2.0)
    _picture(desk, "real-draft")
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert main
    again = desk.open()
    desk.window("Wrangler")

    def opened() -> str:
        """The key may come before the window knows it."""
        found = desk.do("search", "--onlyvisible", "--name", "Notes, 127.0.0.1")
        return found or desk.do("key", "ctrl+shift+n")

    wait_for("the browser", opened, 60, pause=2.0)
    assert "half a thought" in _kept(desk)
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=30) == 0
    assert "ERROR" not in desk.log.read_text()
    assert "half a thought" in _kept(desk)
