"""Attempts: allotting them, hearing of them, and giving them up; the agents' side of the farm.

Fencing: a report counts only for the job's live attempt and only from the client that holds it. An attempt is given up
without its client's word only when it is proved over (another boot, no trace on its client) or its lease and the grace
after it have passed, or when an operator says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import lives
from hqserver.core.commands import Receive, Refused, Register, SetDisabled, Tick
from hqserver.core.planner import is_usable
from hqserver.core.records import Attempt, AttemptState, Client, Instant, Job
from hqserver.wire.agent import (
    NAME_TAKEN,
    SESSION_UNKNOWN,
    End,
    Ended,
    EndReason,
    Forget,
    Held,
    Pause,
    Paused,
    Progressed,
    Resume,
    Resumed,
    Start,
    Started,
)
from hqserver.wire.jobs import SINGLE
from hqserver.wire.statuses import PAUSED_OR_PAUSING, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

SILENT: Final = "silent client"
LEASE: Final = "lease"


def allot(farm: Farm, job: Job, client: Client, now: Instant) -> None:
    """Give a client a job: the attempt holds its cpus from now on, the job runs when the agent says that it does."""
    cpus = max(job.spec.cpus, client.machine.cpus if SINGLE in job.spec.tags else 1)
    lease = job.spec.lease or farm.settings.lease
    attempt = Attempt(
        job=job.id,
        number=(job.attempt.number if job.attempt is not None else 0) + 1,
        client=client.id,
        cpus=cpus,
        ordered_at=now.wall,
        lease=lease,
        lease_until=now.monotonic + lease,
    )
    job.attempt = attempt
    job.attempts.append(attempt)
    client.attempts[job.id] = attempt
    client.cpus_used += cpus
    farm.planner.forget(job.id)
    farm.touch_attempt(attempt)
    farm.touch_client(client, stored=False)
    farm.write_log(job, now, JobEvent.ASSIGNED, client.label)
    lives.refresh(farm, job)
    farm.order(client.id, _start(farm, job, attempt, client))


def end_attempt(farm: Farm, job: Job, reason: str, now: Instant) -> None:
    """Have a live attempt ended; the job follows when the client has confirmed it, or is known not to run it."""
    attempt = job.live_attempt
    assert attempt is not None
    client = farm.clients.get(attempt.client)
    job.ending = attempt.ending = reason
    farm.touch_attempt(attempt)
    farm.touch_job(job)
    if reason == EndReason.EJECTED and (client is None or not client.online):
        _over(farm, job, attempt, reason, now)
        return
    event = JobEvent.EJECTING if reason == EndReason.EJECTED else JobEvent.CANCELLING
    farm.write_log(job, now, event, client.label if client else "")
    farm.order(attempt.client, End(0, job.id, attempt.number, reason, farm.settings.end_grace))


def register(farm: Farm, command: Register, now: Instant) -> int:
    """An agent says hello: find or make its client, then bring what it holds and what we believe together."""
    hello = command.hello
    client = _client_for(farm, command, now)
    former_boot, client.boot = client.boot, hello.boot
    client.version, client.port, client.ip = hello.version, hello.port, command.ip
    client.machine, client.clock_skew = hello.machine, command.clock_skew
    farm.client_of_session.pop(client.session, None)
    client.session, client.draining = command.session, False
    farm.client_of_session[command.session] = client
    _hear(farm, client, now)
    farm.touch_client(client)
    held = {(item.job, item.attempt) for item in hello.held}
    for attempt in list(client.attempts.values()):
        _reconcile(farm, client, attempt, held, same_boot=former_boot == hello.boot, now=now)
    for job, number in sorted(held):
        _disown(farm, client, job, number)
    farm.planner.client_changed(client)
    return client.id


def receive(farm: Farm, command: Receive, now: Instant) -> int:
    """A heartbeat with reports."""
    exchange = command.exchange
    client = farm.client_of_session.get(exchange.session)
    if client is None:
        raise Refused(SESSION_UNKNOWN, "this session is not known here")
    came_back = not client.online
    _hear(farm, client, now)
    if exchange.machine is not None and exchange.machine.hostname == client.machine.hostname:
        client.machine = exchange.machine
    if exchange.draining != client.draining:
        client.draining = exchange.draining
        farm.touch_client(client)
    for held in exchange.live:
        _renew(farm, client, held, now)
    over = [ended for report in exchange.reports if (ended := _report(farm, client, report, now))]
    if over:
        farm.order(client.id, Forget(0, tuple(over)))
    farm.touch_client(client, stored=False)
    if came_back or exchange.reports or exchange.machine is not None:
        farm.planner.client_changed(client)
    return client.id


def set_disabled(farm: Farm, command: SetDisabled, now: Instant) -> bool:
    """Take a client out of service or back; jobs that run on it go on."""
    client = farm.client_of_label.get(command.label)
    if client is None:
        return False
    if client.disabled is not command.disabled:
        client.disabled = command.disabled
        farm.touch_client(client)
        farm.planner.client_changed(client)
    return True


def tick(farm: Farm, _command: Tick, now: Instant) -> None:
    """Look at what was due: silent clients, leases that have ended."""
    for what, id_ in list(farm.due(now)):
        if what == SILENT:
            _look_at_silence(farm, id_, now)
        else:
            _look_at_lease(farm, id_, now)


def _start(farm: Farm, job: Job, attempt: Attempt, client: Client) -> Start:
    spec = job.spec
    return Start(
        number=0,
        job=job.id,
        attempt=attempt.number,
        root=job.root,
        name=spec.name,
        command=spec.command_for(client.machine.platform),
        shell=spec.shell,
        cpus=attempt.cpus,
        environment=spec.environment,
        hosts=(client.hostname,),
    )


def _client_for(farm: Farm, command: Register, now: Instant) -> Client:
    hello = command.hello
    label = f"{hello.machine.hostname}:{hello.name}" if hello.name else hello.machine.hostname
    known = farm.client_of_label.get(label)
    if known is not None and known.agent != hello.agent and known.online:
        raise Refused(NAME_TAKEN, f"the client name {label} is taken by a live agent at {known.ip} port {known.port}")
    client = farm.client_of_agent.get(hello.agent) or known
    if client is None:
        client = Client(
            id=farm.next_client, agent=hello.agent, name=hello.name, machine=hello.machine, boot=hello.boot,
            version=hello.version, port=hello.port, ip=command.ip,
        )  # fmt: skip
        farm.next_client += 1
        farm.clients[client.id] = client
    if client.label != label or farm.client_of_label.get(label) is not client:
        farm.client_of_label.pop(client.label, None)
        client.name, client.machine = hello.name, hello.machine
        farm.client_of_label[label] = client
    if client.agent != hello.agent or hello.agent not in farm.client_of_agent:
        farm.client_of_agent.pop(client.agent, None)
        client.agent = hello.agent
        farm.client_of_agent[hello.agent] = client
    return client


def _hear(farm: Farm, client: Client, now: Instant) -> None:
    client.heartbeat_at, client.heard_monotonic = now.wall, now.monotonic
    if not client.online:
        client.online = True
        farm.remind(now.monotonic + farm.settings.offline_after, SILENT, client.id)


def _reconcile(
    farm: Farm, client: Client, attempt: Attempt, held: set[tuple[int, int]], *, same_boot: bool, now: Instant
) -> None:
    """One attempt that we believe to be on this client, against what the agent says."""
    job = farm.jobs[attempt.job]
    there = (attempt.job, attempt.number) in held
    if not there and (attempt.state is AttemptState.STARTED or not same_boot):
        _over(farm, job, attempt, EndReason.LOST, now)
        return
    attempt.lease_until = now.monotonic + attempt.lease
    if attempt.state is AttemptState.ORDERED:
        farm.order(client.id, _start(farm, job, attempt, client))
    if attempt.ending:
        farm.order(client.id, End(0, job.id, attempt.number, attempt.ending, farm.settings.end_grace))
    elif job.status is JobStatus.PAUSING:
        farm.order(client.id, Pause(0, job.id, attempt.number))
    elif job.status is JobStatus.RESUMING:
        farm.order(client.id, Resume(0, job.id, attempt.number))
    _come_back(farm, job, attempt, client, now)


def _disown(farm: Farm, client: Client, job_id: int, number: int) -> None:
    """An attempt that the agent holds and we do not believe in: forget it if it is over, else end it."""
    live = client.attempts.get(job_id)
    if live is not None and live.number == number:
        return
    job = farm.jobs.get(job_id)
    known = next((item for item in job.attempts if item.number == number), None) if job is not None else None
    confirmed = (
        known is not None and known.client == client.id and known.reason not in ("", EndReason.LOST, EndReason.EJECTED)
    )
    if confirmed or job is None:
        farm.order(client.id, Forget(0, (Held(job_id, number),)))
    if not confirmed:
        farm.order(client.id, End(0, job_id, number, EndReason.SUPERSEDED, farm.settings.end_grace))


def _renew(farm: Farm, client: Client, held: Held, now: Instant) -> None:
    attempt = client.attempts.get(held.job)
    if attempt is not None and attempt.number == held.attempt:
        attempt.lease_until = now.monotonic + attempt.lease
        job = farm.jobs[attempt.job]
        if job.status is JobStatus.ABANDONED:
            _come_back(farm, job, attempt, client, now)


def _come_back(farm: Farm, job: Job, attempt: Attempt, client: Client, now: Instant) -> None:
    if job.status is JobStatus.ABANDONED:
        back = JobStatus.PAUSED if attempt.paused else JobStatus.RUNNING
        if attempt.state is AttemptState.ORDERED:
            back = JobStatus.RUNNABLE
        lives.become(farm, job, back, now, "its client is back", client.label, JobEvent.RETURNED)


def _report(farm: Farm, client: Client, report: Any, now: Instant) -> Held | None:
    """Apply a report about a live attempt of this client; answers what the agent may forget."""
    attempt = client.attempts.get(report.job)
    live = attempt is not None and attempt.number == report.attempt
    if live and attempt is not None:
        _REPORTS[type(report)](farm, client, farm.jobs[report.job], attempt, report, now)
    return Held(report.job, report.attempt) if isinstance(report, Ended) else None


def _started(farm: Farm, client: Client, job: Job, attempt: Attempt, _report: Started, now: Instant) -> None:
    if attempt.state is not AttemptState.ORDERED:
        return
    attempt.state, attempt.started_at = AttemptState.STARTED, now.wall
    farm.touch_attempt(attempt)
    job.progress, job.progress_at = 0.0, None
    _mark_start(farm, job, now)
    if job.status in (JobStatus.RUNNABLE, JobStatus.ABANDONED):
        lives.become(farm, job, JobStatus.RUNNING, now, client=client.label)
    else:
        lives.refresh(farm, job)


def _mark_start(farm: Farm, job: Job, now: Instant) -> None:
    """The start of the job, and of every ancestor that has not started yet: they started with it."""
    waiting = [job]
    while waiting:
        current = waiting.pop()
        if current.started_at is None:
            current.started_at = now.wall
            farm.touch_job(current)
            waiting += (farm.jobs[id_] for id_ in current.parents)


def _progressed(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Progressed, now: Instant) -> None:
    progress = min(max(report.progress, 0.0), 1.0)
    if attempt.state is AttemptState.STARTED and progress != job.progress:
        job.progress, job.progress_at = progress, now.wall
        lives.refresh(farm, job)


def _paused(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Paused, now: Instant) -> None:
    attempt.paused = True
    farm.touch_attempt(attempt)
    if job.status is JobStatus.PAUSING:
        lives.become(farm, job, JobStatus.PAUSED, now, client=client.label)


def _resumed(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Resumed, now: Instant) -> None:
    attempt.paused = False
    farm.touch_attempt(attempt)
    if job.status is JobStatus.RESUMING:
        lives.become(farm, job, JobStatus.RUNNING, now, client=client.label, event=JobEvent.RESUMED)


def _ended(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Ended, now: Instant) -> None:
    attempt.exit_code, attempt.signal = report.exit_code, report.signal
    attempt.ran_seconds, attempt.cpu_seconds = max(report.ran_seconds, 0.0), max(report.cpu_seconds, 0.0)
    attempt.peak_memory, attempt.output_bytes, attempt.cut_bytes = (
        report.peak_memory,
        report.output_bytes,
        report.cut_bytes,
    )
    attempt.message = report.message[:1000]
    _over(farm, job, attempt, report.reason, now)


_REPORTS: Final[dict[type[Any], Callable[..., None]]] = {
    Started: _started,
    Progressed: _progressed,
    Paused: _paused,
    Resumed: _resumed,
    Ended: _ended,
}


def _over(farm: Farm, job: Job, attempt: Attempt, reason: str, now: Instant) -> None:
    """An attempt is over: free what it held, then decide what becomes of the job."""
    wish = attempt.ending
    attempt.state, attempt.reason, attempt.ended_at, attempt.paused = AttemptState.OVER, reason, now.wall, False
    farm.touch_attempt(attempt)
    client = farm.clients.get(attempt.client)
    if client is not None and client.attempts.get(job.id) is attempt:
        del client.attempts[job.id]
        client.cpus_used -= attempt.cpus
        farm.touch_client(client, stored=False)
        if is_usable(client):
            farm.planner.client_changed(client)
    label = client.label if client is not None else ""
    job.ending = ""
    if reason != EndReason.EXITED or attempt.exit_code != 0:
        job.progress_at = None
    if wish == EndReason.CANCELLED:
        _cancelled(farm, job, attempt, now, label)
    elif wish == EndReason.EJECTED:
        _requeue(farm, job, now, label, JobEvent.EJECTED, "")
    elif reason == EndReason.EXITED and attempt.exit_code == 0:
        job.progress = 1.0
        lives.command_ended(farm, job, JobStatus.SUCCEEDED, now, "", label)
    elif reason in (EndReason.EXITED, EndReason.REFUSED):
        _failed(farm, job, attempt, now, label)
    else:
        _lost(farm, job, reason, now, label)


def _cancelled(farm: Farm, job: Job, attempt: Attempt, now: Instant, label: str) -> None:
    if job.unfinished_children:
        job.ending = EndReason.CANCELLED
        lives.become(farm, job, JobStatus.QUEUED, now, "its children are being cancelled", label)
    else:
        lives.become(farm, job, JobStatus.CANCELLED, now, _how(attempt), label)


def _failed(farm: Farm, job: Job, attempt: Attempt, now: Instant, label: str) -> None:
    client = farm.clients.get(attempt.client)
    if client is not None:
        client.failures += 1
    if job.tries_left > 0:
        job.tries_left -= 1
        _requeue(farm, job, now, label, JobEvent.RESCHEDULED, f"{_how(attempt)}; {job.tries_left} tries left")
    else:
        lives.command_ended(farm, job, JobStatus.FAILED, now, _how(attempt), label)


def _lost(farm: Farm, job: Job, reason: str, now: Instant, label: str) -> None:
    """Its client is no more, or knows nothing of it: it runs again, unless that happened on too many clients."""
    job.times_lost += reason != EndReason.LEASE
    lost_on = {item.client for item in job.attempts if item.reason in (EndReason.LOST, EndReason.UNKNOWN)}
    if len(lost_on) >= farm.settings.most_losses:
        lives.command_ended(farm, job, JobStatus.FAILED, now, f"{len(lost_on)} clients were lost under it", label)
    else:
        _requeue(farm, job, now, label, JobEvent.LOST, reason)


def _requeue(farm: Farm, job: Job, now: Instant, label: str, event: str, message: str) -> None:
    """Back to waiting without an end; a job that was paused stays so."""
    paused = job.status in PAUSED_OR_PAUSING
    job.progress, job.progress_at = 0.0, None
    farm.write_log(job, now, event, label, message)
    if paused:
        lives.become(farm, job, JobStatus.PAUSED, now, client=label)
    else:
        lives.release(farm, job, now)
    lives.refresh(farm, job)
    farm.planner.consider(job)


def _how(attempt: Attempt) -> str:
    """How an attempt ended, for the log."""
    if attempt.message:
        return attempt.message
    if attempt.signal is not None:
        return f"ended by signal {attempt.signal}"
    return f"exit code {attempt.exit_code}" if attempt.exit_code is not None else attempt.reason


def _look_at_silence(farm: Farm, id_: int, now: Instant) -> None:
    """A client was online: is it still? Then its running jobs: are they abandoned?"""
    client = farm.clients.get(id_)
    if client is None:
        return
    settings = farm.settings
    silent_for = now.monotonic - client.heard_monotonic
    if client.online and silent_for < settings.offline_after:
        for attempt in list(client.attempts.values()):
            _look_at_lease(farm, attempt.job, now, again=False)
        farm.remind(now.monotonic + settings.offline_after, SILENT, id_)
        return
    if client.online:
        client.online = False
        farm.touch_client(client)
        farm.planner.client_changed(client)
        watch_leases(farm, client)
    if silent_for < settings.abandon_after:
        farm.remind(client.heard_monotonic + settings.abandon_after, SILENT, id_)
        return
    for attempt in list(client.attempts.values()):
        job = farm.jobs[attempt.job]
        if attempt.state is AttemptState.STARTED and job.status is not JobStatus.ABANDONED:
            lives.become(
                farm, job, JobStatus.ABANDONED, now, f"no word from its client for {silent_for:.0f} s", client.label
            )


def watch_leases(farm: Farm, client: Client) -> None:
    """A client is out of touch: look at each of its attempts when its lease ends."""
    for attempt in client.attempts.values():
        farm.remind(attempt.lease_until + farm.settings.lease_grace, LEASE, attempt.job)


def _look_at_lease(farm: Farm, id_: int, now: Instant, *, again: bool = True) -> None:
    job = farm.jobs.get(id_)
    attempt = job.live_attempt if job is not None else None
    if job is None or attempt is None:
        return
    end = attempt.lease_until + farm.settings.lease_grace
    if now.monotonic < end:
        if again:
            farm.remind(end, LEASE, id_)
    else:
        _over(farm, job, attempt, EndReason.LOST, now)
