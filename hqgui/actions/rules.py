"""Which jobs each action reaches, and which of those it changes.

The API acts on "all the jobs linked to each job", so what is counted before and told afterwards is what is linked, not
what is selected. The rules follow the server's (reference of the API): the server decides, the window foretells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hqgui.models.job_store import JobStore
from hqgui.words import translate
from hqserver.wire.statuses import FINISHED, ON_CLIENT, PAUSED_OR_PAUSING, JobStatus

HAS_ATTEMPT: Final = ON_CLIENT | PAUSED_OR_PAUSING | {JobStatus.ABANDONED}
"""Statuses in which there may be a live attempt, whose time is lost when it ends."""

UNFINISHED: Final = frozenset(JobStatus) - FINISHED

Reach = Callable[[JobStore, Sequence[int]], list[int]]
Concerns = Callable[[JobStore, int], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Of one action: whom it reaches, whom it changes, which call it is."""

    reach: Reach
    concerns: Concerns
    method: str
    done: Callable[[], tuple[str, str, str]]
    """`Paused {n} of {m}.`, `Paused {n} jobs.`, `Paused {name}.`"""
    found_in: frozenset[str] = frozenset()
    """Statuses of descendants that it may change."""
    sends_reach: bool = False
    """Whether the call names the jobs that are changed instead of those that are selected."""


def status_of(store: JobStore, job: int) -> str:
    """A job's status; empty when it is not known."""
    return str(store.value(job, "status") or "")


def unfinished(store: JobStore, job: int) -> bool:
    """Whether a job has not ended, nor is ending."""
    return status_of(store, job) not in FINISHED and not store.value(job, "ending")


def _can_pause(store: JobStore, job: int) -> bool:
    return unfinished(store, job) and status_of(store, job) not in PAUSED_OR_PAUSING


def _can_resume(store: JobStore, job: int) -> bool:
    return status_of(store, job) in PAUSED_OR_PAUSING


def _can_reschedule(store: JobStore, job: int) -> bool:
    return status_of(store, job) in _OVER


_OVER: Final = FINISHED | {JobStatus.ABANDONED}
"""A client that was lost keeps nobody from trying again."""
_RETRIED: Final = frozenset({JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ABANDONED})


def _can_eject(store: JobStore, job: int) -> bool:
    """What is ending already is waited for, unless its client was lost: then nobody else could say that it is over."""
    row = store.row_of.get(job)
    if row is None:
        return False
    if store.status[row] == JobStatus.ABANDONED:
        return True
    if not unfinished(store, job):
        return False
    return store.status[row] in ON_CLIENT or (store.status[row] in HAS_ATTEMPT and store.command_start[row] is not None)


def _always(store: JobStore, job: int) -> bool:
    return job in store


def _family(store: JobStore, jobs: Sequence[int]) -> list[int]:
    return store.family(jobs)


def _rescheduled(store: JobStore, jobs: Sequence[int]) -> list[int]:
    """The jobs and what did not succeed below those that are over, as far as that is not broken by a success."""
    found = dict.fromkeys(job for job in jobs if job in store)
    waiting = [job for job in found if _can_reschedule(store, job)]
    while waiting:
        below = [child for child in store.children(waiting.pop()) if status_of(store, child) in _RETRIED]
        waiting.extend(child for child in below if child not in found)
        found.update(dict.fromkeys(below))
    return list(found)


def _failed_below(store: JobStore, jobs: Sequence[int]) -> list[int]:
    return [job for job in store.family(jobs) if status_of(store, job) == JobStatus.FAILED and store.is_leaf(job)]


def _deleted(store: JobStore, jobs: Sequence[int]) -> list[int]:
    """The family, without those (and what is below them) that another job outside of it still waits for."""
    family, chosen = store.family(jobs), set(jobs)
    gone = set(family)
    while kept := {job for job in gone - chosen if not gone.issuperset(store.known_parents(job))}:
        gone -= kept
    return [job for job in family if job in gone]


RULES: Final[dict[str, Rule]] = {
    "pause": Rule(
        _family,
        _can_pause,
        "pauseJobs",
        lambda: (
            translate("Outcome", "Paused {n} of {m}."),
            translate("Outcome", "Paused {n} jobs."),
            translate("Outcome", "Paused {name}."),
        ),
        UNFINISHED - PAUSED_OR_PAUSING,
    ),
    "resume": Rule(
        _family,
        _can_resume,
        "resumeJobs",
        lambda: (
            translate("Outcome", "Resumed {n} of {m}."),
            translate("Outcome", "Resumed {n} jobs."),
            translate("Outcome", "Resumed {name}."),
        ),
        PAUSED_OR_PAUSING,
    ),
    "reschedule": Rule(
        _rescheduled,
        _can_reschedule,
        "rescheduleJobs",
        lambda: (
            translate("Outcome", "Rescheduled {n} of {m}."),
            translate("Outcome", "Rescheduled {n} jobs."),
            translate("Outcome", "Rescheduled {name}."),
        ),
    ),
    "retry_failed": Rule(
        _failed_below,
        _always,
        "rescheduleJobs",
        lambda: (
            translate("Outcome", "Retrying {n} of {m}."),
            translate("Outcome", "Retrying {n} failed jobs."),
            translate("Outcome", "Retrying {name}."),
        ),
        frozenset({JobStatus.FAILED}),
        sends_reach=True,
    ),
    "cancel": Rule(
        _family,
        unfinished,
        "cancelJobs",
        lambda: (
            translate("Outcome", "Cancelled {n} of {m}."),
            translate("Outcome", "Cancelled {n} jobs."),
            translate("Outcome", "Cancelled {name}."),
        ),
        UNFINISHED,
    ),
    "eject": Rule(
        _family,
        _can_eject,
        "ejectJobs",
        lambda: (
            translate("Outcome", "Ejected {n} of {m}."),
            translate("Outcome", "Ejected {n} jobs."),
            translate("Outcome", "Ejected {name}."),
        ),
        HAS_ATTEMPT,
    ),
    "delete": Rule(
        _deleted,
        _always,
        "deleteJobs",
        lambda: (
            translate("Outcome", "Deleted {n} of {m}."),
            translate("Outcome", "Deleted {n} jobs."),
            translate("Outcome", "Deleted {name}."),
        ),
    ),
    "set_priority": Rule(
        _family,
        unfinished,
        "setPriority",
        lambda: (
            translate("Outcome", "Priority set on {n} of {m}."),
            translate("Outcome", "Priority set on {n} jobs."),
            translate("Outcome", "Priority set on {name}."),
        ),
        UNFINISHED,
    ),
}


@dataclass(frozen=True, slots=True)
class Linked:
    """Whom an action reaches from a selection, parted into those it changes and those it leaves as they are."""

    jobs: tuple[int, ...]
    concerned: tuple[int, ...]
    skipped: tuple[int, ...]


def linked(store: JobStore, name: str, jobs: Iterable[int]) -> Linked:
    """Whom an action reaches from these jobs."""
    rule = RULES[name]
    reached = rule.reach(store, list(dict.fromkeys(jobs)))
    concerned = tuple(job for job in reached if rule.concerns(store, job))
    chosen = set(concerned)
    return Linked(tuple(reached), concerned, tuple(job for job in reached if job not in chosen))


def why_skipped(store: JobStore, name: str, jobs: Iterable[int]) -> str:
    """`Two had already finished.`: why jobs were left as they are, the most frequent reason first."""
    reasons = Counter(_reason(store, name, job) for job in jobs)
    return " ".join(_sentence(words, count) for words, count in reasons.most_common(3))


def _reason(store: JobStore, name: str, job: int) -> str:
    status = status_of(store, job)
    if not status:
        return "gone"
    if name == "reschedule" or (name == "eject" and status not in FINISHED):
        return "not over" if name == "reschedule" else "not running"
    if name == "resume":
        return "not paused"
    if status in FINISHED:
        return "finished"
    return "paused" if status in PAUSED_OR_PAUSING else "ending"


def _sentence(reason: str, count: int) -> str:
    one, many = {
        "gone": (translate("Outcome", "One is gone."), translate("Outcome", "{n} are gone.")),
        "finished": (
            translate("Outcome", "One had already finished."),
            translate("Outcome", "{n} had already finished."),
        ),
        "paused": (translate("Outcome", "One was paused already."), translate("Outcome", "{n} were paused already.")),
        "ending": (translate("Outcome", "One is ending already."), translate("Outcome", "{n} are ending already.")),
        "not over": (translate("Outcome", "One has not ended yet."), translate("Outcome", "{n} have not ended yet.")),
        "not running": (translate("Outcome", "One was not running."), translate("Outcome", "{n} were not running.")),
        "not paused": (translate("Outcome", "One was not paused."), translate("Outcome", "{n} were not paused.")),
    }[reason]
    return one if count == 1 else many.replace("{n}", number_word(count))


def number_word(count: int) -> str:
    """`Two` to `Twelve`, then digits."""
    words = translate("Outcome", "Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve").split()
    return words[count - 2] if 2 <= count <= len(words) + 1 else f"{count:,}"


def machine_seconds(store: JobStore, jobs: Iterable[int], now: float) -> float:
    """Time that clients have spent on live attempts of these jobs."""
    spent = 0.0
    for job in jobs:
        row = store.row_of.get(job)
        if row is not None and store.status[row] in HAS_ATTEMPT:
            start = store.command_start[row]
            spent += 0.0 if start is None else max(0.0, now - start)
    return spent


NOT_APPLICABLE: Final[dict[str, Callable[[], str]]] = {
    "pause": lambda: translate("Actions", "Nothing here can be paused."),
    "resume": lambda: translate("Actions", "Nothing here is paused."),
    "reschedule": lambda: translate("Actions", "Only jobs that ended can be rescheduled."),
    "retry_failed": lambda: translate("Actions", "Nothing here has failed."),
    "cancel": lambda: translate("Actions", "All of it has ended."),
    "eject": lambda: translate("Actions", "Nothing here is running."),
    "delete": lambda: translate("Actions", "These jobs are gone."),
    "set_priority": lambda: translate("Actions", "All of it has ended."),
}
"""Why an action does not apply to a selection."""
