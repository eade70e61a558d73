"""What server and agent say to each other: the messages of `agent.register` and `agent.exchange`.

Each call carries one JSON text (`hqserver.wire.agent_json`) and is answered by one. The agent speaks first, always, so
a render node needs no open port. `Hello` opens a *session*; `Exchange` is report, output, heartbeat and waiting request
in one: the server keeps it open until it has an order for the agent or `wait` seconds have passed.

Rules that both sides rely on:

* Orders are numbered from 1 within a session and repeated in every answer until the agent says that it has seen them
  (`orders_seen`), so a lost answer loses nothing. The agent skips numbers that it has seen.
* Reports are numbered from 1 within a session too. The server answers the highest number on its disk (`reports_seen`);
  until then the agent keeps them on its own disk and sends them again, in order, in each new session.
* Every report names job and attempt. A report about any other attempt than the job's live one changes nothing and is
  acknowledged all the same (fencing), so repeating a report is harmless.
* Output goes by offset: a chunk whose offset is not the server's length is dropped, and the answer (`output_sizes`)
  says where to go on. Output in an exchange is stored before its reports are applied, so a job is never finished
  before its output is there. `Ended.output_bytes` says how much there must be; the agent sends it first.
* A session that the server does not know (it was restarted) is answered by Fault 410: the agent says `Hello` again.
* A lease runs from the moment the agent *sent* the exchange (its own boot clock) for `Start.lease` seconds, for exactly
  the attempts that the answer lists in `renewed`; an order to start is the first renewal of its attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

PROTOCOL: Final = 1
SESSION_UNKNOWN: Final = 410
"""Fault code: say `Hello` again."""
NAME_TAKEN: Final = 409
"""Fault code: another live agent has this client's name; its address is in the text."""
MOST_OUTPUT_BYTES: Final = 1 << 20
"""Most bytes of output in one exchange, all chunks together."""
MOST_REPORTS: Final = 1000
"""Most reports in one exchange."""
HOOKS_FROM: Final = 500_000_000
"""Numbers of attempts from here on are hooks: run like any attempt, but their output goes on with the log of the job's
newest attempt, and they have no say in how the job ends."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What an agent knows of its machine. Bytes are counted in kilobytes (1024), load is the 1-minute average."""

    hostname: str
    platform: str
    """As HQCLIENTARCH: `linux-x86_64`, `windows-x86_64`, `macosx-arm64` ..."""
    cpus: int
    cpu_speed: float = 0.0
    """MHz; 0 when unknown."""
    memory: int = 0
    memory_used: int = 0
    load: float = 0.0
    disk_free: int = 0
    disk_total: int = 0
    idle_minutes: int = -1
    """Minutes since the person at the desk last touched anything; -1 when unknown."""
    gpus: tuple[str, ...] = ()
    utc_offset: int = 0
    """Minutes that its local time is ahead of UTC, for availability rules."""


@dataclass(frozen=True, slots=True)
class OverrideSet:
    """What was said last over a client's rules, by the person at the machine or on the farm.

    Either side may be the first to know; what was said later holds. No clock has to agree: times are durations until
    the message was made. An override that has ended by itself is told as `none` under its old stamp.
    """

    stamp: str
    """Another one each time that somebody says something."""
    mode: str
    """One of `hqserver.wire.clients.Override`."""
    ago: float
    """Seconds since it was said."""
    ends_in: float | None = None
    """Seconds until it ends by itself; None: it does not."""


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt of which the agent has a trace on its disk, in any state, until the server forgot it."""

    job: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Hello:
    """Opens a session. `held` lists every attempt of which this agent has a trace, live or ended."""

    protocol: int
    agent: str
    """The agent's own id, kept in its folder: a name is a label, this is the identity."""
    boot: str
    """Id of the machine's current boot: attempts of an older boot are over."""
    name: str
    """Client name, empty unless several agents share the machine."""
    port: int
    """Of the agent's own XML-RPC; 0: none."""
    version: str
    """Hash of its code (`hqserver.wire.version`)."""
    machine: Machine
    held: tuple[Held, ...] = ()
    draining: bool = False
    """As in `Exchange`."""
    clock: float | None = None
    """What the agent's clock says, seconds since the epoch UTC, to show the skew."""
    asked_at: float = 0.0
    """When it was sent, on the clock that runs since the boot. A hello that was overtaken by a later one is not taken:
    it does not know what was started meanwhile. 0: not told."""
    agent_version: str = ""
    """The number of its release, for people."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to `Hello`. Seconds everywhere."""

    session: str
    client: int
    lease: float
    wait: float
    """How long an exchange may wait: the heartbeat."""
    server_time: float
    """The server's clock, seconds since the epoch UTC, to show the skew."""
    hq_root: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Run a command. It is started at most once per (job, attempt), whatever is repeated."""

    kind: ClassVar[str] = "start"
    number: int
    job: int
    attempt: int
    root: int
    name: str
    command: str
    shell: str
    """A name of the agent's allow-list (`bash`, `sh`, ...); empty: the platform's own."""
    cpus: int
    environment: Mapping[str, str] = field(default_factory=dict)
    """The specification's own variables; the agent adds JOBID and the like."""
    hosts: tuple[str, ...] = ()
    """For HQHOSTS."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """The network folders' variables, HQROOT among them, for the client's platform."""
    max_time: float = 0.0
    """Seconds that it may run, pauses not counted; 0: without limit."""
    no_output_timeout: float = 0.0
    """Seconds that it may be silent, pauses not counted; 0: without limit."""
    lease: float = 0.0
    """Seconds that it may run without word from the server; 0: as `Welcome` says."""


@dataclass(frozen=True, slots=True)
class End:
    """End the attempt's whole process tree, then report `Ended` with this reason. Unknown attempts are answered too."""

    kind: ClassVar[str] = "end"
    number: int
    job: int
    attempt: int
    reason: str
    """One of `EndReason`'s orders: cancelled, ejected, superseded."""
    grace: float = 10.0
    """Seconds between asking politely and killing."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop every process of the attempt, then report `Paused`."""

    kind: ClassVar[str] = "pause"
    number: int
    job: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Continue every process of the attempt, then report `Resumed`."""

    kind: ClassVar[str] = "resume"
    number: int
    job: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Forget:
    """The server has the result on disk: the agent may delete what it kept of these attempts."""

    kind: ClassVar[str] = "forget"
    number: int
    attempts: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class CallIn:
    """Call in at once and tell how the machine is: what `wakeup()` does, over the connection that is open anyway."""

    kind: ClassVar[str] = "call_in"
    number: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Take no new jobs, and leave when the last one is done: what `terminate()` does."""

    kind: ClassVar[str] = "leave"
    number: int


Order = Start | End | Pause | Resume | Forget | CallIn | Leave
ORDERS: Final[dict[str, type[Order]]] = {kind.kind: kind for kind in (Start, End, Pause, Resume, Forget, CallIn, Leave)}


class EndReason:
    """Why an attempt is over, as `Ended.reason` says it."""

    EXITED = "exited"
    """The command ended by itself; `exit_code` and `signal` say how."""
    CANCELLED = "cancelled"
    EJECTED = "ejected"
    RECLAIMED = "reclaimed"
    """The person at the machine took it back: the job runs elsewhere, and that is none of its tries. Without exit code
    and signal: the command was not started at all."""
    SUPERSEDED = "superseded"
    """The server asked because another attempt took its place."""
    TIME = "time"
    """The keeper ended it: it ran longer than `Start.max_time`."""
    SILENT = "silent"
    """The keeper ended it: no output for `Start.no_output_timeout`."""
    OUTPUT = "output"
    """The exit code is 0, but the output says that it failed; `message` holds the line that does."""
    LEASE = "lease"
    """The agent ended it: no word from the server for the whole lease."""
    LOST = "lost"
    """No process and no result is left of it (the machine was restarted, its folder was emptied)."""
    REFUSED = "refused"
    """The command was never started; `message` says why (an unknown shell, no command for this platform, ...)."""
    UNABLE = "unable"
    """This client could not start it now: no room on its disk, no process to be had; `message` says what. It runs
    elsewhere, and that is none of its tries."""
    UNKNOWN = "unknown"
    """The agent has no trace of this attempt and never started it."""


FAILURES: Final = frozenset({EndReason.EXITED, EndReason.REFUSED, EndReason.SILENT, EndReason.OUTPUT})
"""Reasons with which an attempt has failed, `exited` with exit code 0 apart."""
LOSSES: Final = frozenset({EndReason.LOST, EndReason.UNKNOWN, EndReason.LEASE})
"""Reasons with which nobody knows a result: the client was out of touch, or is no more."""


@dataclass(frozen=True, slots=True)
class Started:
    """The command runs."""

    kind: ClassVar[str] = "started"
    number: int
    job: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Progressed:
    """`progress` is 0 to 1."""

    kind: ClassVar[str] = "progressed"
    number: int
    job: int
    attempt: int
    progress: float


@dataclass(frozen=True, slots=True)
class Paused:
    """Every process of the attempt is stopped."""

    kind: ClassVar[str] = "paused"
    number: int
    job: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Every process of the attempt goes on."""

    kind: ClassVar[str] = "resumed"
    number: int
    job: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt is over and no process of it is left. Times are durations, so no clock has to agree."""

    kind: ClassVar[str] = "ended"
    number: int
    job: int
    attempt: int
    reason: str
    exit_code: int | None = None
    """None when it was ended by a signal or never ran."""
    signal: int | None = None
    ran_seconds: float = 0.0
    """Wall time of the command, without pauses."""
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    """Kilobytes."""
    output_bytes: int = 0
    cut_bytes: int = 0
    """Bytes of output that were dropped because of a quota."""
    message: str = ""


Report = Started | Progressed | Paused | Resumed | Ended
REPORTS: Final[dict[str, type[Report]]] = {kind.kind: kind for kind in (Started, Progressed, Paused, Resumed, Ended)}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of output. `data` is base64, `crc` the CRC-32 of the bytes before encoding.

    `offset` counts every byte that the command ever wrote. `cut` of them, those just before `offset`, were dropped
    because of a quota or a full disk and never come.
    """

    job: int
    attempt: int
    offset: int
    data: str
    crc: int
    cut: int = 0


@dataclass(frozen=True, slots=True)
class AgentError:
    """An error that the agent logged, so many times since it last said so."""

    key: str
    """What makes two errors the same, such as the place in the code."""
    message: str
    traceback: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Exchange:
    """Reports, output, heartbeat and waiting request in one."""

    session: str
    orders_seen: int
    wait: float
    """Seconds the server may keep this open; 0: answer at once."""
    live: tuple[Held, ...] = ()
    """Attempts that run (or are paused) here now: what the heartbeat is about."""
    reports: tuple[Report, ...] = ()
    output: tuple[Chunk, ...] = ()
    machine: Machine | None = None
    """Given when it changed noticeably or once a heartbeat."""
    draining: bool = False
    """The agent takes no new jobs and leaves when the last one is done (`terminate()`)."""
    errors: tuple[AgentError, ...] = ()
    """What went wrong in the agent itself since its last exchange."""
    stopping: bool = False
    """The agent takes no new jobs: it is being stopped, and may come back."""
    override: OverrideSet | None = None
    """As the agent knows it; None: nobody ever said anything."""


@dataclass(frozen=True, slots=True)
class OutputSize:
    """How many bytes of an attempt's output the server has."""

    job: int
    attempt: int
    size: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to `Exchange`."""

    orders: tuple[Order, ...] = ()
    reports_seen: int = 0
    renewed: tuple[Held, ...] = ()
    output_sizes: tuple[OutputSize, ...] = ()
    """The server's length of each output that the exchange carried a chunk of."""
    leave: bool = False
    """The server agrees that a draining agent exits now."""
    upgrade: bool = False
    """Somebody asked that this agent be upgraded: its log says so."""
    override: OverrideSet | None = None
    """Given when the farm knows another one than the agent told."""
