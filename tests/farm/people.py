"""What the tray does: speaks to the agents of this machine on their sockets, as a person of this machine."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from pathlib import Path

from hqserver.wire import local


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        try:
            self.sock.connect(str(self._path))
        except OSError:
            self.sock.close()
            raise


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        return _Connection(self._path)


def agent_at(path: Path) -> xmlrpc.client.ServerProxy:
    """An agent's functions for people."""
    return xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=_Transport(path), allow_none=True)


def socket_of(folder: Path) -> Path:
    """The socket of the one agent that was started with this folder as its XDG_RUNTIME_DIR. FileNotFoundError if none."""
    paths = list(local.sockets(only_agents_of(folder), local.own_user()))
    if not paths:
        raise FileNotFoundError(f"there is no socket of an agent below {folder}")
    (path,) = paths
    return path


def only_agents_of(folder: Path) -> dict[str, str]:
    """The environment of a person whose machine has these agents alone: nobody else's may be taken back by a test."""
    return {"XDG_RUNTIME_DIR": str(folder), "HQAGENT_SOCKETS": str(folder / "hqagent")}


def agent_of(folder: Path) -> xmlrpc.client.ServerProxy:
    """Its functions."""
    return agent_at(socket_of(folder))
