"""Starting with the session: an entry of the person's own, as each system wants it, switched on and off.

Linux and the BSDs   a file in `autostart` below the configuration folder (freedesktop.org's autostart specification)
macOS                a LaunchAgent: a property list in `~/Library/LaunchAgents`, which launchd reads at the login
Windows              a value of the registry key `Run` of this person

Nothing is started or ended by them: they hold from the next login on. Each is plain content in a known place, so that
it can be looked at on any system; which of them a session has really started is told in `docs/guide/artists.md`.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from PySide6.QtCore import QByteArray, QSettings

from hqgui.words import translate

ENTRY: Final = "org.hqfarm.tray"
NAME: Final = "HQ Tray"
_RUN: Final = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run"
_APPROVED: Final = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
_LONGEST_COMMAND: Final = 260
"""Of a value of `Run`; Windows passes over longer ones without a word."""


class Autostart(Protocol):
    """Whether a program starts with the session."""

    @property
    def place(self) -> str:
        """Where that is kept, for a person who wants to look."""

    def is_on(self) -> bool:
        """Whether it does."""

    def set(self, on: bool) -> None:
        """Let it, or not; said twice it is the same. Raises OSError."""


class DesktopFile:
    """As freedesktop.org describes it. A file of the person's own goes before one for everybody of the same name."""

    def __init__(self, folder: Path, words: Sequence[str], everybodys: Sequence[Path] = ()) -> None:
        self.path = folder / f"{ENTRY}.desktop"
        self._words = words
        self._everybodys = [place / f"{ENTRY}.desktop" for place in everybodys]

    @property
    def place(self) -> str:
        """The person's own file."""
        return str(self.path)

    def is_on(self) -> bool:
        """Whether there is a file that does not say that it is hidden."""
        found = next((lines for path in (self.path, *self._everybodys) if (lines := _lines(path)) is not None), None)
        return found is not None and not {"Hidden=true", "X-GNOME-Autostart-enabled=false"} & set(found)

    def set(self, on: bool) -> None:
        """Write the file, or take it away; one for everybody is hidden by a file of one's own. Raises OSError."""
        if on or any(path.exists() for path in self._everybodys):
            _write(self.path, _desktop_entry(self._words, hidden=not on).encode())
        else:
            self.path.unlink(missing_ok=True)


def _lines(path: Path) -> list[str] | None:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _desktop_entry(words: Sequence[str], hidden: bool) -> str:
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        f"Name={NAME}",
        "Comment=Your machine and your jobs on the render farm",
        f"Exec={' '.join(map(_quoted, words))}",
        f"Icon={ENTRY}",
        "Terminal=false",
        *(("Hidden=true",) if hidden else ("X-GNOME-Autostart-enabled=true",)),
    )
    return "\n".join(lines) + "\n"


def _quoted(word: str) -> str:
    """A word of `Exec`: quoted as a shell would, field codes doubled, and then escaped as every value is."""
    quoted = word
    if not word or not all(letter.isalnum() or letter in "/._-+" for letter in word):
        quoted = '"' + "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word) + '"'
    escaped = quoted.replace("%", "%%").replace("\\", "\\\\")
    return escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


class LaunchAgent:
    """As launchd reads it: it starts in a session with windows, and is not started again when it ends."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self.path = folder / f"{ENTRY}.plist"
        self._words = words

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    def is_on(self) -> bool:
        """Whether the file is there and says so. What `launchctl disable` said is launchd's own and not seen here."""
        try:
            said = plistlib.loads(self.path.read_bytes())
        except (OSError, ValueError, plistlib.InvalidFileException):
            return False
        known: Mapping[str, Any] = said if isinstance(said, dict) else {}
        return known.get("Label") == ENTRY and known.get("RunAtLoad") is True and known.get("Disabled") is not True

    def set(self, on: bool) -> None:
        """Write the file, or take it away. Raises OSError."""
        if not on:
            self.path.unlink(missing_ok=True)
            return
        entry = {
            "Label": ENTRY,
            "ProgramArguments": list(self._words),
            "RunAtLoad": True,
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
        }
        _write(self.path, plistlib.dumps(entry))


class RunKey:
    """As Windows reads it. `run` is the key; in `approved` the Task Manager notes what a person switched off there."""

    def __init__(self, run: QSettings, approved: QSettings, words: Sequence[str]) -> None:
        self._run = run
        self._approved = approved
        self._words = words

    @property
    def place(self) -> str:
        """The value."""
        return f"{self._run.fileName()}\\{NAME}"

    def is_on(self) -> bool:
        """Whether the value is there and the Task Manager has not switched it off."""
        self._run.sync()
        self._approved.sync()
        said = self._approved.value(NAME)
        first = said.data()[:1] if isinstance(said, QByteArray) else b""
        return bool(self._run.value(NAME)) and not (first and first[0] & 1)

    def set(self, on: bool) -> None:
        """Write the value, or take it away. Raises OSError."""
        self._approved.remove(NAME)
        if on:
            self._run.setValue(NAME, self._command())
        else:
            self._run.remove(NAME)
        for key in (self._run, self._approved):
            key.sync()
            if key.status() is not QSettings.Status.NoError:
                words = translate("Autostart", "{place} cannot be written.").replace("{place}", key.fileName())
                raise OSError(words)

    def _command(self) -> str:
        command = " ".join(map(_windows_quoted, self._words))
        if len(command) > _LONGEST_COMMAND:
            words = translate("Autostart", "{command}: Windows starts no command of more than {n} letters at a login.")
            raise OSError(words.format(command=command, n=_LONGEST_COMMAND))
        return command


def _windows_quoted(word: str) -> str:
    """A word of a command line, as a program takes it apart: backslashes count only before a quotation mark."""
    if word and not set(word) & set(' \t"'):
        return word
    made, slashes = "", 0
    for letter in word:
        if letter == '"':
            made += "\\" * (slashes + 1)
        slashes = slashes + 1 if letter == "\\" else 0
        made += letter
    return '"' + made + "\\" * slashes + '"'


def own_words(platform: str = sys.platform, interpreter: str = sys.executable) -> list[str]:
    """What starts the tray again: the program beside this Python, else the one on the path, else its module."""
    windows = platform == "win32"
    beside = Path(interpreter).with_name("hqtray.exe" if windows else "hqtray")
    found = str(beside) if beside.is_file() else shutil.which("hqtray")
    if found:
        return [found]
    silent = Path(interpreter).with_name("pythonw.exe")
    python = str(silent) if windows and silent.is_file() else interpreter
    return [python, "-m", "hqgui.tray"]


def autostart(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Autostart:
    """The way of this system."""
    given = os.environ if environment is None else environment
    home, words = Path(given.get("HOME") or Path.home()), own_words(platform)
    if platform == "darwin":
        return LaunchAgent(home / "Library" / "LaunchAgents", words)
    if platform == "win32":
        native = QSettings.Format.NativeFormat
        return RunKey(QSettings(_RUN, native), QSettings(_APPROVED, native), words)
    own = Path(given.get("XDG_CONFIG_HOME") or home / ".config")
    others = [Path(place) for place in (given.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if place]
    return DesktopFile(own / "autostart", words, [place / "autostart" for place in others])


def change(wanted: str, way: Autostart | None = None) -> tuple[int, str]:
    """`on`, `off` or `status`, as the command line has it: the exit code, and a line of what is now."""
    try:
        known = autostart() if way is None else way
        with suppress(KeyError):
            known.set({"on": True, "off": False}[wanted])
        now = translate("Autostart", "on") if known.is_on() else translate("Autostart", "off")
    except OSError as error:
        return 1, translate("Autostart", "starting with the session cannot be changed: {why}").format(why=error)
    words = translate("Autostart", "starts with the session: {state} ({place})")
    return 0, words.format(state=now, place=known.place)
