"""`./hq` on machines that lack things: what it asks for, what it refuses, and what it does only once.

The script runs in a folder of its own, with a PATH on which only what a test puts there is found.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.packaging.installed import ROOT

TOOLS: Final = (
    "sh", "cat", "cksum", "date", "dirname", "env", "find", "grep", "head", "id", "mktemp", "printf", "rm", "tail", "uname",
)  # fmt: skip
NO_LIBRARIES: Final = "#!/bin/sh\nexit 0\n"
SUDO: Final = '#!/bin/sh\nshift\nexec "$@"\n'


@dataclass(frozen=True, slots=True)
class Machine:
    """A checkout and the only programs there are."""

    checkout: Path
    programs: Path
    calls: Path

    def add(self, name: str, text: str) -> None:
        """A program that is a shell script."""
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def add_python(self) -> None:
        """A Python that makes environments; their pip only notes how it was called."""
        wrapper = f'#!/bin/sh\n[ "$2" = pip ] && echo "pip $*" >>{self.calls} && exit 0\nexec {sys.executable} "$@"\n'
        make = f'#!/bin/sh\nif [ "$2" = venv ]; then mkdir -p "$3/bin" && cp {self.programs}/inner "$3/bin/python"; exit; fi\n'
        self.add("inner", wrapper)
        self.add("python3", f'{make}exec {sys.executable} "$@"\n')

    def hq(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            ["/bin/sh", str(self.checkout / "hq"), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
            env={"PATH": str(self.programs), "HOME": str(self.checkout), **environment},
        )

    def called(self, program: str) -> list[str]:
        """How a program was called, as far as it noted that."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [line for line in lines if line.startswith(program)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with nothing but a shell and what belongs to every system."""
    found = Machine(tmp_path / "check out", tmp_path / "bin", tmp_path / "calls")
    found.checkout.mkdir()
    found.programs.mkdir()
    for name in ("hq", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, found.checkout)
    for tool in (*TOOLS, "cp", "mkdir"):
        (found.programs / tool).symlink_to(str(shutil.which(tool)))
    return found


def test_help_needs_nothing(machine: Machine) -> None:
    assert "usage: ./hq" in machine.hq("help").stdout
    assert machine.hq().returncode == 0


def test_an_unknown_command_is_told_the_known_ones(machine: Machine) -> None:
    done = machine.hq("tset")
    assert done.returncode == 2
    assert "usage: ./hq" in done.stderr


def test_without_python_and_apt_the_exact_line_is_printed(machine: Machine) -> None:
    done = machine.hq("setup")
    assert done.returncode == 3
    assert "apt-get install -y --no-install-recommends python3 python3-venv" in done.stderr
    assert not (machine.checkout / ".venv").exists()


def test_a_python_that_was_chosen_and_does_not_work_is_named(machine: Machine) -> None:
    machine.add("old", "#!/bin/sh\nexit 1\n")
    done = machine.hq("setup", HQ_PYTHON=str(machine.programs / "old"))
    assert done.returncode == 3
    assert f"HQ_PYTHON={machine.programs / 'old'}" in done.stderr


def test_missing_libraries_are_named_where_apt_may_not_be_used(machine: Machine) -> None:
    machine.add_python()
    machine.add("ldconfig", NO_LIBRARIES)
    done = machine.hq("setup")
    assert done.returncode == 3
    for package in ("libatomic1", "libglib2.0-0", "libegl1", "libxcb-cursor0"):
        assert package in done.stderr
    assert "xvfb" not in done.stderr


def test_a_headless_film_does_not_ask_for_the_windows_libraries(machine: Machine) -> None:
    machine.add_python()
    machine.add("ldconfig", NO_LIBRARIES)
    done = machine.hq("demo", "--headless")
    assert done.returncode == 3
    assert "libatomic1" in done.stderr
    assert "libgl1" not in done.stderr


def test_tests_ask_for_a_screen_too(machine: Machine) -> None:
    machine.add_python()
    machine.add("ldconfig", NO_LIBRARIES)
    done = machine.hq("test")
    assert done.returncode == 3
    assert all(package in done.stderr for package in ("libatomic1", "libgl1", "xvfb", "openbox"))


def test_apt_learns_what_there_is_before_it_installs(machine: Machine) -> None:
    machine.add_python()
    machine.add("ldconfig", NO_LIBRARIES)
    machine.add("sudo", SUDO)
    machine.add("true", "#!/bin/sh\n")
    machine.add("apt-get", f'#!/bin/sh\necho "apt-get $*" >>{machine.calls}\n')
    done = machine.hq("demo", "--headless")
    update, install = machine.called("apt-get")
    assert "update" in update
    assert install.endswith("install -y --no-install-recommends libatomic1")
    assert done.returncode == 3
    assert "this machine still has nothing for: libatomic1" in done.stderr


def test_packages_are_installed_by_their_hashes_and_only_once(machine: Machine) -> None:
    machine.add_python()
    listed = "".join(f"\t{name} (libc6) => /lib/{name}\n" for name in _sonames())
    machine.add("ldconfig", f"#!/bin/sh\ncat <<'END'\n{listed}END\n")
    (machine.checkout / ".fonts").mkdir()
    (machine.checkout / ".fonts" / "some.ttf").touch()
    assert machine.hq("setup").returncode == 0
    locked, own = machine.called("pip")
    assert "--require-hashes -r requirements.lock" in locked
    assert "--no-deps --no-build-isolation -e ." in own
    assert machine.hq("setup").returncode == 0
    assert len(machine.called("pip")) == 2
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# another\n")
    assert machine.hq("setup").returncode == 0
    assert len(machine.called("pip")) == 4


def _sonames() -> list[str]:
    lines = (ROOT / "hq").read_text().splitlines()
    names = [line.split()[0].removeprefix("lib:") for line in lines if line.startswith("lib:")]
    assert len(names) > 8
    return names
