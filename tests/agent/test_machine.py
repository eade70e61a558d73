"""The machine, `hqagent check` and `hqagent install-service`, run as a person runs them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hqagent.__main__ import main
from hqagent.checking import check
from hqagent.machine import machine
from hqagent.processes import tools
from hqagent.processes.tools import graphics_processors, idle_minutes, names_of_processors
from hqagent.running import Options, own_id
from hqagent.service import Service
from tests.farm.harness import RealFarm, real_farm, wait_for


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    with real_farm(tmp_path_factory.mktemp("farm")) as running:
        yield running


def test_the_machine_is_told_as_it_is(tmp_path: Path) -> None:
    told = machine(tmp_path, None, ("card",), lambda: 7)
    assert (told.hostname, told.cpus) == (socket.gethostname(), os.cpu_count())
    assert told.memory == psutil.virtual_memory().total // 1024
    assert 0 < told.memory_used < told.memory
    assert 0 < told.disk_free <= told.disk_total
    assert (told.gpus, told.idle_minutes) == (("card",), 7)
    assert re.fullmatch(r"(linux|macosx|windows)-\w+", told.platform)
    assert machine(tmp_path, 3, (), lambda: -1).cpus == 3


def test_graphics_processors_are_what_nvidia_smi_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text('#!/bin/sh\n[ "$1" = --query-gpu=name ] && echo "NVIDIA A40" && echo "NVIDIA A40"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert graphics_processors() == ("NVIDIA A40", "NVIDIA A40")
    program.write_text("#!/bin/sh\nexit 9\n")
    assert graphics_processors() == ()


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_an_nvidia_smi_that_prints_rubbish_or_hangs_keeps_no_agent_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, freezer: Path
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nprintf 'NVIDIA \\377 A40\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert graphics_processors() == ("NVIDIA \ufffd A40",)
    monkeypatch.setattr(tools, "_SECONDS", 0.5)
    monkeypatch.setattr(tools, "_KILL_SECONDS", 0.1)
    frozen = f"echo $$ > {freezer}/cgroup.procs; echo FROZEN > {freezer}/freezer.state; sleep 1000"
    program.write_text(f"#!/bin/sh\n{frozen}\n")
    assert graphics_processors() == ()
    assert (freezer / "cgroup.procs").read_text().strip(), "not even KILL has ended it"


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("NVIDIA RTX 6000 Ada Generation\nNVIDIA RTX 6000 Ada Generation\n", ("NVIDIA RTX 6000 Ada Generation",) * 2),
        ("Tesla T4\r\n", ("Tesla T4",)),
        ("NVIDIA GeForce RTX 4090\n[GPU is lost]\n", ("NVIDIA GeForce RTX 4090",)),
        ("[Unknown Error]\n[N/A]\n", ()),
        ("No devices were found\n", ()),
        ("", ()),
    ],
)
def test_lines_of_nvidia_smi(told: str, names: tuple[str, ...]) -> None:
    assert names_of_processors(told) == names


@pytest.mark.skipif(not all(map(shutil.which, ("Xvfb", "xdotool"))), reason="there is no X server to ask")
def test_idle_time_is_asked_of_an_x_display(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp", "-noreset"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            display = told.readline().strip()
        monkeypatch.setenv("DISPLAY", f":{display}")
        assert idle_minutes() == 0, "an X server that has just begun counts from its start"
        idle = wait_for("time to pass", lambda: (seconds := seconds_idle(display)) > 0.5 and seconds)

        def is_seen() -> bool:
            subprocess.run(["xdotool", "key", "a"], check=True)
            return seconds_idle(display) < idle

        wait_for("a key to be seen", is_seen)
    finally:
        server.terminate()
        server.wait()
    assert probed("4711").returncode == 1


def seconds_idle(display: str) -> float:
    return float(probed(display).stdout)


def probed(display: str) -> subprocess.CompletedProcess[str]:
    probe = [sys.executable, "hqagent/processes/idle_probe.py", f":{display}"]
    return subprocess.run(probe, check=False, capture_output=True, text=True)


def findings(options: Options) -> dict[bool | None, list[str]]:
    found: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for item in check(options):
        found[item.good].append(item.text)
    return found


def test_a_good_machine_has_nothing_bad(
    farm: RealFarm, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")  # what this machine calls itself is not ours
    assert main(["check", "--server", farm.url, "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "BAD" not in said
    for words in ("the server 127.0.0.1", "clock agrees", "is writable", "shell bash is /", "jobs can be run on linux"):
        assert words in said


def test_what_is_wrong_is_said_in_plain_words(farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hqnode.ini").write_text(
        "[main]\nservr = x\nsharedNetwork.mount = /no/such/mount\n[shells]\nhython = /no/such/hython\n"
    )
    monkeypatch.setattr(socket, "gethostname", lambda: "no-such-host.invalid")
    bad = "\n".join(findings(Options(tmp_path, server=farm.url))[False])
    for words in (
        "servr in",
        "own name no-such-host.invalid does not resolve",
        "shell hython is /no/such/hython on this client, which cannot be run",
        "/no/such/mount is no folder here: is it mounted?",
    ):
        assert words in bad


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("http://no-such-host.invalid:5000", "the server's name no-such-host.invalid does not resolve"),
        (
            "http://127.0.0.1:1",
            "cannot be reached: Connection refused: does hqserver run there, and does a firewall let us through?",
        ),
        ("ftp://x", "is not the address of a server"),
    ],
    ids=["no name", "nobody listens", "no address"],
)
def test_a_server_that_is_not_there_is_named(tmp_path: Path, server: str, words: str) -> None:
    assert words in "\n".join(findings(Options(tmp_path, server=server))[False])


def test_a_clock_that_is_off_is_told(farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    late = time.time() + 3600
    monkeypatch.setattr("hqagent.checking.time.time", lambda: late)
    bad = "\n".join(findings(Options(tmp_path, server=farm.url))[False])
    assert re.search(r"clock is 36\d\d s ahead of the server's", bad)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is not writable" in "\n".join(findings(Options(tmp_path / "file" / "data"))[False])


def test_a_file_of_another_account_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so nobody's rights are said here to be less."""
    (tmp_path / "agent.lock").touch()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "agent.lock" and may(path, mode))
    assert f"agent.lock is not writable for user {os.getuid()}" in "\n".join(findings(Options(tmp_path))[False])


def test_a_copied_folder_is_another_agents_and_a_moved_one_is_not(tmp_path: Path) -> None:
    one = tmp_path / "one"
    (one / "attempts" / "7-1").mkdir(parents=True)
    own = own_id(one)
    shutil.copytree(one, tmp_path / "two")
    assert own_id(tmp_path / "two") != own
    assert not (tmp_path / "two" / "attempts").exists()
    one.rename(tmp_path / "moved")
    assert own_id(tmp_path / "moved") == own
    assert (tmp_path / "moved" / "attempts" / "7-1").exists()


@pytest.mark.parametrize("damaged", ["", "\0" * 32, "x" * 32, "\n"])
def test_a_damaged_id_is_replaced_and_a_whole_one_kept(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "agent.id").write_text(damaged)
    fresh = own_id(tmp_path)
    assert re.fullmatch("[0-9a-f]{32}", fresh)
    assert own_id(tmp_path) == fresh


def test_a_wrong_file_of_settings_ends_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hqnode.ini").write_text("[main]\ncpus = many\n")
    assert main(["check", "--data", str(tmp_path)]) == 1
    assert "BAD" in capsys.readouterr().out


def test_the_unit_of_a_service_says_what_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "install-service",
        "--print",
        "--server",
        "http://farm:5000",
        "--data",
        str(tmp_path / "a b"),
        "--name",
        "gpu",
    ]
    assert main([*arguments, "--account", "render"]) == 0
    unit = capsys.readouterr().out
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert command == (
        f'ExecStart={sys.executable} -m hqagent run --server http://farm:5000 --name gpu --data "{tmp_path}/a b"'
    )
    for line in ("User=render", "KillMode=process", "Delegate=yes", "Restart=always", "WantedBy=multi-user.target"):
        assert line in unit.splitlines()


def test_a_service_of_the_machine_has_a_folder_that_its_account_may_write(capsys: pytest.CaptureFixture[str]) -> None:
    """Root installs it: what is root's alone would end the agent at its start."""
    assert main(["install-service", "--print", "--account", "render"]) == 0
    unit = capsys.readouterr().out.splitlines()
    assert f"ExecStart={sys.executable} -m hqagent run --data /var/lib/hqagent" in unit
    assert "StateDirectory=hqagent" in unit
    assert main(["install-service", "--print", "--account", "render", "--name", "b"]) == 0
    assert "StateDirectory=hqagent-b" in capsys.readouterr().out.splitlines()


def test_a_service_of_nobody_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install-service", "--account", "nobody-of-this-name"]) == 1
    assert "there is no account nobody-of-this-name" in capsys.readouterr().err


def test_a_service_of_ones_own_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    service = Service(["--server", "http://farm:5000"], tmp_path / "data")
    assert service.folder == tmp_path / "systemd/user"
    assert "User=" not in service.text()
    assert "WantedBy=default.target" in service.text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd to ask")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "hqagent.service"
    unit.write_text(Service([], Path("/var/lib/hqagent"), account="root").text())
    said = subprocess.run(["systemd-analyze", "verify", str(unit)], check=False, capture_output=True, text=True)
    assert "hqagent.service" not in said.stderr, said.stderr


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_hear_that_it_is_not_there_yet(
    system: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for command in ("run", "check", "install-service"):
        assert main([command, "--data", str(tmp_path)]) == 1
        assert f"hqagent does not run jobs on {system} yet" in capsys.readouterr().err


def test_the_command_line_needs_nothing_of_linux() -> None:
    """On Windows there is no fcntl: the answer must be a sentence, not a traceback."""
    script = "import sys; sys.modules['fcntl'] = None; import hqagent.__main__"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_two_agents_in_one_folder_are_refused(farm: RealFarm, tmp_path: Path) -> None:
    farm.start_agent("one")
    folder = str(farm.folder / "agent-one")
    command = [sys.executable, "-m", "hqagent", "run", "--server", farm.url, "--data", folder, "--name", "two"]
    second = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "another agent runs in" in second.stderr


def test_two_agents_with_one_name_are_told_of_each_other(farm: RealFarm, tmp_path: Path) -> None:
    farm.start_agent("same")
    port = (farm.client("same") or {})["port"]
    command = [sys.executable, "-m", "hqagent", "run", "--server", farm.url, "--name", "same", "--port", "0"]
    second = subprocess.Popen([*command, "--data", str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        wait_for(
            "the refusal",
            lambda: f"is taken by a live agent at 127.0.0.1 port {port}" in (tmp_path / "hqnode.log").read_text(),
        )
        assert second.poll() is None, "it stays, for when the other one is gone"
    finally:
        second.terminate()
        second.wait()
