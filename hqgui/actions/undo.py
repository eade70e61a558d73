"""What can be taken back, and how.

An entry remembers the former state of each job that an action changed. Taking back asks the server for the present
state first and leaves alone whatever somebody changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hqgui.actions.outcomes import Outcome
from hqgui.actions.priorities import plan
from hqgui.actions.rules import number_word
from hqgui.models.job_store import JobStore
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING

MOST_ENTRIES: Final = 100


class Caller(Protocol):
    """Whoever can call the server."""

    async def call(self, method: str, *arguments: object) -> Any:
        """The answer. Raises LinkError."""


class Entry(Protocol):
    """One action that can be taken back."""

    @property
    def text(self) -> str:
        """What it was, for a button: `Undo priority of 3 jobs`."""

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Take it back. Raises LinkError."""


@dataclass(frozen=True, slots=True)
class PriorityEntry:
    """Priorities were set."""

    text: str
    former: Mapping[int, int]
    given: Mapping[int, int]
    """What each job was given."""

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Each job its own former priority, as long as it still has the one that was given."""
        now = await present(server, self.former, "priority")
        open_jobs = {job: value for job, (value, status) in now.items() if status not in FINISHED}
        ours = {job for job, value in open_jobs.items() if value == self.given[job]}
        wanted = {job: self.former[job] if job in ours else value for job, value in open_jobs.items()}
        for priority, jobs in plan(store, wanted, open_jobs):
            await server.call("setPriority", jobs, priority)
        kept = tuple(job for job in self.former if job not in ours)
        text = counted(
            len(ours),
            translate("Outcome", "{n} job has its former priority again."),
            translate("Outcome", "{n} jobs have their former priority again."),
        )
        return Outcome(text, _left_alone(len(kept)), skipped=kept)


@dataclass(frozen=True, slots=True)
class PauseEntry:
    """Jobs were paused."""

    text: str
    chosen: tuple[int, ...]
    paused: tuple[int, ...]
    before: tuple[int, ...]
    """Those that had been paused before."""

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Let them go on; those that had been paused before are paused again."""
        now = await present(server, self.paused, "status")
        ours = [job for job, (status, _) in now.items() if status in PAUSED_OR_PAUSING]
        if ours:
            await server.call("resumeJobs", [job for job in self.chosen if job in store] or ours)
            if self.before:
                await server.call("pauseJobs", list(self.before))
        text = counted(len(ours), translate("Outcome", "{n} job goes on."), translate("Outcome", "{n} jobs go on."))
        kept = tuple(job for job in self.paused if job not in ours)
        return Outcome(text, _left_alone(len(kept)), skipped=kept)


@dataclass(frozen=True, slots=True)
class ResumeEntry:
    """Jobs were let go on."""

    text: str
    resumed: tuple[int, ...]

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Pause those that have not ended."""
        now = await present(server, self.resumed, "status")
        ours = [job for job, (status, _) in now.items() if status not in FINISHED | PAUSED_OR_PAUSING]
        if ours:
            await server.call("pauseJobs", ours)
        text = counted(
            len(ours),
            translate("Outcome", "{n} job is paused again."),
            translate("Outcome", "{n} jobs are paused again."),
        )
        kept = tuple(job for job in self.resumed if job not in ours)
        return Outcome(text, _left_alone(len(kept)), skipped=kept)


async def present(
    server: Caller, jobs: Mapping[int, object] | tuple[int, ...], name: str
) -> dict[int, tuple[Any, str]]:
    """An attribute and the status of each job that is still there, as the server has them now."""
    rows = await server.call("getJobs", list(jobs), ["id", name, "status"])
    return {row["id"]: (row[name], row["status"]) for row in rows or ()}


def _left_alone(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return translate("Outcome", "One was changed since and is left alone.")
    return translate("Outcome", "{n} were changed since and are left alone.").replace("{n}", number_word(count))


class UndoLog:
    """The actions that can be taken back, the newest last."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Another action was done."""
        self._entries.append(entry)
        del self._entries[:-MOST_ENTRIES]

    @property
    def text(self) -> str:
        """What would be taken back next; empty when there is nothing."""
        return self._entries[-1].text if self._entries else ""

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Take the newest back. It stays in the log when that fails. Raises LinkError; IndexError when empty."""
        entry = self._entries[-1]
        outcome = await entry.take_back(server, store)
        if entry in self._entries:
            self._entries.remove(entry)
        return outcome
