"""Starting with the session: a file of the person's own, as each desktop wants it, written and taken away by a setting.

Linux desktops read `autostart/*.desktop` below the configuration folder (freedesktop's autostart). The ways of macOS
(a LaunchAgent) and of Windows (the Run key) have their place here; until somebody has run them, they say "not yet".
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from hqgui.words import translate

ENTRY: Final = "org.hqfarm.tray"


class Autostart(Protocol):
    """Whether a program starts with the session."""

    def why_not(self) -> str:
        """Why that cannot be changed here; empty when it can."""

    def is_on(self) -> bool:
        """Whether it does."""

    def set(self, on: bool) -> None:
        """Let it, or not. Raises OSError."""


class DesktopFile:
    """As freedesktop.org describes it."""

    def __init__(self, folder: Path, command: str) -> None:
        self.path = folder / f"{ENTRY}.desktop"
        self._command = command

    def why_not(self) -> str:
        """It always can."""
        return ""

    def is_on(self) -> bool:
        """Whether the file is there and does not say that it is hidden."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return False
        return "Hidden=true" not in lines and "X-GNOME-Autostart-enabled=false" not in lines

    def set(self, on: bool) -> None:
        """Write the file, or take it away. Raises OSError."""
        if not on:
            self.path.unlink(missing_ok=True)
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(_entry(self._command), encoding="utf-8")
        fresh.replace(self.path)


class NotYet:
    """A system for which nothing was tried."""

    def __init__(self, system: str) -> None:
        self._system = system

    def why_not(self) -> str:
        """Says so."""
        words = translate("Autostart", "Not yet on {system}: add hqtray to what starts at your login.")
        return words.replace("{system}", self._system)

    def is_on(self) -> bool:
        """Not by us."""
        return False

    def set(self, on: bool) -> None:
        """Nothing that was tried. Raises OSError."""
        raise OSError(self.why_not())


def _entry(command: str) -> str:
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=HQ Tray",
        "Comment=Your machine and your jobs on the render farm",
        f"Exec={command}",
        f"Icon={ENTRY}",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
    )
    return "\n".join(lines) + "\n"


def own_command(program: str = "hqtray") -> str:
    """What starts this program again, quoted as a desktop file wants it."""
    found = shutil.which(program)
    words = [found] if found else [sys.executable, "-m", "hqgui.tray"]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if word and all(letter.isalnum() or letter in "/._-+" for letter in word):
        return word
    escaped = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word).replace("%", "%%")
    return f'"{escaped}"'


def autostart(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Autostart:
    """The way of this system."""
    given = os.environ if environment is None else environment
    if platform == "darwin":
        return NotYet("macOS")
    if platform == "win32":
        return NotYet("Windows")
    home = Path(given.get("HOME") or Path.home())
    folder = Path(given.get("XDG_CONFIG_HOME") or home / ".config")
    return DesktopFile(folder / "autostart", own_command())
