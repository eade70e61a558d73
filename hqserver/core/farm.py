"""The farm: every job and client in RAM, their indexes, and the one door through which they change.

`apply` takes a command and the time, hands it to the module that knows it, settles the families that it disturbed and
lets the planner hand out work. What changed is collected until the shell takes it (`take_changes`), in a form that the
store can write and the feed can tell; nothing here waits for either.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from typing import Any, Final

from hqserver.core import (
    actions,
    attempts,
    attribs,
    availability,
    blocking,
    client_care,
    clients,
    fencing,
    folders,
    groups,
    lives,
    mails,
    notes,
    permitting,
    problems,
    resources,
    submitting,
)
from hqserver.core.commands import (
    Act,
    AddNote,
    AskForUpgrade,
    CallClients,
    Command,
    CreateGroup,
    CreateResource,
    DeleteFolder,
    DeleteGroup,
    DeleteResource,
    Fenced,
    MailDone,
    MarkHandled,
    NoteProblem,
    PermitClients,
    Receive,
    Register,
    ReleaseHolds,
    RemoveClients,
    RemoveNotes,
    RemoveThreads,
    RenameGroup,
    SetAmount,
    SetAttribs,
    SetBlockedWarning,
    SetConditions,
    SetDescription,
    SetDisabled,
    SetFolder,
    SetMember,
    SetOverride,
    SetPriority,
    SetRules,
    Submit,
    Tick,
    Unblock,
)
from hqserver.core.planner import Planner
from hqserver.core.records import Instant, Job, LogEntry, Settings
from hqserver.core.state import Changes, State


class Farm(State):
    """The state machine. Everything that is read from outside is an attribute; everything is changed by `apply`."""

    def __init__(self, settings: Settings, base_revision: int = 0) -> None:
        super().__init__(settings, base_revision)
        self.planner: Final = Planner(self)
        self.disturbed: list[int] = []
        """Jobs whose children may all be finished: looked at before a command is over."""
        self.must_wait: list[int] = []
        """Jobs that have an unfinished child again: looked at before that."""
        self._deadlines: list[tuple[float, str, int]] = []

    @property
    def next_deadline(self) -> float:
        """Monotonic time at which the next Tick is due; infinity when there is none."""
        return self._deadlines[0][0] if self._deadlines else math.inf

    def apply(self, command: Command, now: Instant) -> Any:
        """Do what the command says; its answer is described there. Raises Refused, and then nothing was changed."""
        answer = _DOERS[type(command)](self, command, now)
        self.finish(now)
        return answer

    def in_steps(self, command: Command, clock: Callable[[], Instant]) -> Generator[None, None, Any]:
        """Do what a command that may name many jobs says, in parts that others may come between. Raises Refused.

        Of other commands there is one part.
        """
        make = _STEPS.get(type(command))
        if make is None:
            return self.apply(command, clock())
        work = make(self, command, clock)
        while True:
            try:
                next(work)
            except StopIteration as done:
                self.finish(clock())
                return done.value
            self.finish(clock())
            yield

    def stage(self, command: Submit, now: Instant) -> submitting.Staging:
        """Begin a submission that is built in slices. Raises Refused."""
        return submitting.begin(self, command, now)

    def slices(self, staging: submitting.Staging, now: Instant) -> Iterator[Changes]:
        """Build it; each slice is to be stored before the next is asked for, and shows nothing to anybody."""
        for jobs in submitting.build(self, staging, now):
            yield submitting.slice_changes(staging, jobs, Changes())

    def activate(self, staging: submitting.Staging, now: Instant) -> tuple[int, ...]:
        """Make it visible; the ids of its top jobs. Raises Refused, and then none of its jobs is part of the farm."""
        ids = submitting.activate(self, staging, now, stored=True)
        self.finish(now)
        return ids

    def finish(self, now: Instant) -> None:
        """Settle disturbed families, then hand out what became possible."""
        while self.must_wait or self.disturbed:
            if self.must_wait:
                lives.wait_for_children(self, self.jobs.get(self.must_wait.pop()), now)
            else:
                lives.settle(self, self.jobs.get(self.disturbed.pop()), now)
        self.planner.holds.wall = now.wall
        for job, given in self.planner.run():
            attempts.allot(self, job, given, now)
        if self.planner.goes_round:
            problems.note(self, _GOES_ROUND, now)
        self.touch_all()

    def blocked_clients(self, root: int) -> Collection[int]:
        """Clients that get no more jobs of a root job, since too many of them failed there."""
        return self.planner.blocked.get(root, ())

    def write_log(self, job: Job, now: Instant, event: str, client: str = "", message: str = "") -> None:
        """A line in the job's status log."""
        number = job.log[-1].number + 1 if job.log else 1
        entry = LogEntry(number, now.wall, event, job.status, client, message)
        job.log.append(entry)
        self._changes.log.append((job.id, entry))
        mails.job_logged(self, job, entry)

    def remind(self, at: float, what: str, id_: int) -> None:
        """Have a Tick look at a client or a job at this monotonic time."""
        heapq.heappush(self._deadlines, (at, what, id_))

    def due(self, now: Instant) -> Iterable[tuple[str, int]]:
        """The reminders whose time has come; each is given once."""
        while self._deadlines and self._deadlines[0][0] <= now.monotonic:
            _, what, id_ = heapq.heappop(self._deadlines)
            yield what, id_


_GOES_ROUND: Final = NoteProblem(
    None,
    "planner-goes-round",
    "Jobs and clients were looked at again and again without any job getting a client. This is a fault of hqserver: "
    "please report it. Jobs are handed out further whenever something happens on the farm.",
)

_DOERS: Final[dict[type[Any], Callable[[Farm, Any, Instant], Any]]] = {
    Submit: submitting.submit,
    Act: actions.act,
    SetPriority: actions.set_priority,
    SetConditions: attribs.set_conditions,
    PermitClients: permitting.permit,
    ReleaseHolds: permitting.release_holds,
    SetAttribs: attribs.set_attribs,
    SetBlockedWarning: attribs.set_blocked_warning,
    Unblock: blocking.unblock,
    SetDisabled: clients.set_disabled,
    SetDescription: client_care.describe,
    SetRules: availability.set_rules,
    SetOverride: availability.set_override,
    RemoveClients: client_care.remove_clients,
    AskForUpgrade: client_care.ask_for_upgrade,
    CallClients: client_care.call_clients,
    CreateGroup: groups.create,
    RenameGroup: groups.rename,
    DeleteGroup: groups.delete,
    SetMember: groups.set_member,
    CreateResource: resources.create,
    SetAmount: resources.set_amount,
    DeleteResource: resources.delete,
    AddNote: notes.add,
    RemoveThreads: notes.remove_threads,
    RemoveNotes: notes.remove_notes,
    MarkHandled: notes.mark_handled,
    NoteProblem: problems.note,
    SetFolder: folders.put,
    DeleteFolder: folders.delete,
    MailDone: mails.done,
    Register: clients.register,
    Receive: clients.receive,
    Fenced: fencing.settle,
    Tick: clients.tick,
}
_STEPS: Final[dict[type[Any], Callable[[Farm, Any, Callable[[], Instant]], Generator[None, None, Any]]]] = {
    Act: actions.steps,
    SetPriority: actions.priority_steps,
    SetAttribs: attribs.steps,
}
"""How commands that may name many jobs are done in parts."""
