"""The project as somebody else gets it: a wheel, in environments that do not know this checkout."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built into a folder."""
    _run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, used from an empty folder."""

    folder: Path
    empty: Path

    def run(self, *command: str) -> str:
        """What a command of the environment writes; fails when it fails."""
        return _run(str(self.folder / "bin" / command[0]), *command[1:], cwd=self.empty)

    def python(self, code: str) -> str:
        """What some Python code prints there."""
        return self.run("python", "-c", code)


def new_environment(folder: Path, wheel: Path) -> Environment:
    """An environment with the wheel and nothing else; nothing is fetched."""
    _run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"), cwd=folder)
    python = str(folder / "venv" / "bin" / "python")
    _run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
        cwd=folder,
    )
    empty = folder / "empty"
    empty.mkdir()
    return Environment(folder / "venv", empty)


def site_packages(environment: Environment) -> Path:
    """Where the environment's packages lie."""
    [found] = environment.folder.glob("lib/python*/site-packages")
    return found


def lend_everything(environment: Environment) -> None:
    """Let the environment import what is installed here, save this checkout: a `.pth` file does not read others."""
    (site_packages(environment) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")


def lend_required(environment: Environment) -> set[str]:
    """Let it import what the wheel in it requires without any extra; the names of what was lent."""
    [own] = importlib.metadata.distributions(path=[str(site_packages(environment))])
    lent: set[str] = set()
    waiting = _required(own)
    while waiting:
        name = waiting.pop()
        if name not in lent:
            distribution = importlib.metadata.distribution(name)
            _lend(environment, distribution)
            lent.add(name)
            waiting += _required(distribution)
    return lent


def _required(distribution: importlib.metadata.Distribution) -> list[str]:
    texts = distribution.requires or []
    return [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in texts if "extra ==" not in text]


def _lend(environment: Environment, distribution: importlib.metadata.Distribution) -> None:
    tops = {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
    for top in tops:
        (site_packages(environment) / top).symlink_to(str(distribution.locate_file(top)))


def _run(*command: str, cwd: Path) -> str:
    names = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**environment, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
