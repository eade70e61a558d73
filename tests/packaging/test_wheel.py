"""The wheel, installed into empty environments in an empty folder, has everything and starts every program."""

from __future__ import annotations

import subprocess
import tomllib
import xmlrpc.client
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import hqagent
import hqgui
import hqserver
from tests.farm.harness import free_port, wait_for
from tests.packaging.installed import ROOT, Environment, build_wheel, lend_everything, lend_required, new_environment

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PROGRAMS = sorted({**PROJECT["scripts"], **PROJECT["gui-scripts"]})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with every extra."""
    environment = new_environment(tmp_path_factory.mktemp("full"), wheel)
    lend_everything(environment)
    return environment


@pytest.fixture(scope="module")
def node(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment as a render node has it: no extra."""
    environment = new_environment(tmp_path_factory.mktemp("node"), wheel)
    assert {"psutil", "platformdirs"} <= lend_required(environment)
    return environment


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    here = [
        path.relative_to(ROOT).as_posix()
        for package in ("hqserver", "hqagent", "hqgui", "resources")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert len(here) > 50
    assert [name for name in here if name not in names] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_starts(full: Environment, program: str) -> None:
    assert program in full.run(program, "--help")
    assert hqserver.__version__ in full.run(program, "--version")


def test_data_is_found_where_it_was_installed(full: Environment) -> None:
    found = full.python(
        "from importlib.resources import files\n"
        "for place in (files('resources'), files('hqserver.store.migrations.versions')):\n"
        "    print(*(item for item in place.rglob('*') if item.suffix in ('.svg', '.json', '.py')), sep='\\n')\n"
    ).split()
    assert all(path.startswith(str(full.folder)) for path in found)
    for wanted in (
        "resources/icons/",
        "resources/examples/hello.json",
        "resources/examples/film/scene.py",
        "versions/0001",
    ):
        assert any(wanted in path for path in found), wanted


def test_a_render_node_needs_neither_database_nor_qt(node: Environment) -> None:
    imported = node.python(
        "import importlib, pkgutil, sys, hqagent, hqserver.wire\n"
        "for package in (hqagent, hqserver.wire):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "print(*sys.modules, sep='\\n')\n"
    ).split()
    assert "hqagent.__main__" in imported
    assert "usage: hqagent" in node.run("hqagent", "--help")
    absent = "import importlib.util as u; print(*(n for n in ('sqlalchemy', 'PySide6', 'uvicorn', 'qasync') if u.find_spec(n)))"
    assert node.python(absent).strip() == ""


def test_a_farm_of_installed_programs_runs_a_job(full: Environment, node: Environment, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = ["run", "--data", str(tmp_path / "server"), "--port", str(port)]
    agent = [
        "run",
        "--server",
        url,
        "--data",
        str(tmp_path / "agent"),
        "--port",
        "0",
        "--cpus",
        "1",
        "--end-jobs-on-exit",
    ]
    with (
        xmlrpc.client.ServerProxy(url, allow_none=True) as proxy,
        _running(full, "hqserver", server, tmp_path) as server_runs,
        _running(node, "hqagent", agent, tmp_path) as agent_runs,
    ):
        hq: Any = proxy
        wait_for("the server", lambda: server_runs() and hq.ping())
        [job] = hq.newjob({"name": "a", "command": "echo hi"})
        wait_for("the job's end", lambda: agent_runs() and hq.getJob(job, ["status"])["status"] == "succeeded")
        assert hq.getJobOutput(job) == "hi\n"


@contextmanager
def _running(
    environment: Environment, program: str, arguments: list[str], folder: Path
) -> Iterator[Callable[[], bool]]:
    """Runs a program meanwhile; what is given tells that it still runs, and fails with its log when it does not."""
    log = folder / f"{program}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [str(environment.folder / "bin" / program), *arguments],
            cwd=environment.empty,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )

    def runs() -> bool:
        assert process.poll() is None, f"{program} ended with {process.returncode}: {log.read_text()}"
        return True

    try:
        yield runs
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_parts_have_one_version() -> None:
    assert hqagent.__version__ == hqserver.__version__ == hqgui.__version__
