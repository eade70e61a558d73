"""The keeper: the small process beside an attempt that outlives the agent.

It is forked from the launcher, never imports more than the launcher has, and needs nobody: it holds a lock on the
attempt's folder, starts the command in a session of its own with its output going to a file, is the reaper of
everything that the command leaves behind, obeys wishes that the agent leaves in the folder, ends the job by itself
when its lease, its time or its time without output is over, and writes how it ended by renaming a file into place.
Then it waits for the next attempt, one at a time, since making a keeper costs more than keeping one; when the agent is
gone it ends.

The folder (`hqagent.spool` writes and reads the other side):

    script   the command
    lock     held while the keeper lives; what agent and keeper tell each other stands in its slots: the keeper's
             process id; the lease, seconds of CLOCK_BOOTTIME after which the job must not run; what the agent wants,
             `pause`, `resume` or `end REASON GRACE`, of which SIGUSR1 tells; and `stopped` or `going` when that is so;
             behind the slots, a value for each of START_FIELDS, then NAME=value ..., separated by NUL
    grave    there, if the attempt must never be started (any more)
    output   stdout and stderr of the command, each byte at the offset at which it was written
    cuts     `offset length` of what was dropped of it
    exit     how it ended: a word and a value on each line
"""

# ruff: noqa: PTH109, SIM105
import fcntl
import os
import select
import signal
import socket
import time

from hqagent.processes.family import Family, put, read, reserve, write
from hqagent.processes.outlet import Outlet
from hqagent.processes.slots import GOING, LEASE, PID, SPACE, STATE, STOPPED, WISH, put_word, word_in

SIGNALS = (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Beside SIGCHLD, what a keeper hears. The launcher has handlers for all of them, since to set one costs memory."""
LONGEST_SLEEP = 1.0
"""The clock of a sleep stands still while the machine is suspended, that of the lease does not: so long may a command
run on after the machine has come back."""
_LEASE_GRACE = 2.0
_SHORT_SLEEP = 0.05
_DEFAULTS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGPIPE,
    signal.SIGXFSZ,
    signal.SIGCHLD,
    signal.SIGUSR1,
)
_LONGEST_PATH = 4096
_E2BIG = 7
_LONGEST_VARIABLE = 128 << 10
"""Bytes, with its name: what Linux takes of one, whatever the limits are."""
_LARGEST_EXIT = 4096
START_FIELDS = ("lease", "max_time", "no_output_timeout", "quota", "umask", "group", "shell", "folder", "name", "at")
"""Three times seconds (the lease is for an agent that takes the attempt up again, and so are the job's name and the
time at the end), bytes, octal, the folder of a control group or nothing, two paths."""
RECLAIMED = "reclaimed"
"""The end for which nobody waits: everything is stopped first, and an end that is under way is made as short."""


def serve(agent: socket.socket, fallocate: object) -> None:
    """Keep one attempt after the other, as the agent names their folders, until the agent is gone."""
    os.setsid()
    bell = make_bell()
    while folder := agent.recv(_LONGEST_PATH):
        keep(folder, bell, fallocate)
        try:
            agent.send(b"over")
        except OSError:
            return


def make_bell() -> int:
    """A descriptor that becomes readable with each signal, and tells its number."""
    reader, writer = os.pipe()
    for end in (reader, writer):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def keep(folder: bytes, bell: int, fallocate: object) -> None:
    """Run the attempt in this folder to its end."""
    os.chdir(folder)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (os.access("grave", os.F_OK) or os.access("exit", os.F_OK)):
            put_word(lock, PID, str(os.getpid()))
            Keeper(lock, bell, fallocate).run()
    finally:
        os.chdir("/")  # whoever may take the lock next finds nobody in the folder
        os.close(lock)


class Keeper:
    """One attempt."""

    def __init__(self, lock: int, bell: int, fallocate: object) -> None:
        start = read("lock")[SPACE:].split(b"\0")
        told = dict(zip(START_FIELDS, start, strict=False))
        self.environment = dict(item.split(b"=", 1) for item in start[len(START_FIELDS) :] if b"=" in item)
        self.max_time = float(told["max_time"])
        self.no_output_timeout = float(told["no_output_timeout"])
        self.umask = int(told["umask"], 8)
        self.shell, self.work = told["shell"], told["folder"]
        self.lock, self.bell = lock, bell
        self.lease = float(word_in(lock, LEASE))
        self.family = Family(told["group"].decode("utf-8", "surrogateescape"))
        self.outlet = Outlet(int(told["quota"]), fallocate)
        self.main = 0
        self.childless = False
        """Whether nobody is left below the keeper, dead ones that were not buried included."""
        self.status: int | None = None
        self.cpu_seconds = 0.0
        self.peak_memory = 0
        self.started = time.monotonic()
        self.paused_at: float | None = None
        self.paused_seconds = 0.0
        self.heard_after_pause = 0.0
        """The time without output does not count what was before a pause's end."""
        self.reason = "exited"
        self.hurried = False
        self.ends: list[tuple[float, int]] = []
        """Signals that are still to be sent to the family, with their time."""

    def run(self) -> None:
        """Start the command and see it through."""
        self._reserve()
        if _boot_time() < self.lease:
            self._start()
        else:
            self._come_too_late()
        poll = select.poll()
        poll.register(self.bell, select.POLLIN)
        poll.register(self.outlet, select.POLLIN)
        listening = True
        self._obey()
        while True:
            self._reap()
            if self.status is None:
                self._act()
            elif not self.childless or self.family.is_in_group():
                self.family.kill()  # the command has ended; what it left behind has no say
            else:
                break
            for handle, _ in poll.poll(self._next_look() * 1000):
                if handle == self.bell:
                    self._hear()
                else:
                    self.outlet.pump()
            if listening and not self.outlet.is_open:
                poll.unregister(self.outlet)
                listening = False
        self.outlet.finish()
        self._write_exit()
        self.family.close()

    def _reserve(self) -> None:
        """An exit must find room on a disk that is full by then; on one that is full already it tries its luck."""
        try:
            reserve("exit", _LARGEST_EXIT)
        except OSError:
            pass

    def _start(self) -> None:
        """Start the command; what prevents it is told in the output, for the person who reads that."""
        home = os.getcwdb()
        former = os.umask(self.umask)
        try:
            os.chdir(self.work)
            self.main = (self._spawn_in_group if self.family.group else self._spawn)(home + b"/script")
        except (OSError, ValueError) as error:
            self.outlet.say(self._why_not(error))
            self.status = 127 << 8
        finally:
            os.umask(former)
            os.chdir(home)
            self.outlet.handed_over()

    def _come_too_late(self) -> None:
        """The machine slept between the order and now: by now the job may run elsewhere, so not a word of it is run."""
        self.outlet.say("the command is not started: its lease was over by then\n")
        self.outlet.handed_over()
        self.reason, self.status = "lease", signal.SIGKILL

    def _why_not(self, error: OSError | ValueError) -> str:
        """What prevented the start, for the job's output."""
        reason = str(error)
        if isinstance(error, OSError) and error.errno == _E2BIG and self.environment:
            name = max(self.environment, key=lambda one: len(self.environment[one]))
            reason = (
                f"its variables are too long for this system: {os.fsdecode(name)} has {len(self.environment[name])} "
                f"bytes, and one may have {_LONGEST_VARIABLE}; pass it in a file"
            )
        return f"the command cannot be started: {reason}\n"

    def _spawn(self, script: bytes) -> int:
        writer = self.outlet.end_for_command()
        return os.posix_spawn(
            self.shell,
            [self.shell, script],
            self.environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, writer, 1),
                (os.POSIX_SPAWN_DUP2, writer, 2),
            ],
            setsid=True,
            setsigmask=(),
            setsigdef=_DEFAULTS,
        )

    def _spawn_in_group(self, script: bytes) -> int:
        """The command enters its control group before it is itself, so nothing of it is ever outside."""
        writer = self.outlet.end_for_command()
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            put(f"{self.family.group}/cgroup.procs", b"0")
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            for number in _DEFAULTS:
                signal.signal(number, signal.SIG_DFL)
            os.execve(self.shell, [self.shell, script], self.environment)  # noqa: S606
        except OSError as error:
            os.write(2, self._why_not(error).encode())
        finally:
            os._exit(127)

    def _hear(self) -> None:
        """Which signals came."""
        try:
            numbers = os.read(self.bell, 512)
        except BlockingIOError:
            return
        if signal.SIGUSR1 in numbers:
            self._obey()

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = True
                return
            if pid == 0:
                return
            self.cpu_seconds += usage.ru_utime + usage.ru_stime
            self.peak_memory = max(self.peak_memory, usage.ru_maxrss)
            if pid == self.main:
                self.status = status

    def _obey(self) -> None:
        words = word_in(self.lock, WISH).split()
        if not words or self.status is not None:
            return
        if words[0] == "end" and self.reason == "exited":
            if words[1] == RECLAIMED:
                self.family.stop()
            self._end(words[1], float(words[2]))
        elif words[0] == "end" and words[1] == RECLAIMED and not self.hurried:
            self.hurried = True
            self._end(self.reason, float(words[2]))
        elif words[0] == "pause" and self.paused_at is None:
            self.paused_at = time.monotonic()
            self.family.stop()
            put_word(self.lock, STATE, STOPPED)
        elif words[0] == "resume" and self.paused_at is not None:
            self._resume()
            put_word(self.lock, STATE, GOING)

    def _resume(self) -> None:
        if self.paused_at is not None:
            self.heard_after_pause = time.monotonic()
            self.paused_seconds += self.heard_after_pause - self.paused_at
            self.paused_at = None
            self.family.resume()

    def _end(self, reason: str, grace: float) -> None:
        """Politely twice, then not; a stopped process must be woken to hear it."""
        self.reason = reason
        now = time.monotonic()
        self.ends = [(now, signal.SIGINT), (now + grace / 2, signal.SIGTERM), (now + grace, signal.SIGKILL)]

    def _act(self) -> None:
        """Send what is due; after the last signal go on killing until nobody is left."""
        if self.reason == "exited":
            self._look_at_limits()
        now = time.monotonic()
        while self.ends and self.ends[0][0] <= now:
            number = self.ends.pop(0)[1]
            if number == signal.SIGKILL:
                self.ends = [(now + _SHORT_SLEEP, signal.SIGKILL)]
                self.family.kill()
                return
            self.family.signal(number)
            self.family.resume()

    def _look_at_limits(self) -> None:
        if _boot_time() >= self.lease:
            self.lease = float(word_in(self.lock, LEASE))
            late = _boot_time() - self.lease
            if late >= 0:
                self._end("lease", after_the_lease(late))
                return
        for reason, left in self._limits():
            if left <= 0:
                self._end(reason, 10.0)
                return

    def _limits(self) -> list[tuple[str, float]]:
        """Seconds that are left of what was limited; a paused job is not held to them."""
        if self.paused_at is not None:
            return []
        now = time.monotonic()
        found = []
        if self.max_time:
            found.append(("time", self.started + self.paused_seconds + self.max_time - now))
        if self.no_output_timeout:
            heard = max(self.outlet.last_at, self.heard_after_pause)
            found.append(("silent", heard + self.no_output_timeout - now))
        return found

    def _next_look(self) -> float:
        if self.status is not None:
            return _SHORT_SLEEP
        waits = [LONGEST_SLEEP]
        if self.reason == "exited":
            waits.append(self.lease - _boot_time())
            waits += (left for _, left in self._limits())
        if self.ends:
            waits.append(self.ends[0][0] - time.monotonic())
        return max(min(waits), 0.0)

    def _write_exit(self) -> None:
        self._resume()
        status = self.status or 0
        ended = time.monotonic()
        rows = [
            f"reason {self.reason}",
            f"ran {max(ended - self.started - self.paused_seconds, 0.0):.6f}",
            f"cpu {self.cpu_seconds:.6f}",
            f"peak {self.peak_memory}",
            f"output {self.outlet.total}",
            f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"code {os.WEXITSTATUS(status)}",
        ]
        text = "\n".join(rows).encode()
        while True:
            try:
                write("exit", text)
                return
            except FileNotFoundError:  # the folder is gone, and with it whoever wanted to know
                return
            except OSError:  # no room yet: the one thing that must not be lost waits for it
                time.sleep(1.0)


def after_the_lease(late: float) -> float:
    """Seconds that a command has to end by itself when its lease ended so long ago: soon it may run elsewhere."""
    return max(_LEASE_GRACE - late, 0.0)


def _boot_time() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
