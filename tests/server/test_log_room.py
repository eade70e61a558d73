"""All logs together stay within their limit: the oldest that are over give their room back, and say so."""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Collection
from pathlib import Path

import pytest

from hqserver.log_room import Key, LogFile, LogRoom, to_clear
from hqserver.outputs import Outputs
from tests.farm.harness import real_farm, wait_for

MB = 1 << 20


def file(job: int, written_at: float, room: int = 10) -> LogFile:
    return LogFile(written_at, (job, 1), room)


@pytest.mark.parametrize(
    ("limit", "live", "cleared"),
    [
        (40, [], []),
        (39, [], [3]),
        (30, [], [3, 1]),
        (0, [], [3, 1, 2, 4]),
        (30, [(3, 1)], [1, 2]),
        (0, [(1, 1), (2, 1), (3, 1), (4, 1)], []),
    ],
)
def test_the_oldest_go_first_and_nobody_who_is_at_work(limit: int, live: list[Key], cleared: list[int]) -> None:
    logs = [file(1, 20.0), file(2, 30.0), file(3, 10.0), file(4, 40.0), file(5, 5.0, room=0)]
    assert [item.key[0] for item in to_clear(logs, limit, live)] == cleared


class Shelf:
    """Logs of a megabyte each, written in the order of their numbers."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.outputs = Outputs(folder)
        self.live: set[Key] = set()
        self.data = os.urandom(MB)
        for job in range(1, count + 1):
            self.add(job)

    def add(self, job: int) -> None:
        self.outputs.append(job, 1, 0, self.data, zlib.crc32(self.data))
        path = self.folder / "0" / f"{job}-1.log"
        os.utime(path, (job * 1000.0, job * 1000.0))

    def look(self, limit: int, least: int = 0) -> LogRoom:
        def live() -> Collection[Key]:
            return self.live

        return LogRoom(self.folder, self.outputs, limit, least, live)

    def whole(self) -> list[int]:
        return [job for job in range(1, 10) if self.outputs.read(job, 1, 0, MB) == self.data]


def test_a_log_that_gave_its_room_back_is_one_cut_of_the_same_length(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "logs", 6)
    shelf.live.add((2, 1))
    room = shelf.look(4 * MB)
    assert asyncio.run(room.look()) == 3
    assert shelf.whole() == [2, 5, 6]
    for outputs in (shelf.outputs, Outputs(tmp_path / "logs")):
        extent = outputs.extent(1, 1)
        assert (extent.size, extent.missing, extent.kept) == (MB, ((0, MB),), 0)
    assert (tmp_path / "logs" / "0" / "1-1.log").stat().st_blocks * 512 < MB / 10
    assert shelf.outputs.read_kept(1, 1, 0, 100) == (MB, b"")
    assert asyncio.run(room.look()) == 0, "nothing was written since"
    shelf.add(7)
    shelf.add(8)
    assert asyncio.run(room.look()) == 2
    assert shelf.whole() == [2, 7, 8]


def test_when_the_disk_is_short_logs_go_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "logs", 3)
    assert asyncio.run(shelf.look(0).look()) == 0, "half of the disk is enough for them"
    assert asyncio.run(shelf.look(0, least=1 << 60).look()) == 3
    assert shelf.whole() == []


def test_no_folder_is_no_trouble(tmp_path: Path) -> None:
    assert asyncio.run(LogRoom(tmp_path / "none", Outputs(tmp_path / "none"), MB, 0, set).look()) == 0


def test_a_server_that_is_started_with_too_many_logs_clears_the_oldest_away(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir(mode=0o700)
    (tmp_path / "server" / "hqserver.ini").write_text("[main]\njob_logs_mb = 2\n")
    with real_farm(tmp_path, agents=1, cpus=1) as farm:
        jobs = [farm.hq.newjob({"name": "x", "command": "head -c 900000 /dev/urandom"})[0] for _ in range(3)]
        farm.wait_for_status(jobs, "succeeded")
        farm.stop_server()
        farm.start_server()
        wait_for("the oldest to be cut", lambda: farm.hq.getOutput(jobs[0], 1, 0, 0)["cuts"])
        assert farm.hq.getOutput(jobs[0], 1, 0, 0)["cuts"] == [{"offset": 0, "length": 900_000}]
        assert "900,000 bytes of output were cut here" in str(farm.hq.getJobOutput(jobs[0]))
        assert len(farm.hq.getOutput(jobs[2], 1, 0, 1 << 20)["data"].data) == 900_000
