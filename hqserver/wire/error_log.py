"""Errors that a program logs, gathered until somebody takes them: `getServerErrors` and `getClientErrors` answer them.

Errors from the same place are one, and counted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Final

from hqserver.wire.agent import AgentError

_MOST: Final = 50
"""Different ones that are kept; what comes when there are so many is in the log alone."""
_LONGEST_MESSAGE: Final = 2000
_LONGEST_TRACEBACK: Final = 16_000
_FORMATTER: Final = logging.Formatter()


def _nothing() -> None:
    pass


class ErrorLog(logging.Handler):
    """A log handler. `on_news` is called, on whatever thread, when there is something to take."""

    def __init__(self, on_news: Callable[[], None] = _nothing) -> None:
        super().__init__(logging.ERROR)
        self._on_news = on_news
        self._pending: dict[str, AgentError] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Note an error. `logging` holds the handler's lock."""
        try:
            self._note(record)
            self._on_news()
        except Exception:  # noqa: BLE001 - logging must never fail its caller
            self.handleError(record)

    def _note(self, record: logging.LogRecord) -> None:
        key = _key(record)
        known = self._pending.get(key)
        if known is None and len(self._pending) >= _MOST:
            return
        trace = _FORMATTER.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        message, trace = _plain(record.getMessage())[:_LONGEST_MESSAGE], _plain(trace)[-_LONGEST_TRACEBACK:]
        self._pending[key] = AgentError(key, message, trace, known.count + 1 if known is not None else 1)

    def pending(self) -> tuple[AgentError, ...]:
        """What nobody has taken yet."""
        self.acquire()
        try:
            return tuple(self._pending.values())
        finally:
            self.release()

    def told(self, errors: Iterable[AgentError]) -> None:
        """These were taken; what came on top of them stays."""
        self.acquire()
        try:
            for error in errors:
                now = self._pending.pop(error.key, error)
                if now.count > error.count:
                    self._pending[error.key] = replace(now, count=now.count - error.count)
        finally:
            self.release()


def _key(record: logging.LogRecord) -> str:
    """Where it was logged and, for an exception, where it was raised."""
    place = f"{record.name} {record.filename}:{record.lineno}"
    if not record.exc_info or record.exc_info[0] is None:
        return place
    kind, _, trace = record.exc_info
    return f"{place} {kind.__name__}{_origin(trace)}"


def _origin(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else ""


def _plain(text: str) -> str:
    """What the wire and every database take."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
