"""Properties of one job, of several, and the dialog that changes them."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from hqgui.gallery.kit import Scene, Set, normal
from hqgui.gallery.stage import Stage, settle
from hqgui.propertying import Propertying

_TREES: Final = ("shot_020_lighting v011", "shot_044_sim_flip v007", "shot_032_fx_pyro v004", "shot_012_ocean v018")


def _part(stage: Stage) -> Propertying:
    found = stage.window.findChild(Propertying)
    assert isinstance(found, Propertying)
    return found


def _one(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.open_tab(_part(stage).tab)
    settle()
    return stage.window


def _several(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.tree.clearSelection()
    for name in _TREES:
        stage.select(name)
    settle()
    return stage.window


def _edit(at: Set) -> QWidget:
    stage = normal(at)
    jobs = tuple(stage.job(name) for name in _TREES)
    dialog = _part(stage).ask(jobs)
    dialog.edits["cpus"].setText("many")
    dialog.edits["cpus"].setModified(True)
    dialog.edits["cpus"].textEdited.emit("many")
    settle()
    return stage.window


PROPERTIES: Final = (
    Scene("properties", "All properties of a job", _one),
    Scene("properties-several", "What several jobs are together", _several),
    Scene("properties-edit", "Several jobs are changed at once", _edit),
)
