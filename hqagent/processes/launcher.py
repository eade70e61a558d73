"""The launcher: a small process of which keepers are forked, since forking a loaded one is dear.

Started once by the agent, with a socket of whole messages as its standard input, and with a folder to practise in
(`hqagent.processes.practice`). Each message carries the socket of a
new keeper; the answer is its process id. It ends when the agent closes the socket, or dies; busy keepers go on. It
imports as little as it can: what it holds, each keeper holds. What every keeper would import or set up for itself it
does beforehand: pages that a keeper does not touch are shared.

Whatever a keeper that was killed leaves behind becomes a child of the launcher, which kills it when the agent asks
(`sweep`): what escaped every other mark does not escape that.
"""

# ruff: noqa: PTH100, PTH120
import gc
import os
import signal
import socket
import sys
import time

_PR_SET_CHILD_SUBREAPER = 36
_LOOKS, _A_MOMENT = 1000, 0.005
_SWEEPS = 100
"""What is forked while one goes on is found by the next."""


def _import_keeper() -> tuple[object, object, object]:
    """The keeper without what its packages hold, which a keeper must not."""
    folder = os.path.dirname(os.path.abspath(__file__))
    for name, path in (("hqagent", os.path.dirname(folder)), ("hqagent.processes", folder)):
        package = type(sys)(name)
        package.__path__ = [path]
        sys.modules[name] = package
    from hqagent.processes import family, keeper, practice

    return keeper, family, practice


def main() -> None:
    """Serve the agent until it is gone."""
    import ctypes
    import resource  # noqa: F401 - os.wait4 needs it

    keeper, family, practice = _import_keeper()
    library = ctypes.CDLL(None, use_errno=True)
    library.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    agent = socket.socket(fileno=0)
    signal.signal(signal.SIGCHLD, _reap)
    for number in keeper.SIGNALS:  # type: ignore[attr-defined]
        signal.signal(number, _ignore)
    practice.practise(sys.argv[1], library.fallocate)  # type: ignore[attr-defined]
    _reaps.append(True)
    library.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    keepers: set[int] = set()
    gc.disable()
    gc.freeze()
    while True:
        message, handles, _, _ = socket.recv_fds(agent, 16, 1)
        if not message:
            return
        command, _, gone = message.partition(b" ")
        if command == b"sweep":
            _sweep(family, keepers, int(gone or 0))
            agent.send(b"0")
            continue
        pid = os.fork()
        if pid == 0:
            _become_keeper(agent, handles[0], keeper, library)
        keepers.add(pid)
        os.close(handles[0])
        try:
            agent.send(str(pid).encode())
        except OSError:  # the agent was killed meanwhile, and so will be whoever it asked for
            return


_reaps: list[bool] = []
"""Empty in a keeper, which reaps its own children, and while the launcher does what a keeper does."""


def _reap(*_: object) -> None:
    """The launcher does not ask how its children ended."""
    try:
        while _reaps and os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _ignore(*_: object) -> None:
    """A signal that only keepers are for."""


def _sweep(family: object, keepers: set[int], gone: int) -> None:
    """Kill what keepers that are gone have left, and all that it started.

    The one that is `gone` may be dying still: its socket closes before its children become ours.
    """
    for _ in range(_LOOKS):
        if gone not in family.children(os.getpid()):  # type: ignore[attr-defined]
            break
        time.sleep(_A_MOMENT)
    for _ in range(_SWEEPS):
        living = family.children(os.getpid())  # type: ignore[attr-defined]
        keepers.intersection_update(living)
        orphans = [pid for pid in living if pid not in keepers]
        if not orphans:
            return
        for orphan in orphans:
            for pid in (orphan, *family.tree(orphan)):  # type: ignore[attr-defined]
                family.kill(pid, signal.SIGKILL)  # type: ignore[attr-defined]


def _become_keeper(agent: socket.socket, handle: int, keeper: object, library: object) -> None:
    _reaps.clear()
    status = 1
    try:
        agent.close()
        os.set_inheritable(handle, False)  # noqa: FBT003
        library.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # type: ignore[attr-defined]
        keeper.serve(socket.socket(fileno=handle), library.fallocate)  # type: ignore[attr-defined]
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
