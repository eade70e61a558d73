"""Mails: which are due, and what they say. They wait in the farm's outbox, written with the change that caused them.

So a mail is neither lost nor written twice when the server is killed: the shell sends what is in the outbox and then
has the record removed. Only a kill between the mail server's yes and that removal sends a mail again, with the same
Message-ID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hqserver.core.commands import MailDone
from hqserver.core.kept import Kept, Mail, Problem
from hqserver.core.records import Instant, Job, LogEntry
from hqserver.wire.statuses import WAITING, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_PAUSE_SECONDS: Final = 600.0
"""Between two mails of the server itself."""
_LONGEST_SUBJECT: Final = 150


def job_logged(farm: Farm, job: Job, entry: LogEntry) -> None:
    """Something happened to a job: is it a reason for a mail?"""
    spec = job.spec
    if not spec.email_to or not farm.settings.mail_from:
        return
    words = _words(entry)
    reason = next((word for word in spec.email_reasons if word in words), None)
    if reason is not None:
        _put(farm, job.id, reason, spec.email_to, _subject(job, entry), _body(job, entry), entry.at)


def tell_of_problem(farm: Farm, problem: Problem, now: Instant) -> None:
    """The server has an error that is news."""
    settings = farm.settings
    due = now.wall - farm.told_of_problem_at >= _PAUSE_SECONDS
    if settings.mail_from and settings.mail_to and due:
        farm.told_of_problem_at = now.wall
        body = (
            f"{problem.message}\n\n{problem.traceback}\n"
            f"Others may have followed; getServerErrors() lists all. The next mail comes in "
            f"{_PAUSE_SECONDS / 60:.0f} minutes at the earliest."
        )
        _put(farm, None, "error", settings.mail_to, f"hqserver: {_line(problem.message)}", body, now.wall)


def done(farm: Farm, command: MailDone, _now: Instant) -> None:
    """A mail has left the outbox."""
    mail = farm.mails.pop(command.mail, None)
    if mail is not None:
        farm.drop(Kept.MAILS, mail)


def _put(farm: Farm, job: int | None, reason: str, to: tuple[str, ...], subject: str, body: str, at: float) -> None:
    mail = Mail(farm.new_id(Kept.MAILS), job, reason, to, subject[:_LONGEST_SUBJECT], body, at)
    farm.mails[mail.id] = mail
    farm.touch(Kept.MAILS, mail)


def _words(entry: LogEntry) -> frozenset[str]:
    """The reasons that an entry of the status log is. A return or a release is no start of what it leads to.

    A submission begins to wait; a job that has nothing to do has an entry of its own for its end.
    """
    begins = entry.event == JobEvent.SUBMITTED and entry.status in (JobStatus.QUEUED, JobStatus.RUNNABLE)
    word = entry.status if begins else entry.event
    return frozenset({word, WAITING}) if word == JobStatus.RUNNABLE else frozenset({word})


def _subject(job: Job, entry: LogEntry) -> str:
    return f"job {job.id} {entry.event}: {_line(job.spec.name)}"


def _line(text: str) -> str:
    """A header is one line."""
    return " ".join(text.split())[:100]


def _body(job: Job, entry: LogEntry) -> str:
    rows = (
        ("Job", f"{job.id} {job.spec.name}"),
        ("Event", entry.event),
        ("Status", entry.status),
        ("Client", entry.client),
        ("Message", entry.message),
        ("Submitted by", job.submitted_by),
        ("Description", job.spec.description),
    )
    return "".join(f"{name}: {text}\n" for name, text in rows if text)
