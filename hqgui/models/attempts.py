"""The attempts of a job as lines of a menu: which, when, where, how it ended and how much it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from hqgui.models import formats
from hqgui.models.status_words import job_label
from hqgui.models.wire_values import wire_seconds
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.agent import EndReason
from hqserver.wire.statuses import JobStatus

_REASONS: Final = {
    EndReason.TIME: QT_TRANSLATE_NOOP("Attempts", "took too long"),
    EndReason.SILENT: QT_TRANSLATE_NOOP("Attempts", "was silent for too long"),
    EndReason.OUTPUT: QT_TRANSLATE_NOOP("Attempts", "failed by its output"),
    EndReason.EJECTED: QT_TRANSLATE_NOOP("Attempts", "ejected"),
    EndReason.RECLAIMED: QT_TRANSLATE_NOOP("Attempts", "reclaimed"),
    EndReason.LEASE: QT_TRANSLATE_NOOP("Attempts", "client lost"),
    EndReason.LOST: QT_TRANSLATE_NOOP("Attempts", "client lost"),
    EndReason.REFUSED: QT_TRANSLATE_NOOP("Attempts", "refused by the client"),
    EndReason.UNABLE: QT_TRANSLATE_NOOP("Attempts", "the client could not start it"),
}
"""Why an attempt is over, where its exit code does not say it."""


class AttemptLine(NamedTuple):
    """One attempt."""

    number: int
    words: str


def attempt_lines(rows: Sequence[Mapping[str, Any]], newest: int, now: float) -> list[AttemptLine]:
    """The newest first. Without `rows`, where a server does not tell, their numbers alone."""
    if not rows:
        return [AttemptLine(number, _title(number)) for number in range(newest, 0, -1)]
    return [AttemptLine(int(row["number"]), _words(row, now)) for row in reversed(rows)]


def _title(number: int) -> str:
    return translate("Attempts", "Attempt {n}").replace("{n}", str(number))


def _words(row: Mapping[str, Any], now: float) -> str:
    parts = [
        _title(int(row["number"])),
        formats.when(wire_seconds(row["startTime"]), now),
        formats.one_line(str(row["client"]), 40),
        _end(row),
        formats.bytes_text(int(row["outputBytes"])),
    ]
    return " · ".join(part for part in parts if part)


def _end(row: Mapping[str, Any]) -> str:
    """How it ended."""
    if row["live"]:
        return job_label(JobStatus.RUNNING).lower()
    if row["reason"] == JobStatus.CANCELLED:
        return job_label(JobStatus.CANCELLED).lower()
    reason = _REASONS.get(str(row["reason"]))
    if reason is not None:
        return translate("Attempts", reason)
    if row["signal"]:
        return translate("Attempts", "signal {n}").replace("{n}", str(row["signal"]))
    if row["exitCode"] is None:
        return ""
    return translate("Attempts", "exit code {n}").replace("{n}", str(row["exitCode"]))
