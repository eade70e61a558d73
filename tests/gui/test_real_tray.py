"""The tray in a real panel on a real farm: clicked, typed into, and told over a real bus what happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for
from tests.gui.tray_desk import TrayDesk, missing_for_trays, tray_desk

pytestmark = pytest.mark.skipif(
    bool(missing_for_trays()), reason=f"NO REAL TRAY WAS TRIED: {missing_for_trays()} not installed here"
)
ME = "[tray]\nuser=jlee\n"
ENDLESS = "exec sleep 3600"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, farm: RealFarm) -> Iterator[TrayDesk]:
    """A desktop with panel and notifications, of somebody who said who they are."""
    with tray_desk(tmp_path, farm, ME) as made:
        made.start_service()
        made.start_panel()
        yield made


def _override(farm: RealFarm) -> str:
    return str((farm.client("n1") or {})["override"])


def _submit(farm: RealFarm, name: str, *commands: str) -> tuple[int, list[int]]:
    children = [{"name": str(1001 + number), "command": command} for number, command in enumerate(commands)]
    [tree] = farm.hq.newjob({"name": name, "submittedBy": "jlee", "children": children})
    return tree, farm.job(tree, "children")["children"]


def test_a_click_opens_it_and_the_keyboard_takes_the_machine_back(desk: TrayDesk, farm: RealFarm) -> None:
    [job] = farm.hq.newjob({"name": "endless", "command": ENDLESS, "triesLeft": 2, "submittedBy": "dkim"})
    farm.wait_for_status([job], "running")
    desk.start_tray(farm)
    desk.open_popup()
    # The switch has the keyboard; the two ways to take the machine back come after it.
    wait_for("it to be taken back", lambda: _press_until(desk, farm, "mine", "Tab", "Tab", "space"), 60, pause=2.0)
    farm.wait_for_status([job], "runnable")
    assert farm.job(job, "triesLeft")["triesLeft"] == 2
    desk.do("key", "Escape")
    wait_for("the popup to close", lambda: not desk.popup())
    desk.open_popup()
    wait_for("the switch to give it back", lambda: _press_until(desk, farm, "none", "space"), 60, pause=2.0)
    farm.wait_for_status([job], "running")
    farm.hq.cancelJobs([job])
    assert desk.stop_tray() == 0
    assert "ERROR" not in desk.log
    assert "WARNING" not in desk.log


def _press_until(desk: TrayDesk, farm: RealFarm, wanted: str, *keys: str) -> bool:
    """What the popup shows may be a moment behind: it is opened and the keys are pressed until they work."""
    if _override(farm) != wanted:
        if not desk.popup():
            desk.open_popup()
        desk.do("key", "--delay", "80", *keys)
        try:
            wait_for("the farm to know", lambda: _override(farm) == wanted, 2)
        except AssertionError:
            desk.do("key", "Escape")
    return _override(farm) == wanted


def test_what_happens_is_told_once_for_each_tree_and_can_be_answered(desk: TrayDesk, farm: RealFarm) -> None:
    mark = farm.folder / "plate"
    desk.start_tray(farm)
    wait_for("it to follow", lambda: desk.icon, 60)
    tree, frames = _submit(farm, "shot_027_comp <b>v009</b>", *(f"test -e {mark}",) * 2, "true")
    desk_told = wait_for("the failure to be told", lambda: desk.notices, 60)
    farm.wait_for_status([tree], "failed")
    [first] = desk_told[:1]
    assert first["title"].endswith("in shot_027_comp <b>v009</b>")
    assert "retry" in first["actions"]
    wait_for("both to be counted", lambda: desk.notices[-1]["title"].startswith("2 frames failed"), 90)
    assert {notice["number"] for notice in desk.notices} == {first["number"]}, "one notice for the tree"
    mark.touch()
    desk.click_notice(first["number"], "retry")
    farm.wait_for_status([tree], "succeeded")
    wait_for("the success to be told", lambda: desk.notices[-1]["title"].endswith("finished"), 60)
    assert "3 frames" in desk.notices[-1]["body"]
    farm.hq.addNote("Which plate?\n<img src=x>", None, frames[0], None)
    wait_for("the note to be told", lambda: "left a note on" in desk.notices[-1]["title"], 60)
    assert desk.notices[-1]["body"].startswith("Which plate?⏎<img")
    assert desk.stop_tray() == 0


def test_a_note_from_before_it_began_is_not_said_aloud(desk: TrayDesk, farm: RealFarm) -> None:
    _, [one, other] = _submit(farm, "shot_031_comp", "true", "true")
    farm.hq.addNote("from before", None, one, None)
    written = int(time.time())
    wait_for("another second, since the farm counts in these", lambda: time.time() > written + 1)
    desk.start_tray(farm)
    wait_for("it to follow", lambda: desk.icon, 60)

    def told() -> bool:
        """What is written until the tray has looked for the first time counts as from before too."""
        farm.hq.addNote("from now", None, other, None)
        return any(notice["body"].startswith("from now") for notice in desk.notices)

    wait_for("a later note to be told", told, 60, pause=1.0)
    assert not [notice for notice in desk.notices if notice["body"].startswith("from before")]
    assert desk.stop_tray() == 0


def test_who_has_a_login_of_many_is_asked_once(tmp_path: Path, farm: RealFarm) -> None:
    with tray_desk(tmp_path, farm) as desk:
        desk.environment |= {"LOGNAME": "render", "USER": "render"}
        desk.start_panel()
        desk.start_tray(farm, "--show")
        wait_for("the popup", desk.popup, 60)
        tree, _ = _submit(farm, "mine", ENDLESS)
        desk.do("type", "jlee")
        desk.do("key", "Return")
        wait_for("the answer to be kept", lambda: "user=jlee" in desk.settings, 30)
        farm.hq.cancelJobs([tree])
        assert desk.stop_tray() == 0


def test_without_a_tray_it_is_a_window_and_a_second_start_shows_the_first(tmp_path: Path, farm: RealFarm) -> None:
    with tray_desk(tmp_path, farm, ME) as desk:
        desk.start_tray(farm)
        wait_for("a window of its own", desk.popup, 60)
        first = desk.tray
        wait_for("it to close", lambda: _closed(desk), pause=1.0)
        desk.start_tray(farm)
        assert desk.tray is not None
        assert desk.tray.wait(timeout=30) == 0
        wait_for("the first one to come back", desk.popup, 30)
        desk.start_panel()
        wait_for("the icon instead of the window", lambda: desk.icon and not desk.popup(), 60)
        desk.tray = first
        assert desk.stop_tray() == 0


def _closed(desk: TrayDesk) -> bool:
    """Close it as its frame's button would."""
    for window in desk.popup().split()[-1:]:
        desk.do("windowactivate", window)
        desk.do("key", "alt+F4")
    return not desk.popup()


def test_open_wrangler_goes_to_the_job(desk: TrayDesk, farm: RealFarm) -> None:
    desk.start_tray(farm)
    wait_for("it to follow", lambda: desk.icon, 60)
    again, _ = _submit(farm, "fails too", "exit 3")
    [told] = wait_for("it to be told", lambda: [one for one in desk.notices if "fails too" in one["title"]][-1:], 60)
    desk.click_notice(told["number"], "open")
    wait_for("Wrangler", lambda: desk.do("search", "--onlyvisible", "--name", "– Wrangler"), 60)
    desk.click_notice(told["number"], "default")
    assert farm.job(again, "status")["status"] == "failed"
    wait_for("no second Wrangler", lambda: len(desk.do("search", "--onlyvisible", "--name", "– Wrangler").split()) == 1)
    assert desk.stop_tray() == 0
