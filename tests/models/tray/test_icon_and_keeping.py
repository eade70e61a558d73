"""The icon's states, how long a machine is kept, who sits here, and the day's strip."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.tray.day_strip import DAY, rules_words, strip_of
from hqgui.models.tray.icon_state import Icon, IconState, Mine, icon_of, tooltip_of
from hqgui.models.tray.keeping import Keep, ends_at, until_words
from hqgui.models.tray.who import mapped, names_of, users
from hqserver.wire.availability import Rule, judge

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("online", "unread", "unfinished", "progress", "icon"),
    [
        (True, 0, 0, 0.0, Icon(IconState.IDLE)),
        (True, 0, 1, 0.0, Icon(IconState.WORKING, 1)),
        (True, 0, 3, 0.25, Icon(IconState.WORKING, 1)),
        (True, 0, 3, 0.251, Icon(IconState.WORKING, 2)),
        (True, 0, 3, 0.99, Icon(IconState.WORKING, 4)),
        (True, 2, 3, 0.6, Icon(IconState.ATTENTION, 3)),
        (True, 1, 0, 0.0, Icon(IconState.ATTENTION, 0)),
        (False, 1, 3, 0.6, Icon(IconState.OFFLINE)),
    ],
)
def test_the_icon(online: bool, unread: int, unfinished: int, progress: float, icon: Icon) -> None:
    assert icon_of(online, unread, Mine(unfinished, progress)) == icon


def test_the_tooltip_is_a_line() -> None:
    line = tooltip_of("north\nlight", "", Mine(3, 0.62, 13_800), 2, "In use by the farm")
    assert line == "north⏎light: 3 jobs, 62%, about 3h 50m left, 2 unread. In use by the farm."
    assert tooltip_of("f", "", Mine(), 0, "") == "f: nothing of yours is queued."
    assert tooltip_of("f", "no server, next try in 4 s", Mine(3), 1, "x") == "f: no server, next try in 4 s"
    assert len(tooltip_of("f" * 500, "x" * 500, Mine(), 0, "")) <= 120


@pytest.mark.parametrize(
    ("keep", "now", "until"),
    [
        (Keep.HOUR, "2026-11-24T14:22", "2026-11-24T15:22"),
        (Keep.FOUR_HOURS, "2026-11-24T22:00", "2026-11-25T02:00"),
        (Keep.TOMORROW, "2026-11-24T14:22", "2026-11-25T08:00"),
        (Keep.TOMORROW, "2026-11-24T23:59", "2026-11-25T08:00"),
        (Keep.TOMORROW, "2026-11-25T02:00", "2026-11-25T08:00"),
        (Keep.TOMORROW, "2026-11-25T07:00", "2026-11-26T08:00"),
        (Keep.TOMORROW, "2026-10-24T20:00", "2026-10-25T08:00"),  # the clock is put back that night
        (Keep.UNTIL_SAID, "2026-11-24T14:22", None),
    ],
)
def test_when_it_gives_itself_back(keep: Keep, now: str, until: str | None) -> None:
    assert ends_at(keep, at(now), BERLIN) == (None if until is None else at(until))


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-11-24T18:20", "Mine until 18:20"),
        ("2026-11-25T08:00", "Mine until tomorrow 08:00"),
        ("2026-11-27T08:00", "Mine until 08:00, 27.11."),
        (None, "Mine until you say so"),
    ],
)
def test_how_that_is_said(until: str | None, words: str) -> None:
    assert until_words(None if until is None else at(until), at("2026-11-24T14:22"), BERLIN) == words


@pytest.mark.parametrize(
    ("said", "mapping", "login", "wanted"),
    [
        ("", (), "jlee", {"jlee"}),
        ("", (), "root", set()),
        ("", (), "", set()),
        ("anna, anna.k ,", (), "root", {"anna", "anna.k"}),
        ("", ("rjones=rob.jones,rob", "x"), "RJones", {"rob.jones", "rob"}),
        ("me", ("jlee=other",), "jlee", {"me"}),
    ],
)
def test_who_sits_here(said: str, mapping: tuple[str, ...], login: str, wanted: set[str]) -> None:
    assert users(said, mapping, login) == wanted
    assert mapped("nobody", mapping) == ""
    assert all(len(name) <= 100 for name in names_of("x" * 1000))


NIGHT = Rule(start=19 * 60, end=8 * 60)
IDLE = Rule(idle_minutes=15)
TUESDAY = datetime(2026, 11, 24, 14, 22)


def test_the_day_of_the_picture() -> None:
    strip = strip_of((NIGHT, IDLE), TUESDAY, 47)
    assert strip.farm == ((0, 480), (1140, 1440))
    assert strip.idle == (862 - 47, 862)
    assert strip.now == 862
    assert strip.edges == (0, 480, 1140, 1440)
    assert strip_of((NIGHT, IDLE), TUESDAY, 14).idle is None
    assert strip_of((NIGHT, IDLE), TUESDAY.replace(hour=20), 47).idle is None
    assert strip_of((), TUESDAY, 3).farm == ((0, DAY),)


rules = st.lists(
    st.builds(
        Rule,
        enabled=st.booleans(),
        days=st.lists(st.integers(0, 6), unique=True, max_size=7).map(tuple),
        start=st.integers(0, 1439),
        end=st.integers(0, 1439),
        idle_minutes=st.sampled_from((-1, -1, 15)),
    ),
    max_size=4,
)


@given(rules, st.integers(0, 1439), st.integers(0, 7))
def test_the_strip_says_what_the_farm_will_do(given_rules: list[Rule], minute: int, days: int) -> None:
    midnight = datetime(2026, 11, 23) + timedelta(days=days)
    moment = midnight + timedelta(minutes=minute)
    strip = strip_of(given_rules, moment, -1)
    assert any(start <= minute < end for start, end in strip.farm) == judge(given_rules, moment, -1).now
    assert list(strip.farm) == sorted(strip.farm)


@pytest.mark.parametrize(
    ("given_rules", "words"),
    [
        ((NIGHT, IDLE), "Farm hours 19:00 to 08:00, or after 15m idle"),
        ((NIGHT,), "Farm hours 19:00 to 08:00"),
        ((IDLE,), "The farm may use it after 15m idle"),
        ((), "The farm may use it at any time"),
        ((Rule(enabled=False, start=60),), "The farm may use it at any time"),
        ((Rule(days=(5, 6)), NIGHT), "Farm hours all day, 19:00 to 08:00"),
    ],
)
def test_rules_in_words(given_rules: tuple[Rule, ...], words: str) -> None:
    assert rules_words(given_rules) == words


def test_utc_is_a_zone_too() -> None:
    assert ends_at(Keep.HOUR, 0.0, UTC) == 3600
