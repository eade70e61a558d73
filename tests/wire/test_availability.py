"""Availability rules: what they say at a moment, and how they are read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.availability import ALWAYS, Availability, Rule, judge, read_rules
from hqserver.wire.faults import BadValue

MONDAY = datetime(2026, 11, 23)
NIGHTS = Rule(days=(0, 1, 2, 3, 4), start=19 * 60, end=8 * 60)
WEEKENDS = Rule(days=(5, 6))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("rules", "moment", "idle", "said"),
    [
        ([], at(0, 12), -1, ALWAYS),
        ([Rule(enabled=False, start=60, end=61)], at(0, 12), -1, ALWAYS),
        ([Rule()], at(0, 12), -1, Availability(True, None, None)),
        ([NIGHTS], at(0, 18, 59), -1, Availability(False, at(0, 19), None)),
        ([NIGHTS], at(0, 19), -1, Availability(True, at(1, 8), None)),
        ([NIGHTS], at(1, 7, 59), -1, Availability(True, at(1, 8), None)),
        ([NIGHTS], at(1, 8), -1, Availability(False, at(1, 19), None)),
        ([NIGHTS], at(5, 7), -1, Availability(True, at(5, 8), None)),  # Friday's night reaches into Saturday
        ([NIGHTS], at(5, 9), -1, Availability(False, at(7, 19), None)),
        ([NIGHTS], at(7, 3), -1, Availability(False, at(7, 19), None)),  # but Sunday has none
        ([NIGHTS, WEEKENDS], at(4, 20), -1, Availability(True, at(5, 8), None)._replace(until=at(7, 0))),
        ([Rule(idle_minutes=30)], at(0, 12), -1, Availability(False, None, 30)),
        ([Rule(idle_minutes=30)], at(0, 12), 29, Availability(False, None, 1)),
        ([Rule(idle_minutes=30)], at(0, 12), 30, Availability(True, None, None)),
        ([Rule(idle_minutes=0)], at(0, 12), -1, Availability(False, None, 0)),
        ([Rule(start=720, end=780, idle_minutes=30)], at(0, 13), 99, Availability(False, at(1, 12), None)),
        ([Rule(idle_minutes=60), NIGHTS], at(0, 12), 10, Availability(False, at(0, 19), 50)),
        ([Rule(idle_minutes=60), Rule(idle_minutes=20)], at(0, 12), 10, Availability(False, None, 10)),
    ],
)
def test_what_rules_say(rules: list[Rule], moment: datetime, idle: int, said: Availability) -> None:
    assert judge(rules, moment, idle) == said


some_rules = st.lists(
    st.builds(
        Rule,
        enabled=st.booleans(),
        days=st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))),
        start=st.integers(0, 1439),
        end=st.integers(0, 1439),
        idle_minutes=st.integers(-1, 100),
    ),
    max_size=3,
)


@given(some_rules, st.integers(0, 7 * 1440), st.integers(-1, 100))
def test_until_is_the_first_minute_that_differs(rules: list[Rule], minute: int, idle: int) -> None:
    """A week is walked minute by minute, by a clock on the wall."""
    moment = MONDAY + timedelta(minutes=minute)
    said = judge(rules, moment, idle)

    def holds(at_: datetime) -> bool:
        active = [rule for rule in rules if rule.enabled]
        return not active or any(_in_hours(rule, at_) and idle >= rule.idle_minutes for rule in active)

    assert said.now is holds(moment)
    if said.until is None:
        assert all(holds(moment + timedelta(minutes=ahead)) is said.now for ahead in range(0, 7 * 1440, 7))
    else:
        assert holds(said.until) is not said.now
        assert holds(said.until - timedelta(minutes=1)) is said.now


def _in_hours(rule: Rule, at_: datetime) -> bool:
    minute = at_.hour * 60 + at_.minute
    today = not rule.days or at_.weekday() in rule.days
    yesterday = not rule.days or (at_.weekday() - 1) % 7 in rule.days
    if rule.start < rule.end:
        return today and rule.start <= minute < rule.end
    return (today and minute >= rule.start) or (yesterday and minute < rule.end)


@given(some_rules)
def test_rules_are_read_as_they_are_shown(rules: list[Rule]) -> None:
    assert read_rules([rule.as_struct() for rule in rules], "rules") == tuple(rules)


def test_what_is_left_out_has_no_effect_and_old_habits_are_understood() -> None:
    assert read_rules([{}], "rules") == (Rule(),)
    assert read_rules([{"startHour": "9", "endHour": 24, "days": [4.0, "0", 0]}], "rules") == (
        Rule(days=(0, 4), start=540, end=0),
    )


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ("x", "rules"),
        ({}, "rules"),
        ([7], "rules[0]"),
        ([{}, {"starthour": 3}], "rules[1]"),
        ([{"startHour": 25}], "rules[0].startHour"),
        ([{"endHour": 24, "endMinute": 1}], "rules[0].endMinute"),
        ([{"days": [7]}], "rules[0].days[0]"),
        ([{"days": "mon"}], "rules[0].days"),
        ([{"enabled": "yes"}], "rules[0].enabled"),
        ([{"idleMinutes": -2}], "rules[0].idleMinutes"),
        ([{}] * 101, "rules"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_path(rules: Any, path: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_rules(rules, "rules")
    assert caught.value.path == path
