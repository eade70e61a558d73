"""Statuses as a wrangler reads them: labels, the order of bars, and the status that a parent shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from hqgui.models.formats import one_line
from hqgui.models.roles import Segment, Tone
from hqgui.words import translate
from hqserver.wire.clients import Override
from hqserver.wire.statuses import FINISHED, ClientStatus, JobStatus

_LONGEST_WORD: Final = 80
_JOBS: Final[Mapping[str, Callable[[], str]]] = {
    JobStatus.RUNNABLE: lambda: translate("Status", "Waiting for machine"),
    JobStatus.QUEUED: lambda: translate("Status", "Waiting for children"),
    JobStatus.RUNNING: lambda: translate("Status", "Running"),
    JobStatus.RESUMING: lambda: translate("Status", "Resuming…"),
    JobStatus.PAUSED: lambda: translate("Status", "Paused"),
    JobStatus.PAUSING: lambda: translate("Status", "Pausing…"),
    JobStatus.SUCCEEDED: lambda: translate("Status", "Succeeded"),
    JobStatus.FAILED: lambda: translate("Status", "Failed"),
    JobStatus.CANCELLED: lambda: translate("Status", "Cancelled"),
    JobStatus.ABANDONED: lambda: translate("Status", "Abandoned"),
}
DRAINED: Final = "drained"
TAKEN_BACK: Final = "taken back"
"""What a client shows that is closed by somebody and not by its hours."""
_TAKEN_OUT: Final[Mapping[str, str]] = {Override.DRAIN: DRAINED, Override.MINE: TAKEN_BACK}
_CLIENTS: Final[Mapping[str, Callable[[], str]]] = {
    ClientStatus.AVAILABLE: lambda: translate("Status", "Available"),
    ClientStatus.BUSY: lambda: translate("Status", "Busy"),
    ClientStatus.ONHOLD: lambda: translate("Status", "On hold"),
    ClientStatus.DISABLED: lambda: translate("Status", "Disabled"),
    ClientStatus.UNAVAILABLE: lambda: translate("Status", "Outside schedule"),
    ClientStatus.OFFLINE: lambda: translate("Status", "Offline"),
    DRAINED: lambda: translate("Status", "Drained"),
    TAKEN_BACK: lambda: translate("Status", "Taken back"),
}
_ENDINGS: Final[Mapping[str, Callable[[], str]]] = {
    "cancelled": lambda: translate("Status", "Cancelling…"),
    "ejected": lambda: translate("Status", "Ejecting…"),
}

BAR_ORDER: Final = (
    JobStatus.SUCCEEDED,
    JobStatus.FAILED,
    JobStatus.RUNNING,
    JobStatus.RESUMING,
    JobStatus.PAUSING,
    JobStatus.PAUSED,
    JobStatus.RUNNABLE,
    JobStatus.QUEUED,
    JobStatus.CANCELLED,
    JobStatus.ABANDONED,
)
"""How every bar and legend is ordered."""

CLIENT_ORDER: Final = (
    ClientStatus.BUSY,
    ClientStatus.AVAILABLE,
    ClientStatus.ONHOLD,
    ClientStatus.UNAVAILABLE,
    DRAINED,
    TAKEN_BACK,
    ClientStatus.DISABLED,
    ClientStatus.OFFLINE,
)

_LIVELIEST_FIRST: Final = (
    JobStatus.RUNNING,
    JobStatus.RESUMING,
    JobStatus.PAUSING,
    JobStatus.RUNNABLE,
    JobStatus.PAUSED,
    JobStatus.ABANDONED,
    JobStatus.QUEUED,
    JobStatus.FAILED,
    JobStatus.CANCELLED,
    JobStatus.SUCCEEDED,
)
_LIVELINESS: Final[Mapping[str, int]] = {status: place for place, status in enumerate(_LIVELIEST_FIRST)}
_CLIENTS_IN_WORDS: Final = re.compile(r"running \((\d{1,9}) clients?\b", re.ASCII)
_WAITING_WORDS: Final = ("waiting for machine", "waiting for resources")
_CAN_RUN: Final = frozenset(_LIVELIEST_FIRST[:5])
SORT_ORDER: Final[Mapping[str, int]] = {
    status: place
    for place, status in enumerate(
        (
            JobStatus.RUNNING,
            JobStatus.RESUMING,
            JobStatus.PAUSING,
            JobStatus.PAUSED,
            JobStatus.RUNNABLE,
            JobStatus.QUEUED,
            JobStatus.ABANDONED,
            JobStatus.FAILED,
            JobStatus.CANCELLED,
            JobStatus.SUCCEEDED,
        )
    )
}


def job_label(status: str, ending: str = "") -> str:
    """The words for a job's status; the raw name for one that this version does not know."""
    word = _ENDINGS.get(ending) or _JOBS.get(status)
    return one_line(status, _LONGEST_WORD) if word is None else word()


def client_shows(row: Mapping[str, Any]) -> str:
    """The status that a client shows: its own, or who took it out of service while its hours may be what they want."""
    status = str(row["status"])
    return _TAKEN_OUT.get(row.get("override") or "", status) if status == ClientStatus.UNAVAILABLE else status


def client_sign(row: Mapping[str, Any]) -> str:
    """The name of its glyph."""
    return f"client-{client_shows(row)}"


def client_label(status: str) -> str:
    """The words for a client's status; the raw name for one that this version does not know."""
    word = _CLIENTS.get(status)
    return one_line(status, _LONGEST_WORD) if word is None else word()


def liveliest(statuses: Iterable[str]) -> str:
    """The status among them that says most about what is still going on; empty for none."""
    return min(statuses, key=lambda status: _LIVELINESS.get(status, -1), default="")


def shown_status(status: str, below: Mapping[str, int]) -> str:
    """What a job with descendants shows: its own status when it ended or is at work itself, else the liveliest below.

    It shows failed as soon as something failed and nothing below can still run.
    """
    if status != JobStatus.QUEUED or not below:
        return status
    alive = liveliest(word for word, count in below.items() if count and word not in FINISHED)
    if alive not in _CAN_RUN and below.get(JobStatus.FAILED):
        return JobStatus.FAILED
    return alive or status


def told_status(status: str, ui_status: str) -> str:
    """What a job shows of which nobody counts what is below it: what the server's own pages say of it.

    They say `running (3 clients assigned)` and, by their age, `waiting for resources` or `waiting for machine`.
    """
    if status != JobStatus.QUEUED:
        return status
    if ui_status.startswith(_WAITING_WORDS):
        return JobStatus.RUNNABLE
    first = ui_status.partition(" ")[0]
    return first if first in _LIVELINESS else status


def told_clients(ui_status: str) -> int:
    """How many clients work for such a job: 3 in `running (3 clients assigned)`."""
    found = _CLIENTS_IN_WORDS.match(ui_status)
    return 0 if found is None else int(found[1])


def told_segments(status: str, done: float) -> tuple[Segment, ...]:
    """The bar of such a job: what is done, and what is not while it waits for a machine."""
    share = min(max(done, 0.0), 1.0)
    rest = (Segment(JobStatus.RUNNABLE, 1.0 - share),) if status == JobStatus.RUNNABLE else ()
    return (*((Segment(JobStatus.SUCCEEDED, share),) if share else ()), *rest)


def tone_of(status: str, quiet: bool = False) -> Tone:
    """How loud the word for a status is; `quiet`: in rows that only sum up."""
    if status == JobStatus.FAILED:
        return Tone.FAILED
    if status == JobStatus.RUNNABLE:
        return Tone.DIM if quiet else Tone.WAITING
    return Tone.DIM if quiet else Tone.SECONDARY


def segments(counts: Mapping[str, int]) -> tuple[Segment, ...]:
    """A bar's parts in bar order, as shares of all that is counted."""
    total = sum(counts.values())
    if total <= 0:
        return ()
    known = [status for status in BAR_ORDER if counts.get(status)]
    others = [status for status in counts if status not in _LIVELINESS and counts[status]]
    return tuple(Segment(str(status), counts[status] / total) for status in (*known, *others))


def own_segments(status: str, progress: float) -> tuple[Segment, ...]:
    """The bar of one job without children."""
    if status in (JobStatus.RUNNING, JobStatus.RESUMING, JobStatus.PAUSING):
        return (Segment(status, min(max(progress, 0.0), 1.0)),) if progress > 0 else ()
    if status in (JobStatus.FAILED, JobStatus.PAUSED):
        return (Segment(status, min(progress, 1.0) if progress > 0 else 1.0),)
    if status == JobStatus.QUEUED:
        return ()
    return (Segment(status, 1.0),)
