"""Pictures of how the connection stands, from the question where the farm is to a server that is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QWidget

from hqgui.feed_state import FeedState, Phase
from hqgui.gallery.extras import polled
from hqgui.gallery.kit import Scene, Set, normal, usual
from hqgui.gallery.stage import LIVE, PLAIN, settle
from hqgui.made_up import NOW_SECONDS
from hqgui.models.server_health import ServerError, ServerHealth
from hqgui.polling import count_children
from hqgui.troubles import Trouble, words_for
from hqgui.views.connect_dialog import ConnectDialog

_REFUSED: Final = words_for(Trouble.REFUSED, "northlight", 5000)
_TREES: Final = ("shot_010_lighting v023", "beauty_key")


def _connecting(at: Set) -> QWidget:
    return at.stage({}, FeedState(Phase.CONNECTING, NOW_SECONDS - 1)).window


def _unreachable(at: Set) -> QWidget:
    state = FeedState(Phase.CONNECTING, NOW_SECONDS - 9, next_try=NOW_SECONDS + 8, words=_REFUSED)
    return at.stage({}, state).window


def _loading(at: Set) -> QWidget:
    return at.stage({}, FeedState(Phase.LOADING, NOW_SECONDS - 1)).window


def _polling(at: Set) -> QWidget:
    """What a server without our extensions tells of the same farm, of unfolded trees and the others."""
    stage = at.stage(polled(usual(at.finished), _TREES), LIVE, PLAIN)
    for name in _TREES:
        count_children(stage.session.farm, stage.job(name))
    stage.session.flush()
    stage.unfold(*_TREES)
    stage.window.go_to_job(stage.job("beauty_key"))
    stage.window.tree.scrollToTop()
    stage.window.tree.setFocus()
    settle()
    return stage.window


def _reconnecting(at: Set) -> QWidget:
    stage = normal(at)
    stage.lose(38, next_try=4)
    return stage.window


def _offline(at: Set) -> QWidget:
    stage = normal(at)
    stage.lose(1560, next_try=27)
    return stage.window


_TROUBLE = "the server's disk is full (212 MB free). Make room there, or have old jobs deleted; then submit again."


def _server_error(at: Set) -> QWidget:
    stage = normal(at)
    now = int(NOW_SECONDS)
    full = ServerError("only 212 MB are free in /srv/hq: nothing new is taken", 1, now - 420, now - 420)
    mail = ServerError("mail to mbrandt@northlight: connection refused", 6, now - 9000, now - 1500)
    stage.window.connection.show_health(ServerHealth(_TROUBLE, (full, mail)))
    return stage.window


def _server_errors(at: Set) -> QWidget:
    _server_error(at)
    window = at.stages[-1].window
    window.status.errors_wanted.emit()
    settle()
    return window


_RECENT: Final = ("http://hq01:5000", "http://northlight:5000")


def _connect(at: Set) -> QWidget:
    dialog = ConnectDialog(moving=False)
    at.show(dialog)
    dialog.show_found("http://127.0.0.1:5000", "There is a server on this machine.")
    settle()
    return dialog


def _asked(address: str, show: Callable[[ConnectDialog], None]) -> Callable[[Set], QWidget]:
    """An address that was tested, and what came of it."""

    def play(at: Set) -> QWidget:
        dialog = ConnectDialog(address, _RECENT, moving=False)
        at.show(dialog)
        show(dialog)
        settle()
        return dialog

    return play


_NO_HOST: Final = words_for(Trouble.NO_HOST, "hq1", 5000)
_OURS: Final = "hqserver 1.4.0 answers in 4 ms."
_OTHER: Final = "An HQueue server, version 20.5.410, answers in 11 ms. It will be polled."

CONNECTION: Final = (
    Scene("connecting", "Connecting for the first time", _connecting),
    Scene("unreachable", "The first connection fails", _unreachable),
    Scene("loading", "Loading", _loading),
    Scene("polling", "A server that has to be polled", _polling),
    Scene("reconnecting", "The server is lost", _reconnecting),
    Scene("offline", "The server has been lost for long", _offline),
    Scene("server-error", "The server takes no jobs", _server_error),
    Scene("server-errors", "The errors that the server has counted", _server_errors),
    Scene("connect", "Connect, at the first start", _connect),
    Scene("connect-busy", "Connect, asking", _asked("hq01", lambda dialog: dialog.show_busy("Asking…"))),
    Scene("connect-trouble", "Connect, a wrong address", _asked("hq1", lambda dialog: dialog.show_trouble(_NO_HOST))),
    Scene("connect-success", "Connect, a server answers", _asked("hq01", lambda dialog: dialog.show_success(_OURS))),
    Scene("connect-polled", "Connect, HQueue answers", _asked("hq01", lambda dialog: dialog.show_success(_OTHER))),
)
