"""Requests as bytes on a socket of our own: what no well-behaved client sends."""

from __future__ import annotations

import socket
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.wire import bodies

PING = bodies.call("ping")


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def fault(self) -> tuple[int, str]:
        """Code and text of the fault in the body."""
        try:
            value = xmlrpc.client.loads(self.body.decode())[0][0]
        except xmlrpc.client.Fault as fault:
            return fault.faultCode, fault.faultString
        raise AssertionError(f"no fault: {value!r}")

    @property
    def value(self) -> Any:
        """The answered value."""
        return xmlrpc.client.loads(self.body.decode())[0][0]


def request(body: bytes = PING, method: str = "POST", path: str = "/RPC2", **headers: str | None) -> bytes:
    """A request; `content_type=...` replaces that header, None leaves it out."""
    fields: dict[str, str | None] = {
        "host": "127.0.0.1",
        "content-type": "text/xml",
        "content-length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def in_chunks(pieces: Iterable[bytes]) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Connection:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """These bytes, all of them."""
        self.socket.sendall(data)

    def read(self, method: str = "POST") -> Answer:
        """The next answer."""
        version, status, *_ = self._file.readline().decode("latin-1").split(" ")
        assert version == "HTTP/1.1"
        headers = {}
        while line := self._file.readline().rstrip(b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        size = 0 if method == "HEAD" else int(headers["content-length"])
        return Answer(int(status), headers, self._file.read(size))

    def ask(self, data: bytes, method: str = "POST") -> Answer:
        """Send and read."""
        self.send(data)
        return self.read(method)

    @property
    def is_closed(self) -> bool:
        """Whether the server closes this connection (waits for it)."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
