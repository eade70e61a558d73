"""What an action needs to be told before it is done: a value that is typed or chosen, or a yes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from hqgui.models.job_store import JobStore
from hqgui.views.job_tree import JobTreeView
from hqgui.views.priority_popup import PriorityPopup


class Asking(QObject):
    """Of one window: actions come in by `ask`, and leave with all that they need."""

    action_wanted = Signal(str, object)
    priority_wanted = Signal(object, int)

    def __init__(self, tree: JobTreeView, jobs: JobStore, window: QWidget) -> None:
        super().__init__(window)
        self._tree = tree
        self._jobs = jobs
        self._window = window
        self._askers: dict[str, Callable[[tuple[int, ...]], object]] = {}

    def add(self, name: str, ask: Callable[[tuple[int, ...]], object]) -> None:
        """What asks for the value of an action that needs one, and sees to the rest itself."""
        self._askers[name] = ask

    def ask(self, name: str, ids: tuple[int, ...]) -> None:
        """An action is wanted for these."""
        if name in self._askers:
            self._askers[name](ids)
        elif name != "set_priority":
            self.action_wanted.emit(name, ids)
        elif len(ids) != 1 or not self._tree.edit_priority():
            self._ask_priority(ids)

    @Slot(int, int)
    def priority_typed(self, job: int, value: int) -> None:
        """A priority was typed into its cell."""
        self.priority_wanted.emit((job,), value)

    def _ask_priority(self, ids: tuple[int, ...]) -> None:
        popup = PriorityPopup(len(ids), int(self._jobs.value(ids[0], "priority") or 0), self._window)
        popup.chosen.connect(lambda value: self.priority_wanted.emit(ids, value))
        popup.open_at(self._tree.place_of_current())
