"""What is left behind when something goes wrong: a log that rotates, Qt's own messages, the stack of a hard crash.

A window has no console that anybody reads, so everything goes to a file whose place `hqgui --help` tells.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import sys
import threading
from pathlib import Path
from typing import Final, TextIO

import platformdirs
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_LOG: Final = logging.getLogger("hqgui.qt")
_MOST_BYTES: Final = 2 << 20
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_folder() -> Path:
    """Where the logs are."""
    return Path(platformdirs.user_log_dir("hqgui", appauthor=False))


def keep_logs(folder: Path, program: str, verbose: bool = False) -> None:
    """Write `program.log` and, when the interpreter itself dies, `program-crash.log` in a folder.

    A folder that cannot be written is no reason not to start: then stderr has it all.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler()] if sys.stderr is not None else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / f"{program}.log", maxBytes=_MOST_BYTES, backupCount=2, encoding="utf-8", errors="replace"
            )
        )
        _watch_the_interpreter((folder / f"{program}-crash.log").open("a", encoding="utf-8"))
    except OSError as error:
        sys.stderr.write(f"hqgui: no log is kept: {error}\n")
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, format=_FORMAT, handlers=handlers)
    threading.excepthook = _thread_failed
    qInstallMessageHandler(_qt_said)


_OPEN: Final[list[TextIO]] = []
"""The crash log: it has to stay open as long as the program runs."""


def _watch_the_interpreter(log: TextIO) -> None:
    _OPEN.append(log)
    faulthandler.enable(log, all_threads=True)


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    name = failure.thread.name if failure.thread is not None else "a thread"
    if failure.exc_value is not None:
        logging.getLogger("hqgui").error("%s failed", name, exc_info=failure.exc_value)


def _qt_said(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    with contextlib.suppress(Exception):  # a handler that raises would end the program
        _LOG.log(_LEVELS.get(kind, logging.WARNING), "%s", text)
