"""What an action would do, said before anything is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from hqgui.actions.rules import HAS_ATTEMPT, linked, machine_seconds, status_of
from hqgui.actions.table import ACTIONS, Danger
from hqgui.models import formats
from hqgui.models.job_store import JobStore
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED, JobStatus

TYPE_COUNT_BEYOND: Final = 50


@dataclass(frozen=True, slots=True)
class Consequence:
    """Everything that a confirmation shows. `asks` False: do it at once."""

    asks: bool
    linked: int
    """Jobs that would change."""
    title: str = ""
    subtitle: str = ""
    lines: tuple[tuple[str, int, str], ...] = ()
    """Status, count and what happens to them."""
    machine_seconds: float = 0.0
    """Work of clients that is lost."""
    trees: tuple[tuple[str, str, int, bool], ...] = ()
    """Name, submitter, jobs concerned, whether it is the user's own; the largest first."""
    foreign: int = 0
    """Jobs concerned that are not the user's own."""
    foot: str = ""
    yes: str = ""
    no: str = ""
    type_count: bool = False
    """Whether the number has to be typed first."""
    segments: tuple[tuple[str, float], ...] = ()
    """Status and share of the jobs concerned."""


def consequence(store: JobStore, name: str, jobs: Iterable[int], now: float, users: frozenset[str]) -> Consequence:
    """What an action on jobs would do. `users`: the names under which the user submits."""
    chosen = list(dict.fromkeys(jobs))
    found = linked(store, name, chosen).concerned
    danger = ACTIONS[name].danger
    trees = _trees(store, found, users)
    running = any(status_of(store, job) in HAS_ATTEMPT for job in found)
    people = {submitter for _, submitter, _, _ in trees}
    asks = danger is Danger.DESTROYS or (
        danger is Danger.LOSES and (running or len(trees) > 1 or len(people) > 1 or bool(people - users))
    )
    if not asks or not found:
        return Consequence(asks=False, linked=len(found))
    lost = machine_seconds(store, found, now)
    counts = Counter(status_of(store, job) for job in found)
    words = _WORDS[name]()
    return Consequence(
        asks=True,
        linked=len(found),
        title=counted(len(found), *words.title),
        subtitle=_subtitle(store, chosen, len(trees)),
        lines=tuple(_lines(name, counts, lost)),
        machine_seconds=lost,
        trees=trees,
        foreign=sum(count for _, submitter, count, mine in trees if not mine and submitter),
        foot=words.foot,
        yes=counted(len(found), *words.yes),
        no=words.no,
        type_count=danger is Danger.DESTROYS and len(found) > TYPE_COUNT_BEYOND,
        segments=tuple((status, counts[status] / len(found)) for status in _ORDER if counts[status]),
    )


_ORDER: Final = (
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


def _trees(store: JobStore, jobs: Iterable[int], users: frozenset[str]) -> tuple[tuple[str, str, int, bool], ...]:
    """The trees that jobs belong to; a job in two of them counts for the first."""
    counts: Counter[int] = Counter()
    root_of: dict[int, int] = {}
    for job in jobs:
        counts[_root(store, job, root_of)] += 1
    found = []
    for root, count in counts.most_common():
        submitter = str(store.value(root, "submittedBy") or "")
        name = formats.one_line(str(store.value(root, "name")), 120)
        found.append((name, submitter, count, submitter in users))
    return tuple(found)


def _root(store: JobStore, job: int, root_of: dict[int, int]) -> int:
    path = []
    while job not in root_of:
        path.append(job)
        above = store.known_parents(job)
        if not above:
            root_of[job] = job
            break
        job = above[0]
    for step in path:
        root_of[step] = root_of[job]
    return root_of[job]


def _subtitle(store: JobStore, chosen: list[int], trees: int) -> str:
    if len(chosen) == 1:
        return formats.one_line(str(store.value(chosen[0], "name")), 200)
    return counted(
        trees,
        translate("Confirm", "{n} tree, selected in the job tree"),
        translate("Confirm", "{n} trees, selected in the job tree"),
    )


def _lines(name: str, counts: Counter[str], lost: float) -> list[tuple[str, int, str]]:
    groups = [
        (JobStatus.RUNNING, sum(counts[status] for status in HAS_ATTEMPT - {JobStatus.PAUSED})),
        (JobStatus.PAUSED, counts[JobStatus.PAUSED]),
        (JobStatus.RUNNABLE, counts[JobStatus.RUNNABLE]),
        (JobStatus.QUEUED, counts[JobStatus.QUEUED]),
        (JobStatus.SUCCEEDED, sum(counts[status] for status in FINISHED)),
    ]
    texts = _LINES[name]()
    cost = translate("Confirm", "{time} of machine time is lost.").replace("{time}", formats.duration(lost))
    loses = JobStatus.RUNNING if groups[0][1] else JobStatus.PAUSED
    return [
        (
            status,
            count,
            f"{_said(texts[status], count)} {cost}" if lost >= 1 and status == loses else _said(texts[status], count),
        )
        for status, count in groups
        if count and status in texts
    ]


def _said(text: tuple[str, str], count: int) -> str:
    return text[0] if count == 1 else text[1]


@dataclass(frozen=True, slots=True)
class _Words:
    title: tuple[str, str]
    yes: tuple[str, str]
    no: str
    foot: str


_WORDS: Final[dict[str, Callable[[], _Words]]] = {
    "cancel": lambda: _Words(
        (translate("Confirm", "Cancel {n} job?"), translate("Confirm", "Cancel {n} jobs?")),
        (translate("Confirm", "Cancel {n} job"), translate("Confirm", "Cancel {n} jobs")),
        translate("Confirm", "Keep running"),
        translate("Confirm", "Cancelled jobs can be rescheduled later."),
    ),
    "eject": lambda: _Words(
        (translate("Confirm", "Eject {n} job?"), translate("Confirm", "Eject {n} jobs?")),
        (translate("Confirm", "Eject {n} job"), translate("Confirm", "Eject {n} jobs")),
        translate("Confirm", "Keep running"),
        translate("Confirm", "They go back to the queue. It does not count as a failure."),
    ),
    "delete": lambda: _Words(
        (translate("Confirm", "Delete {n} job?"), translate("Confirm", "Delete {n} jobs?")),
        (translate("Confirm", "Delete {n} job"), translate("Confirm", "Delete {n} jobs")),
        translate("Confirm", "Keep them"),
        translate("Confirm", "Deleted jobs and their output cannot be brought back."),
    ),
}

_LINES: Final[dict[str, Callable[[], dict[str, tuple[str, str]]]]] = {
    "cancel": lambda: {
        JobStatus.RUNNING: (
            translate("Confirm", "is running and stops now."),
            translate("Confirm", "are running and stop now."),
        ),
        JobStatus.PAUSED: (translate("Confirm", "is paused and ends."), translate("Confirm", "are paused and end.")),
        JobStatus.RUNNABLE: (
            translate("Confirm", "is waiting for a machine and leaves the queue."),
            translate("Confirm", "are waiting for a machine and leave the queue."),
        ),
        JobStatus.QUEUED: (
            translate("Confirm", "is waiting for children and will not start."),
            translate("Confirm", "are waiting for children and will not start."),
        ),
    },
    "eject": lambda: {
        JobStatus.RUNNING: (
            translate("Confirm", "is running and starts again elsewhere."),
            translate("Confirm", "are running and start again elsewhere."),
        ),
        JobStatus.PAUSED: (
            translate("Confirm", "is paused and starts again elsewhere."),
            translate("Confirm", "are paused and start again elsewhere."),
        ),
    },
    "delete": lambda: {
        JobStatus.RUNNING: (
            translate("Confirm", "is running and is cancelled first."),
            translate("Confirm", "are running and are cancelled first."),
        ),
        JobStatus.PAUSED: (
            translate("Confirm", "is paused and is cancelled first."),
            translate("Confirm", "are paused and are cancelled first."),
        ),
        JobStatus.RUNNABLE: (
            translate("Confirm", "is waiting for a machine and is cancelled first."),
            translate("Confirm", "are waiting for a machine and are cancelled first."),
        ),
        JobStatus.QUEUED: (
            translate("Confirm", "is waiting for children and is cancelled first."),
            translate("Confirm", "are waiting for children and are cancelled first."),
        ),
        JobStatus.SUCCEEDED: (
            translate("Confirm", "has ended; its output goes with it."),
            translate("Confirm", "have ended; their output goes with them."),
        ),
    },
}
