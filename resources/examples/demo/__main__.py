"""Starts a farm on this machine, lets it render the film, shows how it fares, and ends all that it started.

A signal sets a flag and nothing else: no wait here is longer than a fraction of a second, so what was begun is never
torn apart between two steps, and a second Ctrl+C only hurries the end.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from resources.examples.demo.local_farm import FarmTrouble, LocalFarm
from resources.examples.demo.showing import Display
from resources.examples.demo.watching import Watcher
from resources.examples.film import scene
from resources.examples.film.encode import FILM, count_frames
from resources.examples.film.render_frame import size
from resources.examples.film.submit import film_job

_AGENTS: Final = ("north", "south")
_PAUSE_SECONDS: Final = 0.25
_INTERRUPTED: Final = 130


class Interrupts:
    """How often this program was told to stop."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self._note())

    def _note(self) -> None:
        self.count += 1

    def once(self) -> bool:
        """Whether to stop."""
        return self.count > 0

    def twice(self) -> bool:
        """Whether to stop without waiting for anything."""
        return self.count > 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration: 0 well, 1 something failed, 130 interrupted."""
    options = _options(arguments)
    interrupts = Interrupts()
    display = Display(sys.stdout)
    folder = _new_folder(options.folder)
    farm = LocalFarm(folder, interrupts.once)
    keep = False
    try:
        code = _render(options, farm, display, interrupts)
        keep = options.keep
    except KeyboardInterrupt:
        display.say("Interrupted; everything that was started is being ended.")
        code = _INTERRUPTED
    except (FarmTrouble, OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        display.say(f"The farm failed. {farm.trouble() or error}")
        code = 1
    finally:
        if not keep:
            farm.stop(interrupts.twice)
    if keep:
        display.say(_how_to_go_on(farm))
        return code
    left = farm.left()
    display.say(f"{len(left)} processes left{''.join(f' {process.pid}' for process in left)}.")
    if code == 0:
        _tidy(folder)
    return code if not left else code or 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./hq demo", description="Starts a server and two agents on this machine and lets them render a film."
    )
    parser.add_argument("--headless", action="store_true", help="open no window")
    parser.add_argument("--keep", action="store_true", help="leave the farm running afterwards")
    parser.add_argument("--frames", type=int, default=scene.FRAMES, help="frames of the film (%(default)s)")
    parser.add_argument("--size", type=size, default=scene.SIZE, metavar="WxH", help="of the film (320x180)")
    parser.add_argument("--samples", type=int, help="for a pixel; fewer are faster and coarser")
    parser.add_argument("--folder", type=Path, default=Path("demo-data"), help="where films and farms go (%(default)s)")
    options = parser.parse_args(arguments)
    if options.frames < 1:
        parser.error(f"a film has at least one frame, got {options.frames}")
    return options


def _new_folder(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=parent.absolute()))


def _render(options: argparse.Namespace, farm: LocalFarm, display: Display, interrupts: Interrupts) -> int:
    cpus = max(1, (os.cpu_count() or 1) // len(_AGENTS))
    display.say(f"Starting a server and {len(_AGENTS)} agents with {cpus} cpus each ...")
    farm.start(_AGENTS, cpus)
    film = farm.folder / "film"
    job = farm.hq.newjob(film_job(film, options.frames, options.size, options.samples))[0]
    display.say(f"The server is at {farm.url}; the film is job {job}.")
    is_open = _window(options, farm, display)
    began = time.monotonic()
    watcher = Watcher(farm.hq, job)
    if not _follow(watcher, farm, display, interrupts):
        display.say(watcher.failure())
        return 1
    path = film / FILM
    found = count_frames(path)
    display.say(f"{found} frames rendered and encoded in {time.monotonic() - began:.0f} s.")
    if is_open():
        display.say("The farm runs until the window is closed.")
        _wait_while(is_open, farm, interrupts)
    display.say(f"The film: {path}")
    return 0 if found == options.frames else 1


def _follow(watcher: Watcher, farm: LocalFarm, display: Display, interrupts: Interrupts) -> bool:
    """Show the film's state until it is there (true), or until a job of it has failed (false)."""
    while True:
        state = watcher.look()
        display.show(state)
        if state.failed or watcher.is_over(state):
            return watcher.is_good(state)
        _pause(farm, interrupts)


def _wait_while(is_open: Callable[[], bool], farm: LocalFarm, interrupts: Interrupts) -> None:
    while is_open():
        _pause(farm, interrupts)


def _pause(farm: LocalFarm, interrupts: Interrupts) -> None:
    if interrupts.once():
        raise KeyboardInterrupt
    if trouble := farm.trouble():
        raise FarmTrouble(trouble)
    time.sleep(_PAUSE_SECONDS)


def _window(options: argparse.Namespace, farm: LocalFarm, display: Display) -> Callable[[], bool]:
    """Open the window unless that was not wanted or is not possible; tells whether it is still open."""
    if options.headless:
        return lambda: False
    why_not = _why_no_window()
    if why_not:
        display.say(f"{why_not}, so no window opens; the film is rendered all the same.")
        return lambda: False
    return farm.open_window()


def _why_no_window() -> str:
    if sys.platform != "darwin" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "There is no display here"
    if importlib.util.find_spec("PySide6") is None or importlib.util.find_spec("hqgui.__main__") is None:
        return "The window is not installed here (extra `gui`)"
    return ""


def _how_to_go_on(farm: LocalFarm) -> str:
    pids = " ".join(map(str, farm.pids()))
    call = f"x.ServerProxy('{farm.url}').newjob({{'name': 'a', 'command': 'echo hi'}})"
    return f"""
The farm goes on at {farm.url}. To give it a job:
    {sys.executable} -c "import xmlrpc.client as x; print({call})"
Its folder is {farm.folder}. To end it:
    kill {pids}"""


def _tidy(folder: Path) -> None:
    """After a good end only the film stays."""
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "film":
            shutil.rmtree(entry)
        elif entry.is_file():
            entry.unlink()


if __name__ == "__main__":
    sys.exit(main())
