"""The tray's context menu: what can be done without opening anything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from hqgui.models.formats import one_line
from hqgui.models.tray.facts import TrayFacts
from hqgui.models.tray.keeping import Keep, menu_words
from hqgui.models.tray.news import NewsKind
from hqgui.views.parts.icons import icon
from hqgui.views.parts.menu import Menu, plain


class TrayMenu(QObject):
    """The menu and its actions, brought up to date by `show_facts`."""

    available_wanted = Signal(bool)
    rules_wanted = Signal(bool)
    """Whether the schedule is followed."""
    keep_wanted = Signal(str)
    take_back_wanted = Signal(bool)
    pause_wanted = Signal()
    retry_wanted = Signal()
    loud_wanted = Signal(str, bool)
    quiet_wanted = Signal(bool)
    open_wanted = Signal()
    """The popup."""
    wrangler_wanted = Signal()
    submit_wanted = Signal()
    preferences_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = Menu()
        self._facts = TrayFacts()
        add = self._add
        self.open = add(self.tr("My machine and my jobs"), self.open_wanted.emit)
        self.menu.addSeparator()
        self.available = add(
            self.tr("Available to the farm"), lambda: self.available_wanted.emit(not self._facts.machine.on), on=True
        )
        self.rules = add(
            self.tr("Follow the schedule"), lambda: self.rules_wanted.emit(not self._facts.rules_on), on=True
        )
        self.keep = Menu(self.tr("Keep it mine"), self.menu)
        self.menu.addMenu(self.keep)
        self.keeps = {keep: self._add_keep(keep) for keep in Keep}
        self.take_back = add(self.tr("Take it back now"), self._take_back)
        self.menu.addSeparator()
        self.pause = add(self.tr("Pause my jobs"), self.pause_wanted.emit)
        self.retry = add(self.tr("Retry my failed frames"), self.retry_wanted.emit)
        self.menu.addSeparator()
        self.finished = self._add_loud(self.tr("Notify when finished"), NewsKind.FINISHED)
        self.failed = self._add_loud(self.tr("Notify when failed"), NewsKind.FAILED)
        self.quiet = add(self.tr("Quiet until 18:00"), lambda: self.quiet_wanted.emit(not self._facts.quiet), on=True)
        self.menu.addSeparator()
        self.wrangler = add(self.tr("Open Wrangler"), self.wrangler_wanted.emit)
        self.submit = add(self.tr("Submit job…"), self.submit_wanted.emit)
        self.menu.addSeparator()
        self.state = add("", lambda: None)
        self.state.setEnabled(False)
        self.preferences = add(self.tr("Preferences…"), self.preferences_wanted.emit)
        self.quit = add(self.tr("Quit"), self.quit_wanted.emit)

    def _add(self, words: str, act: Callable[[], object], on: bool | None = None) -> QAction:
        action = QAction(words, self.menu)
        action.setCheckable(on is not None)
        action.triggered.connect(lambda _=False: act())
        self.menu.addAction(action)
        return action

    def _add_keep(self, keep: Keep) -> QAction:
        if keep is Keep.UNTIL_SAID:
            self.keep.addSeparator()
        action = QAction(menu_words(keep), self.keep)
        action.triggered.connect(lambda _=False: self.keep_wanted.emit(keep.value))
        self.keep.addAction(action)
        return action

    def _add_loud(self, words: str, kind: NewsKind) -> QAction:
        return self._add(words, lambda: self.loud_wanted.emit(kind.value, kind not in self._facts.loud), on=True)

    def _take_back(self) -> None:
        self.take_back_wanted.emit(True)  # noqa: FBT003 - a signal's argument

    def offer_popup(self, on: bool) -> None:
        """Whether its first entry opens the popup: for desktops whose icon shows no click."""
        self.open.setVisible(on)

    def name_quiet(self, words: str) -> None:
        """`Quiet until 18:00`."""
        self.quiet.setText(words)

    def show_facts(self, facts: TrayFacts) -> None:
        """Show how things stand."""
        self._facts = facts
        machine = facts.machine
        self.available.setChecked(machine.on)
        self.available.setEnabled(machine.can_switch)
        self.rules.setChecked(bool(facts.rules_on))
        self.rules.setEnabled(facts.rules_on is not None and machine.can_change)
        self.keep.setEnabled(machine.can_keep)
        self.take_back.setVisible(machine.can_take_back)
        self.pause.setText(self.tr("Resume my jobs") if facts.all_paused else self.tr("Pause my jobs"))
        self.pause.setEnabled(facts.connection.online and bool(facts.unfinished))
        self.retry.setEnabled(facts.connection.online and bool(facts.failed_jobs))
        self.retry.setIcon(icon("octagon-x", "failed") if facts.failed_jobs else icon("octagon-x", "textDis"))
        self.finished.setChecked(NewsKind.FINISHED in facts.loud)
        self.failed.setChecked(NewsKind.FAILED in facts.loud)
        self.quiet.setChecked(facts.quiet)
        self.wrangler.setEnabled(bool(facts.farm))
        self.submit.setEnabled(bool(facts.farm))
        farm, words = one_line(facts.farm, 60), facts.connection.words
        self.state.setText(plain(f"{farm}, {words}" if farm else words))
