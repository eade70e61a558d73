"""`hqgui` as it is typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hqserver import __version__

Result = subprocess.CompletedProcess[str]


def hqgui(*arguments: str, home: Path | None = None, **environment: str) -> Result:
    """Run it in an environment that has nothing but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "hqgui", *arguments],
        env={**kept, "HOME": str(home or "/nonexistent"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_says_how_to_begin() -> None:
    result = hqgui("--help")
    assert result.returncode == 0
    assert "--server URL" in result.stdout
    assert "hqgui --server hq01" in result.stdout
    assert result.stderr == ""


def test_version() -> None:
    assert hqgui("--version").stdout == f"hqgui {__version__}\n"


def test_without_a_display_it_says_so_and_ends() -> None:
    result = hqgui()
    assert result.returncode == 1
    assert result.stderr == "hqgui: there is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set.\n"


@pytest.mark.parametrize("address", ["a b", "", "ftp://hq01", "http://"])
def test_an_address_that_is_none_is_told_with_its_cure(address: str, tmp_path: Path) -> None:
    result = hqgui("--server", address, home=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert result.returncode == 2
    assert "argument --server:" in result.stderr
    assert f"“{address}” is no address of a server. Try hq01 or http://hq01:5000." in result.stderr


def test_help_needs_no_qt() -> None:
    code = (
        "import sys\n"
        "sys.modules['PySide6'] = None\n"
        "from hqgui.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: print('ended', end.code)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.endswith("ended 0\n"), result.stderr
