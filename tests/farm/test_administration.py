"""What an administrator does: copies and restores, checks, services, nightly copies, logs that do not grow for ever."""

from __future__ import annotations

import argparse
import configparser
import contextlib
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import xmlrpc.client
from datetime import datetime
from pathlib import Path

import pytest

from hqserver import cli
from hqserver.backups import Backups
from hqserver.cli import main
from tests.farm.harness import RealFarm, real_farm, wait_for
from tests.store.postgres import postgres_server


def hqserver(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hqserver", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_farm_is_restored_from_a_copy(tmp_path: Path) -> None:
    data = tmp_path / "server"
    with real_farm(tmp_path, agents=1) as farm:
        farm.hq.setdisabled(farm.hq.getClients()[0]["label"], True)
        kept = farm.hq.newjob({"name": "kept", "command": "true", "children": [{"name": "a"}, {"name": "b"}]})
        made = hqserver("backup", "--data", data)
        assert made.returncode == 0, made.stderr
        assert "holds the whole database" in made.stdout
        assert hqserver("check", "--data", data).returncode == 0
        farm.hq.setdisabled(farm.hq.getClients()[0]["label"], False)
        lost = farm.hq.newjob({"name": "after the copy", "command": "echo gone"})
        farm.wait_for_status(lost, "succeeded")
        farm.stop_server()
        (copy,) = (data / "backups").iterdir()
        for file in data.glob("hqserver.db*"):
            file.unlink()
        shutil.copy(copy, data / "hqserver.db")
        farm.start_server()
        assert farm.job(kept[0], "name") == {"name": "kept"}
        assert farm.hq.getJob(lost[0]) is None
        assert len(farm.hq.getJobs(list(range(1, 10)), ["id"])) == 3
        farm.hq.setdisabled(farm.hq.getClients()[0]["label"], False)
        (new,) = farm.hq.newjob({"name": "with a number that was given before", "command": "echo new"})
        farm.wait_for_status([new], "succeeded")
        assert [new] == lost
        assert farm.hq.getJobOutput(new) == "new\n"


def test_check_says_what_is_wrong_and_how_it_ended(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    absent = hqserver("check", "--data", tmp_path / "server")
    assert (absent.returncode, absent.stdout) == (3, "")
    assert "there is no database" in absent.stderr
    with real_farm(tmp_path) as farm:
        farm.hq.newjob({"name": "one", "command": "true"})
        farm.stop_server()
    connection = sqlite3.connect(tmp_path / "server" / "hqserver.db")
    connection.execute("UPDATE jobs SET spec = '{}'")
    connection.commit()
    connection.close()
    found = hqserver("check", "--data", tmp_path / "server")
    assert found.returncode == 1
    assert "checksum" in found.stdout


def test_a_service_is_shown_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    words = ["install-service", "--user", "--data", str(tmp_path / "a farm"), "--port", "5700"]
    assert main([*words, "--dry-run"]) == 0
    assert "would write" in capsys.readouterr().out
    assert not (tmp_path / "config").exists()
    assert main(words) == 0
    unit = configparser.RawConfigParser(strict=False)
    unit.read(tmp_path / "config/systemd/user/hqserver.service")
    assert unit["Service"]["ExecStart"].endswith(
        f'-m hqserver run --data "{tmp_path}/a farm" --log-file --host 127.0.0.1 --port 5700'
    )
    assert "Sockets" not in unit["Service"]
    assert "systemctl --user daemon-reload && systemctl --user enable --now hqserver" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["install-service", "--host", "0.0.0.0", "--dry-run"])
    assert "add --open-farm" in capsys.readouterr().err
    assert main(["install-service", "--account", "nobody-of-this-name", "--dry-run"]) == 3


def test_a_service_of_the_machine_has_a_folder_that_its_account_may_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install-service", "--account", "root", "--dry-run"]) == 0
    unit = capsys.readouterr().out.splitlines()
    assert any("run --data /var/lib/hqserver --log-file" in line for line in unit)
    assert "StateDirectory=hqserver" in unit


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes what others own")
def test_a_copy_that_root_makes_is_the_servers() -> None:
    """Else the copies of the night, which the server makes, could not be written beside it."""
    nobody = 65534
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        os.chown(data, nobody, nobody)
        with contextlib.closing(sqlite3.connect(data / "hqserver.db")) as empty:
            empty.execute("CREATE TABLE meta (key, value)")
        os.chown(data / "hqserver.db", nobody, nobody)
        assert main(["backup", "--data", str(data)]) == 0
        assert {path.stat().st_uid for path in [*data.glob("backups*"), *data.glob("backups/*")]} == {nobody}
        assert os.geteuid() == 0


def test_a_file_of_settings_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--data", str(tmp_path / "data"), "--config", str(tmp_path / "hqserver.ini")])
    assert f"there is no file {tmp_path}/hqserver.ini" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_the_log_is_below_the_data_folder_and_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_LOG_BYTES", 1000)
    monkeypatch.setattr(cli, "_LOG_FILES", 3)
    handler = cli._log_handler(argparse.Namespace(log_file=True, data=tmp_path / "data"))
    for number in range(500):
        handler.emit(logging.LogRecord("hqserver", logging.INFO, "", 0, f"line {number}", None, None))
    handler.close()
    files = sorted(path.name for path in (tmp_path / "data").iterdir())
    assert files == ["hqserver.log", "hqserver.log.1", "hqserver.log.2"]
    assert "line 499" in (tmp_path / "data/hqserver.log").read_text()
    assert (tmp_path / "data/hqserver.log").stat().st_mode & 0o077 == 0


class Copies:
    """A store that writes its copies at once."""

    def __init__(self, size: int) -> None:
        self.bytes = size

    def write(self, path: Path) -> None:
        path.write_text("copy")

    def size(self) -> int:
        return self.bytes


def test_nightly_copies_are_few_and_the_newest(tmp_path: Path) -> None:
    store = Copies(1)
    backups = Backups(tmp_path, 3, 3, store.write, store.size)
    begin = datetime(2026, 3, 1, 2, 59).astimezone().timestamp()
    at = begin
    for _ in range(5):
        at = backups.next_after(at)
        assert datetime.fromtimestamp(at).astimezone().hour == 3
        assert backups.make(at) is not None
    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert names == ["hqserver-2026-03-03.db", "hqserver-2026-03-04.db", "hqserver-2026-03-05.db"]


def test_a_nightly_copy_that_would_fill_the_disk_is_not_written(tmp_path: Path) -> None:
    store = Copies(shutil.disk_usage(tmp_path).free // 5)
    assert Backups(tmp_path, 3, 3, store.write, store.size).make(0.0) is None
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of 40 MB for the server's folder."""
    folder = tmp_path / "server"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only root can make a small disk")
    (folder / "hqserver.ini").write_text("[main]\nleast_free_mb = 16\nreserve_mb = 2\n")
    return folder


def test_a_full_disk_loses_nothing_and_heals_by_itself(tmp_path: Path, small_disk: Path) -> None:
    farm = RealFarm(tmp_path)
    try:
        farm.start_server()
        farm.start_agent("n1")
        running = farm.hq.newjob({"name": "running", "command": "sleep 600"})
        farm.wait_for_status(running, "running")
        waiting = farm.hq.newjob({"name": "waiting", "command": "true", "conditions": [NOWHERE]})
        filler = small_disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - (12 << 20)))
        fault = wait_for("a refusal", lambda: refusal(farm))
        assert "[507]" in fault
        assert "free" in fault
        assert farm.client("n1")["available"]  # type: ignore[index]
        farm.hq.cancelJobs(running)
        farm.wait_for_status(running, "cancelled")
        with filler.open("ab") as file:
            while shutil.disk_usage(small_disk).free:
                file.write(bytes(min(shutil.disk_usage(small_disk).free, 1 << 20)))
                file.flush()
        wait_for("the reserve to be given up", lambda: not (small_disk / "reserve").exists())
        farm.hq.cancelJobs(waiting)
        farm.wait_for_status(waiting, "cancelled")
        assert farm.hq.ping()
        filler.unlink()
        (after,) = wait_for("room again", lambda: farm.hq.newjob({"name": "after", "command": "true"}))
        farm.wait_for_status([after], "succeeded")
        farm.stop_server()
        assert hqserver("check", "--data", small_disk).returncode == 0
        farm.start_server()
        assert farm.statuses([*running, *waiting, after]) == ["cancelled", "cancelled", "succeeded"]
    finally:
        farm.close()
        subprocess.run(["umount", "-l", str(small_disk)], check=True)


NOWHERE = {"type": "client", "name": "hostname", "op": "==", "value": "nowhere"}


def refusal(farm: RealFarm) -> str:
    """What a submission is refused with; empty while it is taken."""
    try:
        farm.hq.newjob({"name": "more"})
    except xmlrpc.client.Fault as fault:
        return f"[{fault.faultCode}] {fault.faultString}"
    return ""


def test_a_farm_moves_to_postgresql_by_one_command(tmp_path: Path) -> None:
    data = tmp_path / "server"
    with postgres_server() as url, real_farm(tmp_path, agents=1) as farm:
        done = farm.hq.newjob({"name": "done", "command": "echo kept"})
        farm.wait_for_status(done, "succeeded")
        waiting = farm.hq.newjob({"name": "waiting", "command": "true", "conditions": [NOWHERE]})
        before = farm.hq.getJobs([*done, *waiting])
        target = url.render_as_string(hide_password=False)
        refused = hqserver("copy-database", "--data", data, "--to", target)
        assert (refused.returncode, "in use by another hqserver" in refused.stderr) == (3, True)
        farm.stop_server()
        copied = hqserver("copy-database", "--data", data, "--to", target)
        assert copied.returncode == 0, copied.stderr
        farm.server_arguments += ["--database", target]
        farm.start_server()
        assert farm.hq.getJobs([*done, *waiting]) == before
        assert farm.hq.getJobOutput(done[0]) == "kept\n"
        assert "postgresql" in farm.hq.getServerInfo()["database"]
        wait_for("the agent", lambda: farm.client("n1")["available"])  # type: ignore[index]
        more = farm.hq.newjob({"name": "more", "command": "true"})
        farm.wait_for_status(more, "succeeded")
        assert hqserver("check", "--data", data, "--database", target).returncode == 0
