"""A caller that costs little: XML-RPC over one kept connection, the answer taken as bytes."""

from __future__ import annotations

import asyncio
import http.client
import xmlrpc.client
from pathlib import Path
from urllib.parse import urlsplit


class Caller:
    """One connection for one thread."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port)

    def bytes(self, method: str, *arguments: object) -> bytes:
        """The answer as it comes."""
        body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()
        self._connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
        return self._connection.getresponse().read()

    def text(self, method: str, *arguments: object) -> str:
        """The one text that the answer is."""
        return str(xmlrpc.client.loads(self.bytes(method, *arguments).decode())[0][0])


class AsyncCaller:
    """One connection on an event loop."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def text(self, method: str, *arguments: object) -> str:
        """The one text that the answer is. Raises OSError, EOFError, xmlrpc.client.Fault."""
        body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 24)
        reader, writer = self._streams
        try:
            writer.write(
                b"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
                % len(body)
                + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            answer = await reader.readexactly(length)
        except (OSError, EOFError):
            self.close()
            raise
        return _text(answer)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _text(answer: bytes) -> str:
    """Without a parser: what is measured is the server, and its answers are known to be one string."""
    inner, found, _ = answer.partition(b"</string>")
    if not found:
        xmlrpc.client.loads(answer.decode())  # raises the Fault
        return ""
    text = inner.rpartition(b"<string>")[2].decode()
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100.0


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no process {pid}")
