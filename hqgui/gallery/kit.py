"""What scenes are made with: the window on a made-up farm, and the row of the table that each picture is.

Scenes of one part of the window are a file, `..._scenes.py`; `scenes` puts their tables together.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from hqgui.feed_state import FeedState
from hqgui.gallery.stage import LIVE, OURS, SIZE, Stage, activate, settle
from hqgui.link import Welcome
from hqgui.made_up import rows
from hqgui.views.parts.leaving import unasked

usual = lru_cache(maxsize=4)(rows)
"""The farm of most pictures; nobody changes its rows."""


@dataclass
class Set:
    """What a scene is played with; everything that it opened is closed by `clear`."""

    size: QSize = field(default_factory=lambda: SIZE)
    finished: int = 1208
    """Finished trees of the farm."""
    trees: int = 900
    """Trees of the farm with many jobs."""
    stages: list[Stage] = field(default_factory=list)
    others: list[QWidget] = field(default_factory=list)
    folders: list[tempfile.TemporaryDirectory[str]] = field(default_factory=list)

    def folder(self) -> Path:
        """An empty folder on the disk."""
        self.folders.append(tempfile.TemporaryDirectory(prefix="hqgui-gallery-"))
        return Path(self.folders[-1].name)

    def stage(self, farm: Mapping[str, Any] | None = None, state: FeedState = LIVE, welcome: Welcome = OURS) -> Stage:
        """A main window."""
        made = Stage(usual(self.finished) if farm is None else farm, state, self.size, welcome)
        self.stages.append(made)
        return made

    def show(self, widget: QWidget) -> QWidget:
        """A widget of its own."""
        self.others.append(widget)
        widget.show()
        activate(widget)
        return widget

    def clear(self) -> None:
        """Close everything."""
        for widget in self.others:
            with unasked():
                widget.close()
            widget.deleteLater()
        for stage in self.stages:
            stage.close()
        for folder in self.folders:
            folder.cleanup()
        self.others.clear()
        self.stages.clear()
        self.folders.clear()


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture."""

    name: str
    words: str
    play: Callable[[Set], QWidget]


def normal(at: Set) -> Stage:
    """The window as in the middle of a day: two trees unfolded, a layer selected."""
    stage = at.stage()
    stage.unfold("shot_010_lighting v023", "beauty_key", "volumes_smoke")
    stage.window.go_to_job(stage.job("beauty_key"))
    stage.window.tree.scrollToTop()
    stage.window.inspector.show_details(stage.job("beauty_key"), {"command": COMMAND})
    stage.window.inspector.show_permitted(stage.job("beauty_key"), 24)
    stage.point_at("1061")
    stage.show_clients_from("rnd-141")
    stage.window.tree.setFocus()
    settle()
    return stage


COMMAND: Final = "husk -f 1061 --res 2048 858 $HQROOT/msk/010/ltg.usd"
