"""The launcher: a small process of which keepers are forked, since forking a loaded one is dear.

Started once by the agent, with a socket of whole messages as its standard input. Each message carries the socket of a
new keeper; the answer is its process id. It ends when the agent closes the socket, or dies; busy keepers go on. It
imports as little as it can: what it holds, each keeper holds.
"""

# ruff: noqa: PTH100, PTH120
import gc
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import keeper  # type: ignore[import-not-found]  # the file beside this one; its package holds what a keeper must not

_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Serve the agent until it is gone."""
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    umask = int(sys.argv[1], 8)
    agent = socket.socket(fileno=0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    gc.freeze()
    while True:
        message, handles, _, _ = socket.recv_fds(agent, 16, 1)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            _become_keeper(agent, handles[0], umask, prctl)
        os.close(handles[0])
        agent.send(str(pid).encode())


def _become_keeper(agent: socket.socket, handle: int, umask: int, prctl: object) -> None:
    status = 1
    try:
        agent.close()
        os.set_inheritable(handle, False)  # noqa: FBT003
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # type: ignore[operator]
        keeper.serve(socket.socket(fileno=handle), umask)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
