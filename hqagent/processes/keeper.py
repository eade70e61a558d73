"""The keeper: the small process beside an attempt that outlives the agent.

It is forked from the launcher, never imports more than the launcher has, and needs nobody: it holds a lock on the
attempt's folder, starts the command in a session of its own with its output going to a file, is the reaper of
everything that the command leaves behind, obeys wishes that the agent leaves in the folder, ends the job by itself
when its lease is over, and writes how it ended by renaming a file into place. Then it waits for the next attempt, one
at a time, since making a keeper costs more than keeping one; when the agent is gone it ends.

The folder (`hqagent.spool` writes and reads the other side):

    start    lease, shell, folder to work in, NAME=value ..., separated by NUL
    script   the command
    wish     what the agent wants: `pause`, `resume` or `end REASON GRACE`; a SIGUSR1 says that it changed
    lease    the lease once it was renewed: seconds of CLOCK_BOOTTIME after which the job must not run
    lock     held while the keeper lives; holds its process id
    grave    there, if the attempt must never be started (any more)
    output   stdout and stderr of the command
    exit     how it ended: a word and a value on each line
"""

# ruff: noqa: PTH104, PTH109, PTH110, PTH208, SIM105
import fcntl
import os
import signal
import socket
import time

_SIGNALS = (signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LONGEST_SLEEP = 30.0
_SHORT_SLEEP = 0.05
_DEFAULTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGUSR1)
_LONGEST_MESSAGE = 1 << 16


def serve(agent: socket.socket, umask: int) -> None:
    """Keep one attempt after the other, as the agent names their folders, until the agent is gone."""
    os.setsid()
    while folder := agent.recv(_LONGEST_MESSAGE):
        keep(os.fsdecode(folder), umask)
        try:
            agent.send(b"over")
        except OSError:
            return


def keep(folder: str, umask: int) -> None:
    """Run the attempt in this folder to its end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    os.chdir(folder)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (os.path.exists("grave") or os.path.exists("exit")):
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            Keeper(umask).run()
    finally:
        os.close(lock)
        os.chdir("/")


class Keeper:
    """One attempt."""

    def __init__(self, umask: int) -> None:
        self.umask = umask
        self.main = 0
        self.status: int | None = None
        self.cpu_seconds = 0.0
        self.peak_memory = 0
        self.started = 0.0
        self.lease = 0.0
        self.paused_at: float | None = None
        self.paused_seconds = 0.0
        self.reason = "exited"
        self.ends: list[tuple[float, int]] = []
        """Signals that are still to be sent to the tree, with their time."""

    def run(self) -> None:
        """Start the command and see it through."""
        self.started = time.monotonic()
        self.main = self._spawn()
        while True:
            self._reap()
            if self.status is None:
                self._obey()
                self._act()
            elif self._alive():
                self._kill_rest()
            else:
                break
            signal.sigtimedwait(_SIGNALS, self._next_look())
        self._write_exit()

    def _spawn(self) -> int:
        """Start the command; what prevents it is told in the output, for the person who reads that."""
        lease, shell, folder, *environment = _read("start").split(b"\0")
        self.lease = float(lease)
        output = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        script = os.path.realpath("script")
        home = os.getcwd()
        former = os.umask(self.umask)
        try:
            os.chdir(folder)
            return os.posix_spawn(
                shell,
                [shell, os.fsencode(script)],
                dict(item.split(b"=", 1) for item in environment if b"=" in item),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, output, 1),
                    (os.POSIX_SPAWN_DUP2, output, 2),
                ],
                setsid=True,
                setsigmask=(),
                setsigdef=_DEFAULTS,
            )
        except (OSError, ValueError) as error:
            os.write(output, f"the command cannot be started: {error}\n".encode())
            self.status = 127 << 8
            return 0
        finally:
            os.umask(former)
            os.chdir(home)
            os.close(output)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.cpu_seconds += usage.ru_utime + usage.ru_stime
            self.peak_memory = max(self.peak_memory, usage.ru_maxrss)
            if pid == self.main:
                self.status = status

    def _alive(self) -> bool:
        """Whether anything that the command started is left."""
        return bool(children(os.getpid()))

    def _kill_rest(self) -> None:
        """The command has ended; what it left behind has no say."""
        signal_tree(signal.SIGKILL)

    def _obey(self) -> None:
        words = _read("wish").split()
        if not words:
            return
        if words[0] == b"end" and self.reason == "exited":
            self._end(words[1].decode(), float(words[2]))
        elif words[0] == b"pause" and self.paused_at is None:
            self.paused_at = time.monotonic()
            stop_tree()
            _write("state", b"paused")
        elif words[0] == b"resume" and self.paused_at is not None:
            self._resume()
            _write("state", b"resumed")

    def _resume(self) -> None:
        if self.paused_at is not None:
            self.paused_seconds += time.monotonic() - self.paused_at
            self.paused_at = None
            signal_tree(signal.SIGCONT)

    def _end(self, reason: str, grace: float) -> None:
        """Politely twice, then not; a stopped process must be woken to hear it."""
        self.reason = reason
        now = time.monotonic()
        self.ends = [(now, signal.SIGINT), (now + grace / 2, signal.SIGTERM), (now + grace, signal.SIGKILL)]

    def _act(self) -> None:
        """Send what is due; after the last signal go on killing until nobody is left."""
        if self.reason == "exited" and _boot_time() >= self._lease():
            self._end("lease", 2.0)
        now = time.monotonic()
        while self.ends and self.ends[0][0] <= now:
            number = self.ends.pop(0)[1]
            if number == signal.SIGKILL:
                stop_tree()
                self.ends = [(now + _SHORT_SLEEP, signal.SIGKILL)]
                signal_tree(number)
                return
            signal_tree(number)
            signal_tree(signal.SIGCONT)

    def _next_look(self) -> float:
        if self.status is not None:
            return _SHORT_SLEEP
        waits = [_LONGEST_SLEEP]
        if self.reason == "exited":
            waits.append(self._lease() - _boot_time())
        if self.ends:
            waits.append(self.ends[0][0] - time.monotonic())
        return max(min(waits), 0.0)

    def _lease(self) -> float:
        renewed = _read("lease")
        return float(renewed) if renewed else self.lease

    def _write_exit(self) -> None:
        self._resume()
        status = self.status or 0
        ended = time.monotonic()
        rows = [
            f"reason {self.reason}",
            f"ran {max(ended - self.started - self.paused_seconds, 0.0):.6f}",
            f"cpu {self.cpu_seconds:.6f}",
            f"peak {self.peak_memory}",
        ]
        rows.append(f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"code {os.WEXITSTATUS(status)}")
        _write("exit", "\n".join(rows).encode())


def children(pid: int) -> list[int]:
    """The living children of a process; zombies that nobody reaped yet are left out."""
    found = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    for task in tasks:
        born = map(int, _read(f"/proc/{pid}/task/{task}/children").split())
        found += [child for child in born if _state(child) not in (b"Z", b"X", b"")]
    return found


def tree(root: int) -> list[int]:
    """Every living descendant of a process, parents before children."""
    found: list[int] = []
    stack = [root]
    while stack:
        for child in children(stack.pop()):
            found.append(child)
            stack.append(child)
    return found


def signal_tree(number: int) -> None:
    """Send a signal to every descendant of this process."""
    for pid in tree(os.getpid()):
        _kill(pid, number)


def stop_tree() -> None:
    """Stop every descendant, also those that are forked while this goes on."""
    seen: set[int] = set()
    while True:
        fresh = [pid for pid in tree(os.getpid()) if pid not in seen]
        if not fresh:
            return
        for pid in fresh:
            _kill(pid, signal.SIGSTOP)
            seen.add(pid)


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _state(pid: int) -> bytes:
    stat = _read(f"/proc/{pid}/stat")
    return stat[stat.rfind(b")") + 2 : stat.rfind(b")") + 3]


def _boot_time() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _read(path: str) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(handle, 65536):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(handle)


def _write(path: str, data: bytes) -> None:
    """Whole or not at all."""
    handle = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)
    os.rename(f"{path}.new", path)
