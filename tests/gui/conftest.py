"""Windows are tested without a display, and write into nobody's home folder.

Any failure inside a slot, any complaint of Qt's and any task that fails is a failure of the test.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from hqgui.tasks import FAILURES
from hqgui.theme import look
from hqgui.views.parts.icons import offer_to_style_sheet
from tests.gui.windows import OpenWindow, settle

OFFSCREEN = ("This plugin does not support", "QObject::connect: No such signal QPlatformNativeInterface::systemTray")
"""What Qt says where there is no screen."""

Opener = Callable[..., OpenWindow]


def usual_look() -> None:
    """Dark, at 100 %. What looks like that already is not dressed anew, which takes a while where windows are open."""
    usual = {"theme": "dark", "zoom": 1.0, "density": "default", "high_contrast": False}
    if not look()._dressed or any(getattr(look(), name) != value for name, value in usual.items()):
        look().choose(theme="dark", zoom=1.0, density="default", high_contrast=False)


@pytest.fixture(autouse=True)
def complaints(qapp: QApplication) -> Iterator[list[str]]:
    """What went wrong where no test looks; empty at the end."""
    found: list[str] = []

    def said(kind: QtMsgType, context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not text.startswith(OFFSCREEN):
            found.append(text)

    def failed(what: str, error: BaseException) -> None:
        found.append(f"{what}: {error!r}")

    qInstallMessageHandler(said)
    FAILURES.append(failed)
    offer_to_style_sheet()
    usual_look()
    yield found
    FAILURES.remove(failed)
    qInstallMessageHandler(None)
    assert found == []


@pytest.fixture
def open_window(qapp: QApplication, tmp_path: Path) -> Iterator[Opener]:
    """Opens windows without a server, and closes them."""
    opened: list[OpenWindow] = []

    def open_one(**options: object) -> OpenWindow:
        opened.append(OpenWindow(tmp_path, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
    settle()
