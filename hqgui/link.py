"""The only file that speaks to the server: XML-RPC over Qt's own HTTP.

Qt's network thread moves the bytes without Python's lock; what arrives is decoded on the window's own thread in slices
of a few milliseconds, between which the window paints. A thread of Python's would not help: it fights the painting for
the lock and makes it ten times slower.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QByteArray, QObject, QUrl, Signal
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkProxyFactory, QNetworkReply, QNetworkRequest

from hqgui.troubles import LinkError, Refusal, Trouble, http_error, network_error, words_for
from hqserver.wire.codec import ResponseDecoder, encode_request
from hqserver.wire.faults import ApiFault, Code

__all__ = ["Link", "LinkError", "Refusal", "Trouble", "Welcome", "find_local_server", "normal_url", "probe"]

DEFAULT_PORT: Final = 5000
LOCAL_SERVER: Final = f"http://127.0.0.1:{DEFAULT_PORT}"
SLICE_SECONDS: Final = 0.003
_BYTES_AT_ONCE: Final = 32 << 10
_MOST_ERROR_TEXT: Final = 4 << 10


def normal_url(text: str) -> str:
    """`hq01` becomes `http://hq01:5000`. Raises LinkError for what is no address."""
    wanted = text.strip().partition("#")[0]
    url = QUrl(wanted if "://" in wanted else f"http://{wanted}", QUrl.ParsingMode.StrictMode)
    if not wanted or not url.isValid() or not url.host() or url.scheme() not in ("http", "https"):
        raise LinkError(Trouble.ADDRESS, words_for(Trouble.ADDRESS, "", 0, wanted[:80]))
    if url.port() < 0 and url.scheme() == "http":
        url.setPort(DEFAULT_PORT)
    return url.toString().rstrip("/")


class Slices:
    """Lets the window paint now and then while something long is worked off."""

    def __init__(self, seconds: float = SLICE_SECONDS) -> None:
        self._seconds = seconds
        self._end = time.perf_counter() + seconds

    async def breathe(self) -> None:
        """Give way if this slice's time is over."""
        if time.perf_counter() >= self._end:
            await asyncio.sleep(0)
            self._end = time.perf_counter() + self._seconds


class Link(QObject):
    """Calls to one server. Several may be under way at once."""

    measured = Signal(float)
    """Milliseconds that the newest short call took."""

    def __init__(self, url: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.url = normal_url(url)
        self.latency_ms = 0.0
        self._address = QUrl(self.url + "/RPC2" if QUrl(self.url).path() in ("", "/") else self.url)
        QNetworkProxyFactory.setUseSystemConfiguration(True)
        self._network = QNetworkAccessManager(self)
        self._network.setAutoDeleteReplies(False)

    @property
    def host(self) -> str:
        """The server's host name."""
        return self._address.host()

    @property
    def port(self) -> int:
        """The server's port."""
        return self._address.port(443 if self._address.scheme() == "https" else 80)

    async def call(self, method: str, *arguments: object, seconds: float = 15.0) -> Any:
        """The answer to a call. Raises LinkError; its subclass Refusal when the server answered a fault.

        `seconds` without a byte after which the call is given up.
        """
        body = encode_request(method, arguments)
        async with self._reply(body, seconds) as reply:
            return await self._answer(reply, seconds)

    async def measure(self) -> float:
        """Milliseconds that a round trip takes now. Raises LinkError."""
        start = time.perf_counter()
        if await self.call("ping", seconds=10.0) is not True:
            raise self._error(Trouble.NOT_HQUEUE)
        self.latency_ms = (time.perf_counter() - start) * 1000
        self.measured.emit(self.latency_ms)
        return self.latency_ms

    @asynccontextmanager
    async def _reply(self, body: bytes, seconds: float) -> AsyncIterator[QNetworkReply]:
        request = QNetworkRequest(self._address)
        request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, "text/xml")
        request.setHeader(QNetworkRequest.KnownHeaders.UserAgentHeader, "hqgui")
        request.setAttribute(QNetworkRequest.Attribute.Http2AllowedAttribute, False)  # noqa: FBT003
        request.setAttribute(
            QNetworkRequest.Attribute.RedirectPolicyAttribute, QNetworkRequest.RedirectPolicy.ManualRedirectPolicy
        )
        request.setTransferTimeout(int(seconds * 1000))
        request.setDecompressedSafetyCheckThreshold(-1)  # the decoder has limits of its own
        reply = self._network.post(request, QByteArray(body))
        try:
            yield reply
        finally:
            if not reply.isFinished():
                reply.abort()
            reply.deleteLater()

    async def _answer(self, reply: QNetworkReply, seconds: float) -> Any:
        arrived = asyncio.Event()
        reply.readyRead.connect(arrived.set)
        reply.finished.connect(arrived.set)
        decoder = ResponseDecoder()
        slices = Slices()
        start = b""
        while True:
            while reply.bytesAvailable():
                data = bytes(reply.read(_BYTES_AT_ONCE).data())
                if _status(reply) != 200:
                    start = (start + data)[:_MOST_ERROR_TEXT]
                else:
                    self._feed(decoder, data)
                await slices.breathe()
            if reply.isFinished() and not reply.bytesAvailable():
                break
            await arrived.wait()
            arrived.clear()
        self._check(reply, start, seconds)
        return self._close(decoder)

    def _check(self, reply: QNetworkReply, start: bytes, seconds: float) -> None:
        status = _status(reply)
        if status not in (0, 200):
            raise http_error(status, start.decode("utf-8", "replace"), self.host, self.port)
        if reply.error() != QNetworkReply.NetworkError.NoError or status == 0:
            raise network_error(reply.error().name, reply.errorString(), self.host, self.port, seconds)

    def _feed(self, decoder: ResponseDecoder, data: bytes) -> None:
        try:
            decoder.feed(data)
        except ApiFault as fault:
            raise self._error(Trouble.NOT_HQUEUE, fault.text) from fault

    def _close(self, decoder: ResponseDecoder) -> Any:
        try:
            return decoder.close()
        except ApiFault as fault:
            if fault.code in _BROKEN:
                raise self._error(Trouble.UNREADABLE, fault.text) from fault
            raise Refusal(fault.code, fault.text) from fault

    def _error(self, trouble: Trouble, detail: str = "") -> LinkError:
        return LinkError(trouble, words_for(trouble, self.host, self.port, detail))


_BROKEN: Final = (Code.NOT_WELL_FORMED, Code.UNSUPPORTED_ENCODING, Code.INVALID_CHARACTER)


def _status(reply: QNetworkReply) -> int:
    """The HTTP status; 0 while there is none."""
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    return status if isinstance(status, int) else 0


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a server says of itself."""

    url: str
    version: str
    plain: bool
    """A server without our extensions, HQueue's own for example: polled, and some actions are missing."""
    role: str = ""
    user: str = ""
    features: tuple[str, ...] = ()
    epoch: str = ""
    latency_ms: float = 0.0


async def probe(url: str) -> Welcome:
    """Who answers at an address. Raises LinkError, in words for the person who typed it."""
    link = Link(url)
    try:
        return await greet(link)
    finally:
        link.deleteLater()


async def greet(link: Link) -> Welcome:
    """Who answers on a link, and how fast. Raises LinkError."""
    latency = await link.measure()
    try:
        info = await link.call("getServerInfo")
    except Refusal:
        info = None
    if not isinstance(info, dict) or "changes" not in (info.get("features") or ()):
        version = str(await link.call("getVersion"))
        return Welcome(link.url, version, plain=True, latency_ms=latency)
    return Welcome(
        url=link.url,
        version=str(info.get("version", "")),
        plain=False,
        role=str(info.get("role", "")),
        user=str(info.get("user", "")),
        features=tuple(map(str, info["features"])),
        epoch=str(info.get("epoch", "")),
        latency_ms=latency,
    )


async def find_local_server(url: str = LOCAL_SERVER, seconds: float = 2.0) -> str | None:
    """The address of a server on this machine, if one answers."""
    try:
        async with asyncio.timeout(seconds):
            return (await probe(url)).url
    except (LinkError, TimeoutError):
        return None
