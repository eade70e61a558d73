"""Progress, environment, settings, output: the small parts of the agent."""

from __future__ import annotations

import base64
import logging
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqagent.config import BadSetting, read_node_file
from hqagent.environment import NoShell, Surroundings, environment_for, shell_for
from hqagent.link import BadAddress, Link, whole_address
from hqagent.log import LogFile
from hqagent.output import Follower
from hqagent.patterns import OutputReader
from hqagent.spool import Spool
from hqserver.wire.agent import OutputSize, Start


@pytest.mark.parametrize(
    ("output", "progress"),
    [
        (b"ALF_PROGRESS 40%\n", 0.4),
        (b"ALF_PROGRESS 40%\nALF_PROGRESS 55%\n", 0.55),
        (b"PROGRESS: 3/4 \n", 0.75),
        (b"noise\nALF_PROGRESS 10%\rALF_PROGRESS 20%\n", 0.2),
        (b"ALF_PROGRESS 10%\nPROGRESS: 1/2\n", 0.5),
        (b"ALF_PROGRESS 900%\n", 1.0),
        (b"  ALF_PROGRESS 10%\n", None),
        (b"PROGRESS: 3/0\n", None),
        (b"ALF_PROGRESS 40%", None),
        (b"\xff\x00PROGRESS\n", None),
    ],
)
def test_progress_lines(output: bytes, progress: float | None) -> None:
    assert OutputReader().feed(output) == progress


@given(st.lists(st.integers(0, 100), min_size=1, max_size=5), st.integers(1, 7))
def test_progress_does_not_depend_on_how_output_is_cut(values: list[int], size: int) -> None:
    output = b"".join(b"x\nALF_PROGRESS %d%%\n" % value for value in values)
    reader = OutputReader()
    told = [reader.feed(output[at : at + size]) for at in range(0, len(output), size)]
    assert [value for value in told if value is not None][-1] == values[-1] / 100


def test_a_line_without_end_costs_no_memory_and_hides_nothing_after_it() -> None:
    reader = OutputReader()
    for _ in range(100):
        assert reader.feed(b"x" * 10_000) is None
    assert reader.feed(b"ALF_PROGRESS 5%\nALF_PROGRESS 60%\n") == 0.6


def start(**more: object) -> Start:
    values: dict[str, object] = {
        "number": 1, "job": 7, "attempt": 2, "root": 3, "name": "n", "command": "c", "shell": "", "cpus": 4,
        "environment": {}, "hosts": ("a", "b"), **more,
    }  # fmt: skip
    return Start(**values)  # type: ignore[arg-type]


def around(**own: str) -> Surroundings:
    return Surroundings(
        "http://farm:5000", "/mnt/hq", Path("/opt/agent"), "linux-x86_64", own, {"SITE": "x", "WINS": "no"}
    )


def test_the_documented_variables_are_there(tmp_path: Path) -> None:
    found = environment_for(start(environment={"WINS": "yes"}), around(PATH="/bin"), tmp_path)
    documented = {
        "HQROOT": "/mnt/hq", "HQSERVER": "http://farm:5000", "JOBID": "7", "ROOTJOBID": "3", "HQHOSTS": "a,b",
        "HQCLIENT": "/opt/agent", "HQCLIENTARCH": "linux-x86_64", "HQ_ATTEMPT": "2", "SITE": "x", "WINS": "yes",
        "TMPDIR": f"{tmp_path}/tmp", "PATH": "/bin",
    }  # fmt: skip
    assert documented.items() <= found.items()


def test_nothing_of_the_agent_leaks_into_a_job(tmp_path: Path) -> None:
    found = environment_for(start(), around(SSH_AUTH_SOCK="/s", HQ_TOKEN="t", LANG="C", LC_ALL="C"), tmp_path)
    assert not {"SSH_AUTH_SOCK", "HQ_TOKEN"} & found.keys()
    assert found["LANG"] == found["LC_ALL"] == "C"


def test_shells_are_names_of_a_list() -> None:
    assert shell_for("", around(), "/usr/bin:/bin").endswith("/sh")
    for name in ("/bin/sh; rm -rf /", "../sh", "perl"):
        with pytest.raises(NoShell, match="is not one of"):
            shell_for(name, around(), "/usr/bin:/bin")
    with pytest.raises(NoShell, match="not installed"):
        shell_for("tcsh", around(), "/nowhere")


def test_hqnode_ini_is_read_as_hqueue_has_it(tmp_path: Path) -> None:
    path = tmp_path / "hqnode.ini"
    assert read_node_file(path).server is None
    path.write_text("[main]\nserver = farm\nport = 5055\ncpus = 8\n[job_environment]\nMy_Var = a=b %x\n")
    node = read_node_file(path)
    assert (node.server, node.cpus, node.job_environment) == ("http://farm:5055", 8, {"My_Var": "a=b %x"})
    path.write_text("[main]\ncpus = many\n")
    with pytest.raises(BadSetting, match="cpus must be a whole number from 1 on, got 'many'"):
        read_node_file(path)


@pytest.mark.parametrize("address", ["ftp://x", "http://", "http://h:port", "http://h:99999"])
def test_a_bad_address_is_named(address: str) -> None:
    with pytest.raises(BadAddress):
        Link(address)


@pytest.mark.parametrize("text", ["farm", "http://farm", "farm:5000", "http://farm:5000/", "http://farm:5000/RPC2"])
def test_however_the_server_is_named_jobs_get_its_whole_address(text: str) -> None:
    assert whole_address(text) == Link(text).url == "http://farm:5000"


def test_output_goes_by_offset_and_from_where_the_server_stands(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    folder = spool.make(1, 1)
    assert folder is not None
    data = bytes(range(256)) * 5000
    (folder / "output").write_bytes(data)
    follower = Follower(spool)
    follower.follow((1, 1))
    follower.look((1, 1))
    received = b""
    while follower.lacking((1, 1)):
        for chunk in follower.chunks():
            piece = base64.b64decode(chunk.data)
            assert zlib.crc32(piece) == chunk.crc
            assert chunk.offset == len(received)
            received += piece
        follower.server_has([OutputSize(1, 1, len(received))])
        follower.look((1, 1))
    assert received == data
    follower.rewind()
    assert follower.lacking((1, 1)), "after a new session the server's length is asked for"
    (question,) = follower.chunks()
    assert (question.offset, question.data) == (0, "")
    follower.server_has([OutputSize(1, 1, 1000)])
    assert follower.chunks()[0].offset == 1000


def test_the_log_has_the_librarys_form_and_goes_on_in_the_next_file_when_it_is_large(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = LogFile(tmp_path / "hqnode.log")
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    record = logging.LogRecord("hqagent", logging.INFO, "here", 1, "Running job %d", (7,), None)
    handler.handle(record)
    assert (tmp_path / "hqnode.log").read_text() == f"{plain.format(record)}\n" == capsys.readouterr().err
    try:
        raise OSError("the disk is gone")
    except OSError:
        handler.handle(logging.LogRecord("hqagent", logging.ERROR, "here", 1, "failed", (), sys.exc_info()))
    assert "OSError: the disk is gone\n" in (tmp_path / "hqnode.log").read_text()
    for _ in range(3):
        handler.handle(logging.LogRecord("hqagent", logging.INFO, "here", 1, "x" * (2 << 20), (), None))
    handler.close()
    assert (tmp_path / "hqnode.log").stat().st_size == (2 << 20) + len(plain.format(record)) - len("Running job 7") + 1
    assert (tmp_path / "hqnode.log.1").read_text().startswith(plain.format(record))
