"""A desktop with a tray, a notification service on a bus of its own, and our tray program on it: as its person has it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.farm.harness import RealFarm, wait_for
from tests.farm.people import only_agents_of
from tests.gui.notification_service import private_bus
from tests.gui.screen import Screen, missing_tools, screen

TOOLS = ("dbus-daemon", "trayer")
_POPUP = "^HQ tray$"
_PANEL = ("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "28", "--SetDockType", "true",
          "--transparent", "true", "--alpha", "0", "--tint", "0x1c1f25")  # fmt: skip


def missing_for_trays() -> str:
    """Programs that are needed and not there."""
    import shutil

    return ", ".join(filter(None, [missing_tools(), *(tool for tool in TOOLS if shutil.which(tool) is None)]))


@dataclass
class TrayDesk:
    """The desktop."""

    screen: Screen
    environment: dict[str, str]
    notices_file: Path
    panel: subprocess.Popen[bytes] | None = None
    service: subprocess.Popen[bytes] | None = None
    tray: subprocess.Popen[bytes] | None = None

    def start_panel(self) -> None:
        """The panel with the tray."""
        self.panel = self._start(*_PANEL)

    def start_service(self) -> None:
        """Who shows notifications."""
        program = (sys.executable, "-m", "tests.gui.notification_service", str(self.notices_file))
        self.service = self._start(*program, stdin=subprocess.PIPE)
        wait_for("the notification service", self.notices_file.exists)

    def start_tray(self, farm: RealFarm, *more: str) -> None:
        """Our program."""
        self.tray = self._start(sys.executable, "-m", "hqgui.tray", "--server", farm.url, *more)

    def _start(self, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        program = subprocess.Popen(
            words, env=self.environment, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.screen.programs.append(program)
        return program

    @property
    def notices(self) -> list[dict[str, Any]]:
        """What the person was told, in order."""
        if not self.notices_file.exists():
            return []
        return [json.loads(line) for line in self.notices_file.read_text().splitlines()]

    def click_notice(self, number: int, action: str) -> None:
        """Click a button of a notification."""
        assert self.service is not None
        assert self.service.stdin is not None
        self.service.stdin.write(f"{number} {action}\n".encode())
        self.service.stdin.flush()

    def do(self, *words: str) -> str:
        """Let xdotool do something."""
        return self.screen.do(*words)

    @property
    def icon(self) -> tuple[int, int] | None:
        """The middle of our icon on the screen, once it is there."""
        windows = self.do("search", "--class", "hqtray").split() + self.do("search", "--name", "^$").split()
        for window in windows:
            shell = {
                line.partition("=")[0]: line.partition("=")[2]
                for line in self.do("getwindowgeometry", "--shell", window).splitlines()
                if "=" in line
            }
            wide, high = int(shell.get("WIDTH", 0)), int(shell.get("HEIGHT", 0))
            if 16 <= wide <= 40 and 16 <= high <= 40 and int(shell["Y"]) > 400:
                return int(shell["X"]) + wide // 2, int(shell["Y"]) + high // 2
        return None

    def click_icon(self, button: str = "1") -> None:
        """Click the icon in the panel."""
        place = wait_for("the icon in the panel", lambda: self.icon, 60)
        assert place is not None
        x, y = place
        self.do("mousemove", str(x), str(y), "click", button)

    def popup(self) -> str:
        """The popup's window; empty while it is closed."""
        return self.do("search", "--onlyvisible", "--name", _POPUP)

    def open_popup(self) -> None:
        """Click until it is open."""

        def opened() -> str:
            if not self.popup():
                self.click_icon()
            return self.popup()

        wait_for("the popup", opened, 60, pause=0.5)

    def stop_tray(self) -> int:
        """Ask the tray to end; its exit code."""
        assert self.tray is not None
        self.tray.send_signal(signal.SIGTERM)
        return self.tray.wait(timeout=30)

    @property
    def log(self) -> str:
        """What the tray logged."""
        path = self.screen.home / "state" / "hqgui" / "log" / "tray.log"
        return path.read_text() if path.exists() else ""

    @property
    def settings(self) -> str:
        """What the tray remembers."""
        path = self.screen.home / "config" / "hqfarm" / "tray.ini"
        return path.read_text() if path.exists() else ""

    def shoot(self, path: Path) -> None:
        """A picture of the screen."""
        subprocess.run(["scrot", "-o", str(path)], env=self.environment, check=True, timeout=30)


@contextmanager
def tray_desk(home: Path, farm: RealFarm, settings: str = "", size: str = "1280x900x24") -> Iterator[TrayDesk]:
    """The desktop, without panel and service yet. `settings`: what the tray remembers from before."""
    with private_bus() as bus, screen(home, size) as made:
        environment = (
            made.environment
            | only_agents_of(farm.folder)
            | {
                "DBUS_SESSION_BUS_ADDRESS": bus,
                "PYTHONPATH": str(Path.cwd()),
            }
        )
        if settings:
            path = home / "config" / "hqfarm" / "tray.ini"
            path.parent.mkdir(parents=True)
            path.write_text(settings)
        desk = TrayDesk(made, environment, home / "notices")
        try:
            yield desk
        finally:
            if desk.service is not None and desk.service.stdin is not None:
                desk.service.stdin.close()
