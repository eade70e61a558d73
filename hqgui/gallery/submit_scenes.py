"""Scenes of Submit: the form, its JSON with a mistake, and where it could run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from hqgui.gallery.stage import open_menu, settle
from hqgui.models.submit.form import Form, RunOn
from hqgui.models.submit.presets import Preset
from hqgui.models.submit.where import Where
from hqgui.views.submit.dialog import SubmitDialog

if TYPE_CHECKING:
    from hqgui.gallery.kit import Set

FORM: Final = Form(  # noqa: S604, the name of a field
    name="shot_010_lighting v024",
    command="husk -f $FRAME --res 2048 858\n$HQROOT/msk/010/ltg.usd",
    frames="1001-1096",
    shell="bash",
    priority=8,
    run_on=RunOn.GROUPS,
    names=("lookdev", "highmem"),
    resources={"karma_render": 1},
    tags=("karma", "aov"),
    tries=2,
    tell=True,
)
_WHERE: Final = Where(
    "102 of 148 clients could run it, 17 free now. karma_render: 3 of 64 free",
    "frames (96 jobs): 46 not on the permitted list; 85 busy; 17 free",
    "102 clients",
    102,
    17,
)
_NOWHERE: Final = Where(
    "0 of 148 clients could run it, 0 free now. gpu_bake is not defined on this farm", "", "0 clients", 0, 0
)


def _dialog(at: Set, form: Form = FORM, preset: str = "Karma frames") -> SubmitDialog:
    dialog = SubmitDialog("northlight")
    at.show(dialog)
    dialog.form_page.show_farm(("highmem", "lookdev"), ("rnd-141:", "rnd-142:"), ("karma_render",))
    dialog.show_form(form, preset)
    if form.name:
        dialog.show_where(_WHERE)
    settle()
    return dialog


def _form(at: Set) -> QWidget:
    return _dialog(at)


def _more(at: Set) -> QWidget:
    return _dialog(at, replace(FORM, cpus=4, max_time=90, environment={"HOUDINI_VERBOSE": "1"}))


def _mistakes(at: Set) -> QWidget:
    dialog = _dialog(at, Form(name="", command="husk x.usd", frames="1001-"), "")
    settle()
    return dialog


def _json(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.tabs.setCurrentIndex(1)
    text = dialog.json_page.text.toPlainText().replace('"priority": 8', '"priority": "high"', 1)
    dialog.json_page.show_text(text, {"priority": 8})
    settle()
    return dialog


def _json_right(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.tabs.setCurrentIndex(1)
    dialog.show_where(_WHERE)
    settle()
    return dialog


def _presets(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.preset.saved = [Preset("Karma, 4K", FORM), Preset("Slapcomp", Form(name="slapcomp"))]
    dialog.preset.show_current("Karma, 4K")
    open_menu(dialog.preset)
    return dialog


def _preset_name(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.preset.bar.ask("", "")
    settle()
    return dialog


def _run_on(at: Set) -> QWidget:
    dialog = _dialog(at)
    open_menu(dialog.form_page.run_on)
    return dialog


def _parents(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.form_page.show_parents(((48_212, "shot_010_lighting v023"), (48_301, "shot_044_sim_flip v007")))
    open_menu(dialog.form_page.parent_job)
    return dialog


def _several(at: Set) -> QWidget:
    """A list of jobs, which the form cannot show, that no client could run; it is on its way."""
    dialog = _dialog(at)
    jobs = [
        {"name": f"bake_{name}", "command": f"hython bake.py {name}", "resources": {"gpu_bake": 1}}
        for name in ("rock", "cliff")
    ]
    dialog.show_specification(jobs)
    dialog.show_where(_NOWHERE)
    dialog.show_busy()
    settle()
    return dialog


def _lose(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.form_page.command.set_text("husk -f $FRAME --res 4096 1716\n$HQROOT/msk/010/ltg.usd")
    dialog.form_page.command.changed.emit()
    dialog.close()
    settle()
    return dialog


def _refused(at: Set) -> QWidget:
    dialog = _dialog(at)
    dialog.show_refusal("northlight:5000 stopped answering.", "Submit again: it is never taken twice.")
    settle()
    return dialog


PLAYS: Final = (
    ("submit", "Submit, the form", _form),
    ("submit-more", "Submit, all fields", _more),
    ("submit-mistakes", "Submit, what is missing", _mistakes),
    ("submit-json", "Submit, JSON with a mistake", _json),
    ("submit-json-right", "Submit, JSON", _json_right),
    ("submit-several", "Submit, a list of jobs that no client could run", _several),
    ("submit-presets", "Submit, the menu of presets", _presets),
    ("submit-preset-name", "Submit, a preset gets a name", _preset_name),
    ("submit-run-on", "Submit, where it may run", _run_on),
    ("submit-parents", "Submit, the choice of a parent", _parents),
    ("submit-lose", "Asked before what was written is lost", _lose),
    ("submit-refused", "Submit, the answer was lost", _refused),
)
