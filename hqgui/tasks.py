"""Starts coroutines; none is lost, none fails in silence. The only file that knows qasync.

`spawn` keeps a strong reference to each task until it ends (an event loop keeps weak ones), logs what it raised and
tells `FAILURES`. `run` runs a program's main coroutine on Qt's event loop and cancels what is left when it returns.

Exit is ours, not Qt's: the loop must not stop when the last window is closed, because that may be a dialog, and
coroutines would be cut in their middle. Await `until_closed`, which returns when the program should end.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

T = TypeVar("T")

_LOG: Final = logging.getLogger(__name__)
_TASKS: Final[set[asyncio.Task[Any]]] = set()

FAILURES: Final[list[Callable[[str, BaseException], None]]] = []
"""Called with what failed and why, after it was logged. A window shows it in its status bar."""


def spawn(work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Start `work`; `name` says in a log what it is."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _TASKS.add(task)
    task.add_done_callback(_ended)
    return task


def can_spawn() -> bool:
    """Whether a loop runs; pictures, and tests without a server, have none."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def running() -> tuple[str, ...]:
    """Names of the tasks that were spawned and have not ended."""
    return tuple(task.get_name() for task in _TASKS)


def _ended(task: asyncio.Task[Any]) -> None:
    _TASKS.discard(task)
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        failed(task.get_name(), error)


def failed(what: str, error: BaseException) -> None:
    """Log a failure and tell all who want to know."""
    _LOG.error("%s failed", what, exc_info=error)
    for tell in tuple(FAILURES):
        tell(what, error)


async def cancel(*tasks: asyncio.Task[Any] | None) -> None:
    """End tasks and wait until they ended, whatever they raise meanwhile."""
    alive = [task for task in tasks if task is not None and not task.done()]
    for task in alive:
        task.cancel()
    await asyncio.gather(*alive, return_exceptions=True)


async def answer(signal: Any) -> Any:
    """Wait until a Qt signal is emitted; what it carried (None without a value, a tuple of several)."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def take(*values: object) -> None:
        if not future.done():
            future.set_result(values[0] if len(values) == 1 else values or None)

    signal.connect(take)
    try:
        return await future
    finally:
        with suppress(RuntimeError):  # its owner may be gone by now
            signal.disconnect(take)


async def until_closed(app: QGuiApplication) -> None:
    """Wait until the last window is closed, or the program is told to end by a signal."""
    closed = asyncio.Event()
    app.lastWindowClosed.connect(closed.set)
    try:
        await until_told(closed)
    finally:
        app.lastWindowClosed.disconnect(closed.set)


async def until_told(told: asyncio.Event) -> None:
    """Wait for an event, or for a signal that tells the program to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, told.set)
    await told.wait()


def run(app: QCoreApplication, main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run a program on Qt's event loop and answer its exit code; tasks that are left are cancelled and awaited."""
    if isinstance(app, QGuiApplication):
        app.setQuitOnLastWindowClosed(False)
    loop = event_loop(app)
    _report_everything(loop)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(_main(main))


async def _main(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    try:
        return await main()
    finally:
        await cancel(*_TASKS)


def event_loop(app: QCoreApplication) -> asyncio.AbstractEventLoop:
    """An asyncio event loop that is Qt's own."""
    os.environ.setdefault("QT_API", "pyside6")
    import qasync  # type: ignore[import-untyped]

    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app)
    return loop


def _report_everything(loop: asyncio.AbstractEventLoop) -> None:
    """Slots that raise and callbacks that raise end here instead of on a console that nobody sees."""

    def from_slot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        failed("a signal's slot", error)

    def from_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        failed(str(context.get("message")), error if isinstance(error, BaseException) else RuntimeError("unknown"))

    sys.excepthook = from_slot
    loop.set_exception_handler(from_loop)
