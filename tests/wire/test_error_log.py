"""Errors that a program logs: gathered by their place, counted, and bounded."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from hqserver.wire import agent, agent_json
from hqserver.wire.error_log import ErrorLog


@pytest.fixture
def errors() -> Iterator[ErrorLog]:
    handler = ErrorLog()
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


log = logging.getLogger("tests.error_log")


def fail(number: int) -> None:
    log.error("number %d", number)


def test_errors_of_one_place_are_one_and_counted(errors: ErrorLog) -> None:
    for number in range(5):
        fail(number)
    log.warning("no error")
    (error,) = errors.pending()
    assert (error.message, error.count, error.traceback) == ("number 4", 5, "")


def test_exceptions_are_told_apart_by_where_they_were_raised(errors: ErrorLog) -> None:
    for wrong in ("x", None, "x"):
        try:
            int(wrong)  # type: ignore[arg-type]
        except (ValueError, TypeError):
            log.exception("it failed")
    value, type_ = errors.pending()
    assert (value.count, type_.count) == (2, 1)
    assert "ValueError" in value.traceback
    assert "TypeError" in type_.traceback


def test_what_was_told_goes_and_what_came_on_top_stays(errors: ErrorLog) -> None:
    fail(1)
    told = errors.pending()
    fail(2)
    fail(3)
    errors.told(told)
    (left,) = errors.pending()
    assert (left.message, left.count) == ("number 3", 2)
    errors.told(errors.pending())
    assert errors.pending() == ()
    errors.told(told)
    assert errors.pending() == ()


def test_a_program_that_fails_everywhere_is_bounded(errors: ErrorLog) -> None:
    for number in range(200):
        record = logging.LogRecord(log.name, logging.ERROR, f"file{number}.py", number, "x" * 10_000, (), None)
        log.handle(record)
    assert len(errors.pending()) == 50
    assert len(errors.pending()[0].message) == 2000


def test_any_text_travels(errors: ErrorLog) -> None:
    # straight to the handler: what is logged is shown by reporters of tests, and not each can carry this text
    errors.handle(logging.LogRecord(log.name, logging.ERROR, __file__, 1, "half \ud800 and nul \0", (), None))
    sent = agent.Exchange("s", 0, 0.0, errors=errors.pending())
    assert agent_json.decode(agent.Exchange, agent_json.encode(sent)) == sent
