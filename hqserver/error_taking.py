"""What the server logs as errors becomes part of the farm, where `getServerErrors` finds it.

Errors are taken at most once a second: a place that fails in a loop costs one record and a count.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hqserver.core.commands import NoteProblem
from hqserver.engine import Engine
from hqserver.wire.error_log import ErrorLog

_PAUSE_SECONDS: Final = 1.0


class ErrorTaking:
    """Between the log of this process and the farm, on the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._errors = ErrorLog(self._heard)
        self._is_due = False

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Take errors for as long as this lasts, the last ones at its end."""
        root = logging.getLogger()
        root.addHandler(self._errors)
        try:
            yield
        finally:
            root.removeHandler(self._errors)
            self._take()

    def _heard(self) -> None:
        """Called on any thread, with the handler's lock."""
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon_threadsafe(self._loop.call_later, _PAUSE_SECONDS, self._take)

    def _take(self) -> None:
        self._is_due = False
        errors = self._errors.pending()
        self._errors.told(errors)
        for error in errors:
            self._engine.apply(NoteProblem(None, error.key, error.message, error.traceback, error.count))
