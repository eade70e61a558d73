"""How an attempt ended, in words: what its exit code does not say."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

import pytest

from hqgui.models.attempts import attempt_lines
from hqserver.wire.agent import FAILURES, LOSSES, EndReason

ROW: dict[str, Any] = {
    "number": 1, "client": "a", "startTime": xmlrpc.client.DateTime("20261125T20:00:00"), "outputBytes": 0,
    "live": False, "signal": None, "exitCode": None,
}  # fmt: skip
UNSAID = {EndReason.EXITED, EndReason.UNKNOWN}
"""The first says its exit code, the second never began."""


@pytest.mark.parametrize("reason", sorted((FAILURES | LOSSES | {EndReason.TIME, EndReason.UNABLE}) - UNSAID))
def test_every_end_that_no_exit_code_tells_has_words(reason: str) -> None:
    ((_, said),) = attempt_lines([{**ROW, "reason": reason}], 1, 0.0)
    ((_, silent),) = attempt_lines([{**ROW, "reason": EndReason.EXITED}], 1, 0.0)
    assert len(said) > len(silent)


def test_an_end_by_what_the_output_says_is_no_end_by_its_length() -> None:
    ((_, said),) = attempt_lines([{**ROW, "reason": EndReason.OUTPUT, "exitCode": 0}], 1, 0.0)
    assert "failed by its output" in said
