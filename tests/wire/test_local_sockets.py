"""Where the agents of a machine listen for its people."""

from __future__ import annotations

from pathlib import Path

from hqserver.wire.local import folder_for_agent, sockets


def test_a_folder_that_somebody_named_is_the_only_one(tmp_path: Path) -> None:
    named, usual = tmp_path / "named", tmp_path / "run" / "hqagent"
    for folder in (named, usual):
        folder.mkdir(parents=True)
        (folder / "one.sock").touch()
    environment = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "RUNTIME_DIRECTORY": "/run/hqagent"}
    user = tmp_path.stat().st_uid
    assert usual / "one.sock" in list(sockets(environment, user))
    environment["HQAGENT_SOCKETS"] = str(named)
    assert list(sockets(environment, user)) == [named / "one.sock"]
    assert folder_for_agent(environment, user) == named
    assert list(sockets({"HQAGENT_SOCKETS": str(tmp_path / "nowhere")}, user)) == []


def test_a_folder_that_anybody_may_write_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "one.sock").touch()
    tmp_path.chmod(0o777)
    assert list(sockets({"HQAGENT_SOCKETS": str(tmp_path)}, tmp_path.stat().st_uid)) == []
