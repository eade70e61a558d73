"""Every process that an attempt ever started: found, signalled, stopped and killed.

The keeper is the reaper of everything below it, so whatever a command leaves behind becomes its child, in whichever
session and with whatever environment. Where the agent was given a control group of its own (systemd's `Delegate=yes`),
the family also has one: the kernel then freezes and kills it as one, which no race of forks escapes.
"""

# ruff: noqa: PTH104, PTH106, PTH110, PTH208, SIM105
import os
import signal
import time

_FREEZE_SECONDS = 5.0
_PIECE = 4096


class Family:
    """The descendants of this process."""

    def __init__(self, group: str = "") -> None:
        self.group = group
        """Folder of the family's own control group; empty: it has none."""

    def members(self) -> list[int]:
        """Everybody who is alive, parents before children."""
        found = tree(os.getpid())
        if self.group:
            found += [pid for pid in map(int, read(f"{self.group}/cgroup.procs").split()) if pid not in found]
        return found

    def is_in_group(self) -> bool:
        """Whether anybody is left in the control group, if there is one."""
        return bool(self.group) and bool(read(f"{self.group}/cgroup.procs").split())

    def signal(self, number: int) -> None:
        """Send a signal to everybody."""
        for pid in self.members():
            kill(pid, number)

    def stop(self) -> None:
        """Stop everybody, also those that are forked while this goes on."""
        self._freeze()
        seen: set[int] = set()
        while True:
            fresh = [pid for pid in self.members() if pid not in seen]
            if not fresh:
                return
            for pid in fresh:
                kill(pid, signal.SIGSTOP)
                seen.add(pid)

    def resume(self) -> None:
        """Let everybody go on."""
        self._thaw()
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill everybody; to be repeated until nobody is left."""
        if self.group:
            put(f"{self.group}/cgroup.kill", b"1")
        self.stop()
        self.signal(signal.SIGKILL)
        self._thaw()

    def close(self) -> None:
        """The family is over."""
        if self.group:
            try:
                os.rmdir(self.group)
            except OSError:
                pass

    def _freeze(self) -> None:
        if self.group and put(f"{self.group}/cgroup.freeze", b"1"):
            end = time.monotonic() + _FREEZE_SECONDS
            while b"frozen 1" not in read(f"{self.group}/cgroup.events") and time.monotonic() < end:
                time.sleep(0.001)

    def _thaw(self) -> None:
        if self.group:
            put(f"{self.group}/cgroup.freeze", b"0")


def children(pid: int) -> list[int]:
    """The living children of a process; zombies that nobody reaped yet are left out."""
    found = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    if not os.path.exists(f"/proc/{pid}/task/{pid}/children"):
        return _children_by_scan(pid)
    for task in tasks:
        born = map(int, read(f"/proc/{pid}/task/{task}/children").split())
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


def _children_by_scan(parent: int) -> list[int]:
    """Where the kernel was built without the list of children."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _fields(int(name))
            if len(fields) > 1 and int(fields[1]) == parent and fields[0] not in (b"Z", b"X"):
                found.append(int(name))
    return found


def kill(pid: int, number: int) -> None:
    """Send a signal, if there is anybody to hear it."""
    try:
        os.kill(pid, number)
    except OSError:
        pass


def _state(pid: int) -> bytes:
    fields = _fields(pid)
    return fields[0] if fields else b""


def _fields(pid: int) -> list[bytes]:
    """The fields of a process's stat line after its name."""
    stat = read(f"/proc/{pid}/stat")
    return stat[stat.rfind(b")") + 2 :].split()


def put(path: str, data: bytes) -> bool:
    """Write to a file that is there; whether that was possible."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(handle, data)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def read(path: str) -> bytes:
    """The whole of a file; nothing when there is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(handle, _PIECE):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(handle)


def write(path: str, data: bytes, *, sync: bool = False) -> None:
    """Whole or not at all; over what `reserve` set aside, if that was done. Raises OSError."""
    handle = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(handle, data, 0)
        os.ftruncate(handle, len(data))
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)
    os.rename(f"{path}.new", path)


def reserve(path: str, size: int) -> None:
    """Set space aside for a later `write`, which must go well when the disk is full. Raises OSError."""
    handle = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)
