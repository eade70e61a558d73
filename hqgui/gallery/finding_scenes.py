"""Finding: the omnibox, the filter language, saved views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QWidget

from hqgui.gallery.kit import Scene, Set, normal
from hqgui.gallery.stage import settle
from hqgui.models.job_filter import Chip, JobFilter
from hqserver.wire.statuses import JobStatus


def _omnibox(text: str) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage = normal(at)
        stage.window.open_omnibox()
        stage.window.omnibox.field.edit.setText(text)
        settle()
        return stage.window

    return play


def _typed(text: str, calm: bool = False) -> Callable[[Set], QWidget]:
    """A filter while it is typed; `calm`: after a moment without typing, when mistakes are told."""

    def play(at: Set) -> QWidget:
        stage = normal(at)
        field = stage.window.filters.field
        field.edit.setFocus()
        field.edit.setText(text)
        if calm:
            field.show_error()
        settle()
        return stage.window

    return play


def _by_status(at: Set) -> QWidget:
    stage = at.stage()
    stage.window.strip.jobs_wanted.emit(JobStatus.FAILED)
    settle()
    return stage.window


def _saved_views(at: Set) -> QWidget:
    stage = normal(at)
    views = stage.window.filters.views
    for name, chips, text in (
        ("Failed tonight", {Chip.FAILED}, "ended>=today"),
        ("Long frames of mine", {Chip.MINE, Chip.UNFINISHED}, "elapsed>2h"),
        ("Simulation", {Chip.ALL}, "group:sim OR resource:houdini"),
    ):
        views.show_filter(JobFilter(frozenset(chips), text))
        views.save(name)
    views.open_menu()
    settle()
    return stage.window


FINDING: Final = (
    Scene("omnibox", "Search over jobs, clients and actions", _omnibox("rnd-14")),
    Scene("omnibox-actions", "Actions by their words", _omnibox("re")),
    Scene("omnibox-none", "A search that finds nothing", _omnibox("nebula")),
    Scene("filter-fields", "The filter offers its fields", _typed("by:mbrandt re")),
    Scene("filter-values", "The filter offers what the farm knows", _typed("prio>=5 by:")),
    Scene("filter-mistake", "The filter says what is wrong", _typed("stats:failed prio>=5", calm=True)),
    Scene("filter-status", "A click on a state in the summary", _by_status),
    Scene("saved-views", "Views that were saved", _saved_views),
)
