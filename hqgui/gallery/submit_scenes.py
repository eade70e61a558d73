"""Scenes of Submit: the form, its JSON with a mistake, and where it could run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

from hqgui.gallery.stage import settle
from hqgui.models.submit.form import Form, RunOn
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
    ("submit-refused", "Submit, the answer was lost", _refused),
)
