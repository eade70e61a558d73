"""What was said over this client's rules, as its agent keeps it: through restarts, boots and talks with the server."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from hqagent.override import Clock, OverrideKeeper
from hqserver.wire.agent import OverrideSet
from hqserver.wire.clients import Override

HOUR = 3600.0


class Time:
    """Both clocks of a machine."""

    def __init__(self) -> None:
        self.boot, self.wall = 100.0, 1_800_000_000.0

    def __call__(self) -> Clock:
        return Clock(self.boot, self.wall)

    def pass_(self, seconds: float) -> None:
        self.boot += seconds
        self.wall += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "override"


def test_it_holds_until_it_ends_by_itself(path: Path, time: Time) -> None:
    kept = OverrideKeeper(path, "boot", time)
    assert (kept.mode, kept.until, kept.to_tell()) == (Override.NONE, None, None)
    kept.say(Override.MINE, HOUR, "ann")
    assert (kept.mode, kept.until, kept.by) == (Override.MINE, time.wall + HOUR, "ann")
    time.pass_(HOUR - 1)
    assert kept.mode is Override.MINE
    time.wall += 10 * HOUR
    assert kept.mode is Override.MINE, "a clock that is set changes nothing"
    time.pass_(1)
    assert (kept.mode, kept.until, kept.by) == (Override.NONE, None, "")
    told = kept.to_tell()
    assert told is not None
    assert (told.mode, told.ago, told.ends_in) == ("none", HOUR, 0.0)


def test_it_survives_the_agent_and_a_boot(path: Path, time: Time) -> None:
    OverrideKeeper(path, "boot", time).say(Override.DRAIN, HOUR, "ann")
    time.pass_(60)
    again = OverrideKeeper(path, "boot", time)
    assert (again.mode, again.by, again.until) == (Override.DRAIN, "ann", time.wall + HOUR - 60)
    time.pass_(60)
    time.boot = 5.0
    other = OverrideKeeper(path, "another boot", time)
    assert (other.mode, other.until) == (Override.DRAIN, time.wall + HOUR - 120)
    time.pass_(HOUR)
    assert OverrideKeeper(path, "another boot", time).mode is Override.NONE


def test_it_is_news_until_the_server_has_it(path: Path, time: Time) -> None:
    kept = OverrideKeeper(path, "boot", time)
    news = [kept.is_news]
    kept.say(Override.MINE, None, "ann")
    sent = kept.to_tell()
    news.append(kept.is_news)
    kept.say(Override.NONE, None, "ann")
    kept.told(sent, None)
    news.append(kept.is_news)
    latest = kept.to_tell()
    assert latest is not None
    kept.told(sent, latest)
    news.append(kept.is_news)
    assert news == [False, True, True, False], "what is said while something else is on its way is news all the same"


def test_the_later_saying_holds(path: Path, time: Time) -> None:
    kept = OverrideKeeper(path, "boot", time)
    kept.say(Override.MINE, None, "ann")
    time.pass_(10)
    kept.told(kept.to_tell(), OverrideSet("s1", "drain", ago=5.0, ends_in=60.0))
    assert (kept.mode, kept.until, kept.by) == (Override.DRAIN, time.wall + 60, "")
    kept.say(Override.MINE, None, "ann")
    kept.told(None, OverrideSet("s2", "none", ago=1.0))
    assert kept.mode is Override.MINE
    assert kept.is_news
    assert OverrideKeeper(path, "boot", time).mode is Override.MINE


def test_a_damaged_file_is_said_and_holds_nothing(path: Path, time: Time, caplog: pytest.LogCaptureFixture) -> None:
    for text in ("{", "[]", '{"stamp": "x"}', '{"stamp":"x","mode":"all","by":"","boot_id":"","at":0,"wall_at":0}'):
        path.write_text(text)
        with caplog.at_level(logging.ERROR):
            assert OverrideKeeper(path, "boot", time).mode is Override.NONE
        assert "cannot be read" in caplog.text
        caplog.clear()


def test_a_full_disk_does_not_keep_anybody_from_their_machine(
    tmp_path: Path, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    kept = OverrideKeeper(tmp_path / "gone" / "override", "boot", time)
    kept.say(Override.MINE, None, "ann")
    assert kept.mode is Override.MINE
    assert "cannot be kept" in caplog.text
