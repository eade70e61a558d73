"""Starting with the session: what is written where for each system, read back as that system reads it."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from hqgui.autostart import NAME, Autostart, DesktopFile, LaunchAgent, RunKey, autostart, change, own_words
from tests.farm.harness import wait_for

ODD = ['/opt/render farm/ünï 日本/100% "HQ" $HOME `x` \\ bin/hqtray', "--verbose", "it's"]
"""Everything that needs care: blanks, letters of other scripts, and what each system reads as a sign of its own."""


def _desktop(folder: Path) -> DesktopFile:
    return DesktopFile(folder / "autostart", ODD)


def _launchd(folder: Path) -> LaunchAgent:
    return LaunchAgent(folder / "Library" / "LaunchAgents", ODD)


def _key(folder: Path, name: str) -> QSettings:
    return QSettings(str(folder / f"{name}.ini"), QSettings.Format.IniFormat)


def _registry(folder: Path) -> RunKey:
    return RunKey(_key(folder, "run"), _key(folder, "approved"), ODD)


Make = Callable[[Path], Autostart]


@pytest.mark.parametrize("make", [_desktop, _launchd, _registry])
def test_it_is_switched_on_and_off_and_said_twice_is_the_same(make: Make, tmp_path: Path) -> None:
    way = make(tmp_path)
    assert not way.is_on()
    for wanted in (True, True, False, False, True):
        way.set(wanted)
        assert way.is_on() is wanted
        assert make(tmp_path).is_on() is wanted, "and another start sees it"
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(left) <= 2, "nothing half written is left"


@pytest.mark.parametrize("make", [_desktop, _launchd])
def test_a_folder_that_cannot_be_written_is_said(make: Make, tmp_path: Path) -> None:
    for name in ("autostart", "Library"):
        (tmp_path / name).write_text("a file, where the folder should be")
    way = make(tmp_path)
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        way.set(True)
    code, words = change("on", way)
    assert (code, words[:44]) == (1, "starting with the session cannot be changed:")


def test_a_desktop_reads_the_very_words_back(tmp_path: Path) -> None:
    way = _desktop(tmp_path)
    way.set(True)
    lines = way.path.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["[Desktop Entry]", "Type=Application", "Name=HQ Tray"]
    [command] = [line.removeprefix("Exec=") for line in lines if line.startswith("Exec=")]
    assert _words_of_exec(command) == ODD


def _words_of_exec(text: str) -> list[str]:
    """As the specification says: escapes of a value first, then quotes, then `%%`."""
    words: list[str] = []
    word, quoted, letters = "", False, iter(text.replace("\\\\", "\\"))
    for letter in letters:
        if letter == '"':
            quoted = not quoted
        elif letter == "\\" and quoted:
            word += next(letters)
        elif letter == " " and not quoted:
            words, word = [*words, word], ""
        elif letter == "%":
            assert next(letters) == "%", "no field code is meant"
            word += "%"
        else:
            word += letter
    return [*words, word]


@pytest.mark.skipif(shutil.which("gio") is None, reason="gio, which starts a desktop file as GNOME does, is not here")
def test_a_desktop_starts_it_from_an_odd_place(tmp_path: Path) -> None:
    place = tmp_path / 'ünï 日本 "HQ" $HOME `x` \\ bin'
    place.mkdir()
    program = place / "hqtray"
    program.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/started"\n')
    program.chmod(0o755)
    way = DesktopFile(tmp_path / "autostart", [str(program), "two words, 100%"])
    way.set(True)
    subprocess.run(["gio", "launch", str(way.path)], check=True, timeout=30, env={**os.environ, "HOME": str(tmp_path)})
    started = tmp_path / "started"
    wait_for("it to start", lambda: started.exists() and started.read_text() == "two words, 100%\n")


def test_what_hides_a_desktop_file_is_heeded(tmp_path: Path) -> None:
    way = autostart({"XDG_CONFIG_HOME": str(tmp_path), "HOME": "/nowhere"}, "linux")
    assert isinstance(way, DesktopFile)
    assert way.path == tmp_path / "autostart" / "org.hqfarm.tray.desktop"
    way.set(True)
    way.path.write_text(way.path.read_text() + "Hidden=true\n")
    assert not way.is_on()


def test_an_entry_for_everybody_is_switched_off_for_oneself(tmp_path: Path) -> None:
    everybodys = tmp_path / "xdg"
    DesktopFile(everybodys / "autostart", ["hqtray"]).set(True)
    given = {"XDG_CONFIG_HOME": str(tmp_path / "own"), "XDG_CONFIG_DIRS": f"/nowhere:{everybodys}", "HOME": "/nowhere"}
    way = autostart(given, "linux")
    assert way.is_on()
    way.set(False)
    assert not way.is_on()
    assert "Hidden=true" in Path(way.place).read_text().splitlines()
    way.set(True)
    assert way.is_on()


def test_launchd_reads_the_very_words_back(tmp_path: Path) -> None:
    way = autostart({"HOME": str(tmp_path)}, "darwin")
    assert isinstance(way, LaunchAgent)
    assert way.path == tmp_path / "Library" / "LaunchAgents" / "org.hqfarm.tray.plist"
    odd = _launchd(tmp_path)
    odd.set(True)
    said = plistlib.loads(odd.path.read_bytes())
    assert said["Label"] == odd.path.stem
    assert said["ProgramArguments"] == ODD
    assert (said["RunAtLoad"], said["LimitLoadToSessionType"]) == (True, "Aqua")
    assert "KeepAlive" not in said, "who quits it has quit it"
    odd.path.write_bytes(plistlib.dumps({**said, "Disabled": True}))
    assert not odd.is_on()
    odd.path.write_bytes(b"no property list")
    assert not odd.is_on()
    odd.set(True)
    assert odd.is_on()


def test_windows_reads_the_very_words_back(tmp_path: Path) -> None:
    _registry(tmp_path).set(True)
    assert _key(tmp_path, "run").value(NAME) == subprocess.list2cmdline(ODD)


def test_what_the_task_manager_switched_off_is_heeded(tmp_path: Path) -> None:
    way = _registry(tmp_path)
    way.set(True)
    approved = _key(tmp_path, "approved")
    for first, on in ((3, False), (2, True)):
        approved.setValue(NAME, QByteArray(bytes([first, *(0,) * 11])))
        approved.sync()
        assert way.is_on() is on
    way.set(True)
    assert way.is_on()
    assert not _key(tmp_path, "approved").contains(NAME)


def test_a_command_that_windows_would_pass_over_is_refused(tmp_path: Path) -> None:
    way = RunKey(_key(tmp_path, "run"), _key(tmp_path, "approved"), ["C:\\" + "x" * 300 + "\\hqtray.exe"])
    with pytest.raises(OSError, match="more than 260 letters"):
        way.set(True)
    assert not way.is_on()


def test_what_is_started_is_the_program_beside_this_python(tmp_path: Path) -> None:
    for platform, python, program in (
        ("linux", "python3", "hqtray"),
        ("darwin", "python3", "hqtray"),
        ("win32", "python.exe", "hqtray.exe"),
    ):
        folder = tmp_path / platform
        folder.mkdir()
        (folder / program).touch()
        assert own_words(platform, str(folder / python)) == [str(folder / program)]


def test_without_the_program_its_module_is_started_without_a_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert own_words("linux", str(tmp_path / "python3")) == [str(tmp_path / "python3"), "-m", "hqgui.tray"]
    (tmp_path / "pythonw.exe").touch()
    assert own_words("win32", str(tmp_path / "python.exe"))[0] == str(tmp_path / "pythonw.exe")


def test_the_command_line_switches_it_without_a_screen(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment = kept | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_CONFIG_DIRS": "/no"}
    environment.pop("QT_QPA_PLATFORM", None)
    place = tmp_path / "config" / "autostart" / "org.hqfarm.tray.desktop"

    def ask(wanted: str) -> str:
        command = [sys.executable, "-m", "hqgui.tray", "--start-with-session", wanted]
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert ask("on") == f"starts with the session: on ({place})\n"
    assert place.exists()
    assert ask("off") == f"starts with the session: off ({place})\n"
    assert not place.exists()
