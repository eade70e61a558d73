"""Pictures of the output of jobs: read, searched, followed, saved, and what stands there when there is none."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from hqgui.gallery.extras import growing, history, output
from hqgui.gallery.kit import Scene, Set, normal
from hqgui.gallery.stage import Stage, settle
from hqgui.made_up import NOW_SECONDS, ago
from hqgui.models.attempts import attempt_lines
from hqgui.models.output import OutputBuffer
from hqgui.models.output_hits import Hits
from hqgui.troubles import Trouble, words_for
from hqgui.views.inspector import Tab
from hqgui.views.output_view import OutputView, TailState

_SIZE: Final = 24_000_000
_NEW_LINES: Final = 12


def _open(at: Set, job: str = "1042") -> tuple[Stage, OutputView]:
    """The output of a frame, empty."""
    stage = normal(at)
    stage.window.go_to_job(stage.job(job))
    stage.window.tree.scrollToTop()
    stage.window.inspector.open_tab(Tab.OUTPUT)
    return stage, stage.window.inspector.output


def _filled(at: Set) -> tuple[Stage, OutputView]:
    """The end of a log of which the rest is not loaded."""
    stage, part = _open(at)
    buffer, data = OutputBuffer(), output()
    buffer.append(data)
    part.show_buffer(buffer)
    part.show_state(TailState(len(data) + _SIZE, _SIZE, live=False, attempt=2, searchable=True))
    settle()
    return stage, part


def _output(at: Set) -> QWidget:
    return _filled(at)[0].window


def _search(at: Set) -> QWidget:
    stage, part = _filled(at)
    part.show_state(TailState(len(output()), 0, live=False, attempt=2))
    part.search.edit.setText("texture")
    part.search.edit.setFocus()
    part.search.submitted.emit(False)  # noqa: FBT003
    settle()
    return stage.window


def _searching(at: Set) -> QWidget:
    stage, part = _filled(at)
    part.search.edit.setText("texture")
    part.search.edit.setFocus()
    part.search.submitted.emit(False)  # noqa: FBT003
    part.finder.show_hits(Hits((912, 40_881, 2_113_004), searched=_SIZE * 2 // 5, running=True, complete=False))
    settle()
    return stage.window


def _new_lines(at: Set) -> QWidget:
    stage, part = _open(at, "1061")
    buffer = OutputBuffer()
    first, later = growing(_NEW_LINES)
    buffer.append(first)
    part.show_buffer(buffer)
    part.show_state(TailState(len(first), 0, live=True))
    settle()
    part.log.verticalScrollBar().setValue(part.log.verticalScrollBar().maximum() // 2)
    part.apply(buffer.append(later))
    settle()
    return stage.window


def _trouble(at: Set) -> QWidget:
    stage, part = _filled(at)
    part.show_state(
        TailState(len(output()), 0, live=False, words=words_for(Trouble.NO_ANSWER, "northlight", 5000, seconds=15))
    )
    settle()
    return stage.window


def _saving(at: Set) -> QWidget:
    stage, part = _filled(at)
    part.attempts.show_which(1, 2)
    part.show_state(TailState(len(output()) + _SIZE, _SIZE, live=False, attempt=1))
    stage.window.strips.follow("Saving 1042-88-1.log: 41% of 23.1 MB", lambda: None)
    settle()
    return stage.window


def _attempt(number: int, start: int, exit_code: int, size: int) -> dict[str, Any]:
    return {
        "number": number, "startTime": ago(start), "client": "rnd-142", "live": False, "reason": "", "signal": 0,
        "exitCode": exit_code, "outputBytes": size,
    }  # fmt: skip


def _attempts(at: Set) -> QWidget:
    stage, part = _filled(at)
    part.attempts.show_which(2, 2)
    settle()
    rows = [_attempt(1, 7860, 137, 24_220_000), _attempt(2, 5590, 137, _SIZE)]
    part.attempts.open_menu(attempt_lines(rows, 2, NOW_SECONDS))
    settle()
    return stage.window


def _menu(at: Set) -> QWidget:
    stage, part = _filled(at)
    log = part.log
    place = QPoint(40, log.viewport().height() // 2)
    log.setTextCursor(log.cursorForPosition(place))
    log.menu().popup(log.viewport().mapToGlobal(place))
    settle()
    return stage.window


def _nothing(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.inspector.open_tab(Tab.OUTPUT)
    stage.window.inspector.output.show_nothing(
        "No output", "This job has run no command of its own. Open one of its children."
    )
    settle()
    return stage.window


def _history(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.go_to_job(stage.job("1042"))
    stage.window.tree.scrollToTop()
    stage.window.inspector.open_tab(Tab.HISTORY)
    stage.window.inspector.show_history(stage.job("1042"), history())
    settle()
    return stage.window


OUTPUT: Final = (
    Scene("output", "The output of a frame, with its errors", _output),
    Scene("output-search", "A search in the output", _search),
    Scene("output-searching", "A search in all of a log that is loaded in part", _searching),
    Scene("output-new-lines", "Lines that came while somebody reads further up", _new_lines),
    Scene("output-trouble", "The output, when the server does not answer", _trouble),
    Scene("output-saving", "An earlier attempt's output while it is saved", _saving),
    Scene("menu-attempts", "The choice of attempts", _attempts),
    Scene("menu-log", "The menu of a line of the output", _menu),
    Scene("output-none", "A job without output", _nothing),
    Scene("history", "What happened to a frame", _history),
)
