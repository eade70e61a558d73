"""One instance of a program for a person: the second hands over what it was asked for, and ends.

A socket of the person's own, named after the program. Messages are JSON, one a connection; who sends them is the same
person, so they are believed, but nothing in them is ever run.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from hqserver.wire.local import own_user

_LOG: Final = logging.getLogger(__name__)
_WAIT_MS: Final = 1_000
_MOST_BYTES: Final = 64 << 10
_READ: Final = b"ok\n"


def socket_name(program: str) -> str:
    """Of the person's own instance of a program: of those that keep what they remember in the same folder."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return f"hqfarm-{program}-{own_user()}-{hashlib.sha256(folder.encode()).hexdigest()[:12]}"


def hand_over(name: str, message: Mapping[str, Any]) -> bool:
    """Give a message to the instance that runs; False: none does."""
    link = QLocalSocket()
    if not _reaches(link, name):
        return False
    link.write(json.dumps(dict(message)).encode() + b"\n")
    link.flush()
    return link.waitForReadyRead(_WAIT_MS) and bytes(link.readAll().data()) == _READ


def _reaches(link: QLocalSocket, name: str) -> bool:
    link.connectToServer(name)
    return link.waitForConnected(_WAIT_MS)


class Instance(QObject):
    """The instance that runs: it hears what others were asked for. Where another one hears already, it does not."""

    asked = Signal(object)
    """A dict."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        if _reaches(QLocalSocket(self), name):  # asked first: listening would take the name from it
            return
        QLocalServer.removeServer(name)  # of one that was killed: nobody answers on it
        if not self._server.listen(name):
            _LOG.warning("others cannot hand over to this instance: %s", self._server.errorString())

    @property
    def hears(self) -> bool:
        """Whether it is the one that hears."""
        return self._server.isListening()

    def _connected(self) -> None:
        while (link := self._server.nextPendingConnection()) is not None:
            link.disconnected.connect(link.deleteLater)
            link.readyRead.connect(lambda link=link: self._read(link))

    def _read(self, link: QLocalSocket) -> None:
        if not link.canReadLine():
            if link.bytesAvailable() > _MOST_BYTES:
                link.abort()
            return
        try:
            message = json.loads(bytes(link.readLine(_MOST_BYTES).data()))
        except ValueError:
            link.abort()
            return
        link.write(_READ)
        link.flush()
        link.disconnectFromServer()
        if isinstance(message, dict):
            self.asked.emit(message)

    def close(self) -> None:
        """Hear no more."""
        self._server.close()
