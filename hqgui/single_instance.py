"""One instance of a program for a person: the second hands over what it was asked for, and ends.

A socket of the person's own, named after the program. Messages are JSON, one a connection; who sends them is the same
person, so they are believed, but nothing in them is ever run. A program of which there may be only one takes a lock
before it listens: of two that start at once one has it, and a lock of a process that was killed is nobody's.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from hqserver.wire.local import own_user

_LOG: Final = logging.getLogger(__name__)
_WAIT_MS: Final = 1_000
_QUESTION_MS: Final = 200
"""How long an answer to a question is waited for: somebody else waits meanwhile."""
_PATIENCE_SECONDS: Final = 15.0
"""How long one that starts at the same time may need until it listens."""
_MOST_BYTES: Final = 64 << 10
_YES: Final = b"ok\n"
_NO: Final = b"no\n"

Questions = Mapping[str, Callable[[object], bool]]
"""What others may ask of an instance, by name; they are answered, and are no wishes."""


def socket_name(program: str) -> str:
    """Of the person's own instance of a program: of those that keep what they remember in the same folder."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return f"hqfarm-{program}-{own_user()}-{hashlib.sha256(folder.encode()).hexdigest()[:12]}"


def hand_over(name: str, message: Mapping[str, Any], wait_ms: int = _WAIT_MS) -> bool:
    """Give a message to the instance that runs; False: none does, or it does not answer within the wait."""
    link = QLocalSocket()
    if not _reaches(link, name, wait_ms):
        return False
    link.write(json.dumps(dict(message)).encode() + b"\n")
    link.flush()
    return link.waitForReadyRead(wait_ms) and bytes(link.readAll().data()) == _YES


def answers_yes(name: str, question: str, value: object) -> bool:
    """Whether an instance runs that answers a question with yes, soon."""
    return hand_over(name, {"question": question, "value": value}, _QUESTION_MS)


def _reaches(link: QLocalSocket, name: str, wait_ms: int = _WAIT_MS) -> bool:
    link.connectToServer(name)
    return link.waitForConnected(wait_ms)


class Claim:
    """The right to be the one instance. `holds` as long as it is kept; the system takes it from a process that dies."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        place = _folder_of_locks() if folder is None else folder
        self._lock = QLockFile(str(place / f"{name}.lock"))
        self._lock.setStaleLockTime(0)
        self.holds = self._lock.tryLock(0)

    def try_again(self) -> bool:
        """Whether it holds now."""
        self.holds = self.holds or self._lock.tryLock(0)
        return self.holds

    @property
    def holder(self) -> int:
        """The process that has it; 0: not known."""
        found: object = self._lock.getLockInfo()
        return int(found[0]) if isinstance(found, tuple) and found else 0

    @property
    def is_possible(self) -> bool:
        """Whether there can be a lock at all: a folder may be full, or not be there."""
        return self.holds or self._lock.error() is QLockFile.LockError.LockFailedError


def _folder_of_locks() -> Path:
    """A folder of this machine and of this person alone."""
    kinds = QStandardPaths.StandardLocation
    for kind in (kinds.RuntimeLocation, kinds.TempLocation):
        folder = QStandardPaths.writableLocation(kind)
        if folder and Path(folder).is_dir():
            return Path(folder)
    return Path(QStandardPaths.writableLocation(kinds.GenericConfigLocation))


def claim_or_hand_over(
    name: str, message: Mapping[str, Any], patience: float = _PATIENCE_SECONDS
) -> tuple[Claim, bool]:
    """Become the one instance, or give the message to it: the claim, and whether somebody took the message.

    A claim that does not hold and a message that nobody took: the one instance runs and does not answer.
    """
    claim, until = Claim(name), time.monotonic() + patience
    while not claim.try_again():
        if hand_over(name, message):
            return claim, True
        if not claim.is_possible:
            _LOG.warning("no lock can be made for %s: two of it may run", name)
            return claim, False
        if time.monotonic() > until:
            return claim, False
        time.sleep(0.1)  # it is starting, or ending
    return claim, False


class Instance(QObject):
    """The instance that runs: it hears what others were asked for. Where another one hears already, it does not."""

    asked = Signal(object)
    """A dict."""

    def __init__(self, name: str, questions: Questions | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._questions: Questions = questions or {}
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
        is_question = isinstance(message, dict) and "question" in message
        link.write(_YES if not is_question or self._says_yes(message) else _NO)
        link.flush()
        link.disconnectFromServer()
        if isinstance(message, dict) and not is_question:
            self.asked.emit(message)

    def _says_yes(self, message: Mapping[str, Any]) -> bool:
        judge = self._questions.get(str(message["question"]))
        return judge is not None and judge(message.get("value"))

    def close(self) -> None:
        """Hear no more."""
        self._server.close()
