"""The week that is painted and the rules that are saved mean the same, moment by moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.week import (
    CELL_MINUTES,
    CELLS,
    CELLS_A_DAY,
    Paint,
    Week,
    filled,
    holds,
    nights,
    nights_and_weekends,
    office_when_idle,
    read_week,
    rules_of,
    weekends,
    with_idle,
)
from hqserver.wire.availability import MOST_RULES, Rule, judge, read_rules

MONDAY = datetime(2026, 11, 23)
paints = st.sampled_from(list(Paint))
minutes = st.integers(1, 300)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Weeks as people paint them, in strokes, and weeks of noise."""
    idle = draw(minutes)
    if draw(st.booleans()):
        return Week(tuple(draw(st.lists(paints, min_size=CELLS, max_size=CELLS))), idle)
    week = filled(draw(paints), idle)
    for _ in range(draw(st.integers(0, 8))):
        day, last = sorted((draw(st.integers(0, 6)), draw(st.integers(0, 6))))
        first, end = sorted((draw(st.integers(0, 47)), draw(st.integers(0, 47))))
        area = [(one, cell) for one in range(day, last + 1) for cell in range(first, end + 1)]
        week = week.painted(area, draw(paints))
    return week


def same(one: Week, other: Week) -> bool:
    """The minutes of a week without a half hour that waits for idleness mean nothing."""
    return one.cells == other.cells and (not one.has(Paint.IDLE) or one.idle_minutes == other.idle_minutes)


@given(weeks())
def test_a_week_comes_back_from_its_rules(week: Week) -> None:
    if week.never:
        with pytest.raises(ValueError, match="disable the client"):
            rules_of(week)
        return
    rules = rules_of(week)
    assert len(rules) <= MOST_RULES
    found = read_week(rules)
    assert found.exact
    assert same(found.week, week)
    assert read_rules([rule.as_struct() for rule in rules], "rules") == rules, "the server takes them as they are"


@given(weeks(), st.integers(0, 7 * 24 * 60 - 1), st.integers(-1, 400))
def test_what_is_painted_is_what_the_server_judges(week: Week, minute: int, idle: int) -> None:
    moment = MONDAY + timedelta(minutes=minute)
    paint = week.at(moment.weekday(), (moment.hour * 60 + moment.minute) // CELL_MINUTES)
    expected = {Paint.OFF: False, Paint.ON: True, Paint.IDLE: idle >= week.idle_minutes}[paint]
    assert holds(week, moment, idle) is expected
    if not week.never:
        assert judge(rules_of(week), moment, idle).now is expected


rules = st.builds(
    Rule,
    enabled=st.booleans(),
    days=st.lists(st.integers(0, 6), max_size=7).map(lambda days: tuple(sorted(set(days)))),
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    idle_minutes=st.integers(-1, 60),
)


@given(st.lists(rules, max_size=6), st.integers(0, 7 * 24 * 60 - 1), st.integers(-1, 90))
def test_a_week_that_is_called_exact_means_what_the_rules_mean(found: list[Rule], minute: int, idle: int) -> None:
    reading = read_week(found)
    moment = MONDAY + timedelta(minutes=minute)
    if reading.exact:
        assert holds(reading.week, moment, idle) is judge(found, moment, idle).now


def test_rules_that_a_week_cannot_hold_are_said_to_be_so() -> None:
    assert not read_week([Rule(start=19 * 60 + 10, end=8 * 60)]).exact
    assert not read_week([Rule(start=0, end=600, idle_minutes=5), Rule(start=600, end=0, idle_minutes=9)]).exact
    assert not read_week([Rule(idle_minutes=0)]).exact, "no idleness at all, but it has to be known"
    assert read_week([Rule(enabled=False, start=3)]).exact, "a disabled rule is as if it were not there"


def test_a_rule_shorter_than_a_half_hour_is_seen() -> None:
    week = read_week([Rule(start=610, end=615)]).week
    assert week.has(Paint.ON)


def test_presets_are_few_rules() -> None:
    assert rules_of(filled(Paint.ON)) == ()
    assert rules_of(nights()) == (Rule(start=19 * 60, end=8 * 60),)
    assert rules_of(weekends()) == (Rule(days=(5, 6)),)
    assert rules_of(filled(Paint.IDLE, 30)) == (Rule(idle_minutes=30),)
    assert len(rules_of(nights_and_weekends())) <= 4
    assert {rule.idle_minutes for rule in rules_of(with_idle(office_when_idle(), 45))} == {-1, 45}


def test_a_night_passes_midnight_and_the_week_s_end() -> None:
    sunday_night = filled(Paint.OFF).painted([(6, 47), (0, 0)], Paint.ON)
    assert rules_of(sunday_night) == (Rule(days=(6,), start=23 * 60 + 30, end=30),)
    assert holds(sunday_night, MONDAY + timedelta(minutes=15), -1)
    assert not holds(sunday_night, MONDAY + timedelta(minutes=45), -1)
    assert CELLS_A_DAY * 7 == CELLS
