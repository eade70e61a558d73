"""The connection to the server: the only file of the agent that speaks XML-RPC to it.

A connection is kept alive and made anew when it broke. Calls block, so they run in threads of their own: one for the
waiting request, one for everything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from hqserver.wire.codec import decode_response
from hqserver.wire.encoder import encode_request

_MORE_THAN_THE_WAIT = 15.0
"""Seconds beyond its own wait that an answer may take before the connection counts as dead."""


class LinkError(Exception):
    """The server was not reached, or what answered is no server of ours. The text says which."""


class BadAddress(ValueError):
    """The address of the server cannot be used."""


class Link:
    """One connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname:
            raise BadAddress(f"{url!r} is not the address of a server; like http://farm:5000")
        try:
            port = parts.port or 5000
        except ValueError:
            raise BadAddress(f"{url!r} has no usable port") from None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.url = f"http://{host}:{port}"
        self._closed = False
        self._host, self._port = parts.hostname, port
        self._connection: http.client.HTTPConnection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="link")

    async def call(self, method: str, text: str, wait: float = 0.0) -> str:
        """Call a method with one text; answers a text. Raises LinkError, and ApiFault when the server refuses."""
        answer = await self._exchanged(encode_request(method, (text,)), wait)
        if not isinstance(answer, str):
            raise LinkError(f"{self.url} does not answer as a server of ours")
        return answer

    async def ask(self, method: str, *arguments: object) -> object:
        """Call any method. Raises LinkError, and ApiFault when the server refuses."""
        return await self._exchanged(encode_request(method, arguments), 0.0)

    def close(self) -> None:
        """End a call that is under way, and the connection."""
        self._closed = True
        self._drop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _exchanged(self, body: bytes, wait: float) -> object:
        """Whatever a call meets that was closed from under it, it is a lost connection."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._send, body, wait)
        except (RuntimeError, AttributeError, ValueError):
            if self._closed:
                raise LinkError(f"the connection to {self.url} is closed") from None
            raise

    def _send(self, body: bytes, wait: float) -> object:
        fresh = self._connection is None
        try:
            data = self._post(body, wait)
        except http.client.RemoteDisconnected as error:
            if fresh:
                self._drop()
                raise LinkError(f"{self.url} closed the connection") from error
            self._drop()  # a connection that was idle too long: every message may be sent twice
            data = self._retry(body, wait)
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            raise LinkError(f"{self.url} cannot be reached: {_words(error)}") from None
        return decode_response(data)

    def _retry(self, body: bytes, wait: float) -> bytes:
        try:
            return self._post(body, wait)
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            raise LinkError(f"{self.url} cannot be reached: {_words(error)}") from None

    def _post(self, body: bytes, wait: float) -> bytes:
        connection = self._connection
        if connection is None or connection.sock is None:  # http.client lets go of one that the server closes
            connection = http.client.HTTPConnection(self._host, self._port, timeout=_MORE_THAN_THE_WAIT)
            connection.connect()
            if self._closed:
                connection.close()
                raise LinkError(f"the connection to {self.url} is closed")
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection = connection
        connection.sock.settimeout(wait + _MORE_THAN_THE_WAIT)
        connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
        response = connection.getresponse()
        data = response.read()
        if response.status != http.client.OK:
            self._drop()
            raise LinkError(f"{self.url} answers HTTP {response.status}: {data[:200].decode(errors='replace')}")
        return data

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
