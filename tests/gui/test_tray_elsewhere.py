"""The tray where something is different: two farms, an agent of the other one, no agent here, no server either."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hqgui.feed_state import Phase
from hqgui.local_agent import LocalAgents
from hqgui.models.tray.machine import MachineState
from hqgui.same_machine import SameMachine
from hqgui.settings import Settings
from hqgui.tray.program import Tray
from hqserver.wire.encoder import encode_response
from tests.farm.harness import RealFarm, real_farm
from tests.farm.test_taking_back import override
from tests.gui.tray_runs import click, run_tray
from tests.gui.windows import until

ENDLESS = "exec sleep 3600"


def test_a_look_at_the_machine_that_fails_is_not_the_last_one(
    farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    looks = 0

    def find() -> list[Path]:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise OSError("the folder is being made")
        return []

    async def script(tray: Tray) -> None:
        await until("the next looks", lambda: looks >= 3)
        await until("its machine", lambda: tray.facts.machine.state is MachineState.AVAILABLE)

    run_tray(farm, tmp_path, monkeypatch, script, agents=LocalAgents(time.time, find))
    assert complaints == ["asking about this machine: OSError('the folder is being made')"]
    complaints.clear()


def _http(value: object) -> bytes:
    body = encode_response(value)
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as made:
        yield made


async def _status(farm: RealFarm, job: int, wanted: str) -> None:
    await until(f"job {job} to be {wanted}", lambda: farm.job(job, "status")["status"] == wanted)


async def _live(tray: Tray) -> None:
    await until("the farm", lambda: tray.session is not None and tray.session.feed.state.phase is Phase.LIVE)


def test_two_farms_are_told_apart_and_the_machine_is_one(
    farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    with real_farm(tmp_path / "other") as other:

        async def script(tray: Tray) -> None:
            [job] = farm.hq.newjob({"name": "theirs", "command": ENDLESS, "triesLeft": 3, "submittedBy": "dkim"})
            await _status(farm, job, "running")
            [namesake] = other.hq.newjob({"name": "mine there", "command": "true", "submittedBy": "jlee"})
            assert namesake == job, "both farms count from one: the same number, another job"
            tray.follow(other.url)
            await _live(tray)
            await until("my job there", lambda: [line.name for line in tray.facts.jobs] == ["mine there"])
            here = farm.url.removeprefix("http://")
            assert tray.facts.farm == other.url.removeprefix("http://"), "two on one machine are told apart by the port"
            await until("it to be said", lambda: f" for {here}, since" in tray.facts.machine.detail)
            assert [line.name for line in tray.facts.machine.running] == ["theirs"]
            await click(tray.popup.machine.now)
            await _status(farm, job, "runnable")
            assert farm.job(job, "triesLeft")["triesLeft"] == 3
            tray.follow(farm.url)
            await _live(tray)
            await until("it to be mine", lambda: tray.facts.machine.state is MachineState.MINE)
            assert tray.facts.jobs == (), "of the other farm nothing is left"
            assert Settings(tmp_path, "tray").value("farm/recent")[:2] == [farm.url, other.url]
            farm.hq.cancelJobs([job])
            await click(tray.popup.machine.give_back)
            await until("it to be the farm's again", lambda: override(farm)[0] == "none")

        run_tray(farm, tmp_path, monkeypatch, script)


def test_where_no_agent_answers_the_farm_is_asked(
    farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(tray: Tray) -> None:
        [job] = farm.hq.newjob({"name": "theirs", "command": ENDLESS, "triesLeft": 3, "submittedBy": "dkim"})
        await _status(farm, job, "running")
        await until("the popup to show it", lambda: job in [line.id for line in tray.facts.machine.running])
        await click(tray.popup.machine.now)
        await _status(farm, job, "runnable")
        assert farm.job(job, "triesLeft")["triesLeft"] == 3
        assert override(farm)[0] == "mine"
        await until("it to be mine", lambda: tray.facts.machine.state is MachineState.MINE)
        farm.hq.cancelJobs([job])
        await click(tray.popup.machine.give_back)
        await until("it to be the farm's again", lambda: override(farm)[0] == "none")
        await until("the popup to know", lambda: tray.facts.machine.state is MachineState.AVAILABLE)

    run_tray(farm, tmp_path, monkeypatch, script, agents=LocalAgents(time.time, list))


def test_without_agent_and_server_it_says_what_cannot_be_done(
    farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(tray: Tray) -> None:
        tray.follow("http://127.0.0.1:9")
        await until("it to know", lambda: tray.facts.connection.trouble and not tray.facts.connection.online)
        assert tray.facts.machine.state is MachineState.UNKNOWN
        assert not tray.facts.machine.can_keep
        tray.popup.close()
        assert tray.errands is not None
        tray.errands.take_back(now=True)
        words = "No agent answers on this machine, and the server cannot be asked."
        await until("it to be said", lambda: (tray.facts.said, tray.facts.said_failed) == (words, True))
        await until("the popup to open, where no desktop tells", tray.popup.isVisible)

    run_tray(farm, tmp_path, monkeypatch, script, agents=LocalAgents(time.time, list))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<garbage>",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n<x>",
        _http({"name": "x", "jobs": [{"name": "no id"}]}),
        _http({"name": "x", "client": "seven"}),
        _http(["no", "struct"]),
        _http({"jobs": 7}),
    ],
)
def test_what_is_no_agent_is_passed_over(tmp_path: Path, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"</methodCall>")
        writer.write(answer)
        writer.close()

    async def ask() -> None:
        path = tmp_path / "odd.sock"
        async with await asyncio.start_unix_server(talk, path):
            agents = LocalAgents(time.time, lambda: [path])
            assert await agents.states() == ()

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://hq01:5000", "http://HQ01:5000", True),
        ("http://127.0.0.1:5000", "http://localhost:5000", True),
        ("http://127.0.0.1:5000", "http://127.0.0.2:5000", True),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001", False),
        ("https://hq01", "https://hq01:443", True),
        ("http://no-such-name.invalid:5000", "http://127.0.0.1:5000", False),
    ],
)
def test_whether_two_addresses_are_one_server(one: str, other: str, same: bool) -> None:
    assert asyncio.run(SameMachine().servers(one, other)) is same
    assert asyncio.run(SameMachine().servers(other, one)) is same


def test_farms_have_the_names_that_somebody_gave_them(tmp_path: Path) -> None:
    settings = Settings(tmp_path, "wrangler")
    for url in ("http://hq01:5000", "http://hq01:6000", "http://hq02:5000"):
        settings.remember_farm(url)
    settings.name_farm("http://hq02:5000", "Northlight")
    assert [settings.farm_title(url) for url in settings.value("farm/recent")] == [
        "Northlight",
        "hq01:6000",
        "hq01:5000",
    ]
    assert settings.farm_title("http://hq03:5000") == "hq03"
