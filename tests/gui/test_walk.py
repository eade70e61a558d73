"""A walk through the window as a new user takes it: real window, real farm, mouse and keyboard.

Each step is a function that gets the screen and the farm and leaves the window as it found it, so that further steps
can stand behind it.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for
from tests.gui.screen import Screen, missing_tools, screen

T = TypeVar("T")
AGAIN_SECONDS = 4.0
"""After which what had no effect is done again: a key may be pressed before a window is ready for it."""
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
    note_it_on_the_client(desk, farm, main)
    take_the_client_out_of_a_group(desk, farm, main)
    press(desk, main, "ctrl+q")
    assert program.wait(timeout=30) == 0
    log = desk.log.read_text()
    assert "ERROR" not in log, log[log.index("ERROR") :][:3000]


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

    def ran() -> bool:
        return str(farm.job(job, "status")["status"]) == "succeeded"

    # The button of the verdict, at the right of the left part.
    insist("it to run", ran, lambda: click(desk, why, across - editor - 90, 124))
    assert farm.hq.getPermittedClientsList(job) == [farm.hq.getClients()[0]["label"]]
    close_by(desk, "Why is stuck waiting", lambda: press(desk, why, "ctrl+w"))


def note_it_on_the_client(desk: Screen, farm: RealFarm, main: str) -> None:
    """The search finds the client and gives its row the keyboard; N, a few words, and it is there with one's name."""
    client = farm.hq.getClients()[0]
    notes = f"Notes, {farm.url.removeprefix('http://').partition(':')[0]}"

    def find_and_note() -> None:
        find(desk, main, client["label"])
        desk.do("key", "n")

    open_by(desk, notes, find_and_note)
    browser = desk.window(notes)

    def written() -> list[str]:
        thread = farm.hq.getClient(client["id"], ["threadId"])["threadId"]
        rows = [] if thread is None else farm.hq.getNoteThreads([thread], ["notes"], ["text", "author"])[0]["notes"]
        return [row["text"] for row in rows if row["author"] == getpass.getuser()]

    def write() -> None:
        press(desk, browser, "ctrl+a")
        desk.do("type", "the fan is loud")
        desk.do("key", "ctrl+Return")

    assert "the fan is loud" in insist("the note", written, write)[0]
    close_by(desk, notes, lambda: press(desk, browser, "ctrl+w"))


def take_the_client_out_of_a_group(desk: Screen, farm: RealFarm, main: str) -> None:
    """The search opens the groups with the keyboard in them; the menu of the client there has the way out."""
    group = farm.hq.createClientGroup("lookdev")
    farm.hq.addClientToGroup(group, farm.hq.getClients()[0]["id"])

    def take_out() -> None:
        find(desk, main, "Groups")
        desk.do("key", "End", "Return", "Menu")
        desk.do("key", "Down", "Return")

    insist("the client to be out", lambda: farm.hq.getClientGroup(group)["clients"] == [], take_out)
    assert [row["name"] for row in farm.hq.getClientGroups()] == ["lookdev"]


def find(desk: Screen, main: str, words: str) -> None:
    """Search everything, and take what is found first."""
    press(desk, main, "Escape", "ctrl+k")
    desk.do("type", words)
    desk.do("key", "Return")


def open_by(desk: Screen, title: str, act: Callable[[], object]) -> None:
    """Do what opens a window. A window that is busy, or a row that is not there yet, may need it more than once."""
    insist(f"a window called {title}", lambda: _shown(desk, title), act)


def close_by(desk: Screen, title: str, act: Callable[[], object]) -> None:
    """Do what closes a window."""
    insist(f"{title} to close", lambda: not _shown(desk, title), act)


def insist(what: str, look: Callable[[], T], act: Callable[[], object]) -> T:
    """Do something until it has its effect, looking often and doing it again now and then; what `look` saw."""
    again = 0.0

    def tried() -> T:
        nonlocal again
        seen = look()
        if not seen and time.monotonic() >= again:
            act()
            again = time.monotonic() + AGAIN_SECONDS
        return seen

    return wait_for(what, tried, 90, pause=0.1)


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
