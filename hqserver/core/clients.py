"""Clients: agents that say hello, call in, fall silent; what their silence means for the attempts they hold.

An attempt is given up without its client's word only when it is proved over (another boot, no trace on its client) or
its lease and the grace after it have passed, or when an operator says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hqserver.core import availability, client_care, flapping, lives, notes, problems, sickness
from hqserver.core.attempts import hear_report, over
from hqserver.core.commands import NoteProblem, Receive, Refused, Register, SetDisabled, Tick
from hqserver.core.orders import start_order
from hqserver.core.records import Attempt, AttemptState, Client, Instant, Job
from hqserver.core.service import in_touch
from hqserver.wire.agent import (
    NAME_TAKEN,
    SESSION_UNKNOWN,
    End,
    EndReason,
    Forget,
    Held,
    Hello,
    Order,
    Pause,
    Resume,
    Start,
)
from hqserver.wire.statuses import JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

SILENT: Final = "silent client"
LEASE: Final = "lease"
_BOOTS_REMEMBERED: Final = 4


def register(farm: Farm, command: Register, now: Instant) -> int:
    """An agent says hello: find or make its client, then bring what it holds and what we believe together."""
    hello = command.hello
    _refuse_overtaken(farm, hello, now)
    client, same_agent = _client_for(farm, command, now)
    former_boot, client.boot = client.boot, hello.boot
    client.hello_at, client.hello_clock = hello.asked_at, hello.clock
    if former_boot != hello.boot:
        client.former_boots = (*client.former_boots, former_boot)[-_BOOTS_REMEMBERED:]
    client.upgrade_asked = client.upgrade_asked and client.version == hello.version
    client.version, client.agent_version = hello.version, hello.agent_version
    client.port, client.ip = hello.port, command.ip
    client.machine, client.clock_skew = hello.machine, command.clock_skew
    if client.session and client.proved:
        flapping.connected_anew(farm, client, now)
    farm.client_of_session.pop(client.session, None)
    client.session, client.draining = command.session, hello.draining
    farm.client_of_session[command.session] = client
    client.proved = False
    farm.touch_client(client)
    availability.refresh(farm, client, now)
    held = {(item.job, item.attempt) for item in hello.held}
    for attempt in list(client.attempts.values()):
        if same_agent or former_boot != hello.boot:
            _reconcile(farm, client, attempt, held, same_boot=former_boot == hello.boot, now=now)
        else:  # what another agent on this machine started may run still: only its lease says when it is over
            farm.remind(attempt.lease_until + farm.settings.lease_grace, LEASE, attempt.job)
    for job, number in sorted(held):
        _disown(farm, client, job, number)
    farm.planner.client_changed(client)
    return client.id


def receive(farm: Farm, command: Receive, now: Instant) -> int:
    """A heartbeat with reports. A client that drains is removed when it holds nothing any more: then it leaves."""
    exchange = command.exchange
    client = farm.client_of_session.get(exchange.session)
    if client is None:
        raise Refused(SESSION_UNKNOWN, "this session is not known here")
    came_back = not in_touch(client)
    _hear(farm, client, now)
    if exchange.machine is not None and exchange.machine.hostname == client.machine.hostname:
        client.machine = exchange.machine
        availability.refresh(farm, client, now)
    former_draining, client.draining = client.draining, exchange.draining or exchange.stopping
    drains_anew = client.draining is not former_draining
    if drains_anew:
        farm.touch_client(client)
    availability.hear_override(farm, client, exchange.override, now)
    for held in exchange.live:
        _renew(farm, client, held, now)
    for error in exchange.errors:
        problems.note(farm, NoteProblem(client.id, error.key, error.message, error.traceback, error.count), now)
    told = [ended for report in exchange.reports if (ended := hear_report(farm, client, report, now))]
    if told:
        farm.order(client.id, Forget(0, tuple(told)))
    farm.touch_client(client, stored=False)
    if came_back or drains_anew or exchange.reports or exchange.machine is not None:
        farm.planner.client_changed(client)
    if exchange.draining and not client.attempts and not client.helps:
        client_care.remove(farm, client, now)
    return client.id


def may_hand_over(farm: Farm, client_id: int, order: Order, now: Instant) -> bool:
    """Whether an order still holds when it is about to be sent (again).

    An order to start holds only while its attempt is live, and each time that it is sent it begins the lease anew: the
    agent counts from then. Everything else does no harm late.
    """
    if not isinstance(order, Start):
        return True
    client = farm.clients.get(client_id)
    attempt = client.attempts.get(order.job) if client is not None else None
    if attempt is None or attempt.number != order.attempt:
        return False
    attempt.lease_until = now.monotonic + attempt.lease
    return True


def set_disabled(farm: Farm, command: SetDisabled, now: Instant) -> bool:
    """Take a client out of service or back; jobs that run on it go on."""
    client = farm.client_of_label.get(command.label)
    if client is None:
        return False
    if client.disabled is not command.disabled:
        client.disabled = command.disabled
        client.out_of_service = ""
        sickness.forgive(farm, client)
        farm.touch_client(client)
        farm.planner.client_changed(client)
        by = f" by {command.user}" if command.user else ""
        notes.client_did(farm, client, f"{'disabled' if command.disabled else 'enabled'}{by}", now)
    return True


def tick(farm: Farm, _command: Tick, now: Instant) -> None:
    """Look at what was due: silent clients, leases that have ended."""
    for what, id_ in list(farm.due(now)):
        _LOOKS[what](farm, id_, now)


def _refuse_overtaken(farm: Farm, hello: Hello, now: Instant) -> None:
    """A hello that arrives after a later one knows nothing of what was started since: it is no proof of any death.

    When every lease has ended there is nothing to prove, and the hello is taken as it is: the clocks by which it seems
    to be late may be wrong, and a machine may come back in an earlier state of its own.
    """
    known = farm.client_of_agent.get(hello.agent)
    if known is None or not hello.asked_at or _has_no_lease_left(farm, known, now):
        return
    if hello.boot == known.boot:
        is_late = hello.asked_at <= known.hello_at
    else:
        is_late = hello.boot in known.former_boots or _seems_earlier(known, hello)
    if is_late:
        raise Refused(SESSION_UNKNOWN, "a later hello of this agent was taken already; say hello again")


def _has_no_lease_left(farm: Farm, client: Client, now: Instant) -> bool:
    longest = max([farm.settings.lease, *(attempt.lease for attempt in client.attempts.values())])
    return now.monotonic - client.heard_monotonic >= longest + farm.settings.lease_grace


def _seems_earlier(known: Client, hello: Hello) -> bool:
    """Whether a hello of a boot that nobody has heard of was sent before the last one, by the clock on the wall."""
    return hello.clock is not None and known.hello_clock is not None and hello.clock < known.hello_clock


def _client_for(farm: Farm, command: Register, now: Instant) -> tuple[Client, bool]:
    """The client, and whether this very agent was it before. Raises Refused when its name or its identity is in use."""
    hello = command.hello
    _refuse_a_copy(farm.client_of_agent.get(hello.agent), command)
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
    same_agent = client.agent == hello.agent
    if not same_agent or hello.agent not in farm.client_of_agent:
        farm.client_of_agent.pop(client.agent, None)
        client.agent = hello.agent
        farm.client_of_agent[hello.agent] = client
    return client, same_agent


def _refuse_a_copy(client: Client | None, command: Register) -> None:
    """An agent's folder that was copied to another machine (a cloned disk) brings its identity along.

    While one of the two calls in, the other is refused: it can only be told from a machine that was started again or
    renamed when the first falls silent.
    """
    hello = command.hello
    if client is None or not client.online or not client.session:
        return
    if client.hostname != hello.machine.hostname or (client.boot != hello.boot and client.ip != command.ip):
        raise Refused(
            NAME_TAKEN,
            f"the identity of this agent is in use: {client.label} at {client.ip} port {client.port} is alive. If the "
            f"folder of its data was copied, stop this agent, delete agent.id in the copy, and start it again",
        )


def _hear(farm: Farm, client: Client, now: Instant) -> None:
    client.heartbeat_at, client.heard_monotonic, client.proved = now.wall, now.monotonic, True
    if not client.online:
        client.online = True
        watch_silence(farm, client, farm.offline_after)


def _reconcile(
    farm: Farm, client: Client, attempt: Attempt, held: set[tuple[int, int]], *, same_boot: bool, now: Instant
) -> None:
    """One attempt that we believe to be on this client, against what the agent says.

    A hello renews no lease and brings nothing back: it may come from an agent that hears no answer. An exchange proves
    that it heard one.
    """
    job = farm.jobs[attempt.job]
    there = (attempt.job, attempt.number) in held
    if not there and (attempt.state is AttemptState.STARTED or not same_boot):
        over(farm, job, attempt, EndReason.LOST, now)
        return
    if attempt.state is AttemptState.ORDERED:
        farm.order(client.id, start_order(farm, job, attempt, client))
    if attempt.ending:
        farm.order(client.id, End(0, job.id, attempt.number, attempt.ending, farm.settings.end_grace))
    elif job.status is JobStatus.PAUSING:
        farm.order(client.id, Pause(0, job.id, attempt.number))
    elif job.status is JobStatus.RESUMING:
        farm.order(client.id, Resume(0, job.id, attempt.number))


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


def _look_at_silence(farm: Farm, id_: int, now: Instant) -> None:
    """A client was online: is it still? Then its running jobs: are they abandoned?"""
    client = farm.clients.get(id_)
    if client is None or now.monotonic < client.silence_due:
        return
    settings, heard = farm.settings, client.heard_monotonic
    if client.online and now.monotonic < heard + farm.offline_after:
        for attempt in list(client.attempts.values()):
            _look_at_lease(farm, attempt.job, now, again=False)
        watch_silence(farm, client, farm.offline_after)
        return
    if client.online:
        client.online = False
        farm.touch_client(client)
        farm.planner.client_changed(client)
        watch_leases(farm, client)
        notes.client_did(farm, client, f"offline: no word for {now.monotonic - heard:.0f} s", now)
    if now.monotonic < heard + settings.abandon_after:
        watch_silence(farm, client, settings.abandon_after)
        return
    for attempt in list(client.attempts.values()):
        job = farm.jobs[attempt.job]
        if attempt.state is AttemptState.STARTED and job.status is not JobStatus.ABANDONED:
            why = f"no word from its client for {now.monotonic - heard:.0f} s"
            lives.become(farm, job, JobStatus.ABANDONED, now, why, client.label)


def watch_silence(farm: Farm, client: Client, seconds: float) -> None:
    """Look at a client when it has been silent for so long; only then, whatever was to be looked at before."""
    client.silence_due = client.heard_monotonic + seconds
    farm.remind(client.silence_due, SILENT, client.id)


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
        over(farm, job, attempt, EndReason.LOST, now)


_LOOKS: Final[dict[str, Callable[[Farm, int, Instant], None]]] = {
    SILENT: _look_at_silence,
    LEASE: _look_at_lease,
    availability.RULES: availability.look_at_rules,
    availability.OVERRIDE: availability.look_at_override,
    flapping.REST: flapping.look_at_rest,
}
