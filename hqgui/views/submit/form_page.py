"""The form of Submit: a field for each thing that most jobs say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QWidget

from hqgui.models.formats import one_line
from hqgui.models.submit.form import Form, Mistake, RunOn, job_count
from hqgui.theme import look
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.choices import Check
from hqgui.views.parts.inputs import CommandField, NumberField, PickField, StayingMenu, TokenField
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.menu import Menu, plain
from hqgui.words import counted

SHELLS = ("", "bash", "sh", "zsh", "csh", "tcsh", "cmd", "powershell", "python3")
_MOST_CLIENTS = 400
_MOST_PRIORITY = 1_000_000


class FormPage(QScrollArea):
    """Shows a form and gives what is typed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.form = Form()
        self._filling = False
        self._groups: tuple[str, ...] = ()
        self._clients: tuple[str, ...] = ()
        self._parents: tuple[tuple[int, str], ...] = ()
        self._free = ""
        self._body = QWidget()
        self._body.setProperty("role", "window")
        self._build()
        self._lay_out()
        self._connect()
        self.setWidget(self._body)
        self.show_form(Form())

    def _build(self) -> None:
        self.name = self._line(self.tr("Name"), self.tr("shot_010_lighting v024"))
        self.command = CommandField(self.tr("Command"))
        self.frames = self._line(self.tr("Frames"), self.tr("1-100, 1-100x2, 1,5,9-20"))
        self.children_words = ElidedLabel("", "text2")
        self.per_child = NumberField(self.tr("Frames per child"), 1, 10_000)
        self._shell_menu = Menu(self.tr("Shell"), self)
        self.shell = PickField(self.tr("Shell"), self._shell_menu)
        for shell in SHELLS:
            action = self._shell_menu.addAction(shell or self.tr("The machine's own"))
            action.triggered.connect(lambda _on=False, shell=shell: self._take(shell=shell))
        self.priority = NumberField(self.tr("Priority"), 0, _MOST_PRIORITY)
        self._run_menu = StayingMenu(self.tr("Run on"), self)
        self.run_on = PickField(self.tr("Run on"), self._run_menu)
        self.resources = TokenField(self.tr("Resources"), self.tr("Add a resource, such as karma 1"))
        self.tags = TokenField(self.tr("Tags"), self.tr("Add tags"))
        self.tries = NumberField(self.tr("Tries after a failure"), 0, 1000)
        self._parent_menu = Menu(self.tr("Parent"), self)
        self.parent_job = PickField(self.tr("Parent"), self._parent_menu)
        self.paused = Check(self.tr("Start paused"))
        self.tell = Check(self.tr("Tell me when it ends"))
        self.more = LinkText(self.tr("More…"), self._toggle_more)
        self.cpus = NumberField(self.tr("CPUs"), 1, 4096)
        self.max_time = NumberField(self.tr("Longest time, minutes; 0: any"), 0, 1_000_000)
        self.environment = CommandField(self.tr("Environment: NAME=value, a line each"), 3)
        self.description = self._line(self.tr("Description"), "")
        self.extra = ElidedLabel("", "text3", 11)

    def _line(self, name: str, placeholder: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setAccessibleName(name)
        edit.setPlaceholderText(placeholder)
        return edit

    def _lay_out(self) -> None:
        grid = self._grid = QGridLayout(self._body)
        grid.setColumnStretch(1, 1)
        self._labels: list[PlainLabel] = []
        self._row(0, self.tr("Name"), self.name)
        self._row(1, self.tr("Command"), self.command)
        self._row(
            2, self.tr("Frames"), self._beside(self.frames, self.children_words, self.tr("per child"), self.per_child)
        )
        self._row(3, self.tr("Shell"), self._beside(self.shell, None, self.tr("Priority"), self.priority))
        self._row(4, self.tr("Run on"), self.run_on)
        self._row(5, self.tr("Resources"), self.resources)
        self._row(6, self.tr("Tags"), self._beside(self.tags, None, self.tr("Tries"), self.tries))
        self._row(7, self.tr("Parent"), self.parent_job)
        ticks = QWidget()
        self._ticks = QHBoxLayout(ticks)
        self._ticks.setContentsMargins(0, 0, 0, 0)
        for widget in (self.paused, self.tell):
            self._ticks.addWidget(widget)
        self._ticks.addStretch(1)
        self._ticks.addWidget(self.more)
        self._row(8, "", ticks)
        self._advanced = [
            self._row(9, self.tr("CPUs"), self._beside(self.cpus, None, self.tr("Time limit, minutes"), self.max_time)),
            self._row(10, self.tr("Environment"), self.environment),
            self._row(11, self.tr("Description"), self.description),
        ]
        grid.addWidget(self.extra, 12, 1)
        grid.setRowStretch(13, 1)
        self._show_more(on=False)
        look().tie(self, self._measure)

    def _row(self, row: int, title: str, field: QWidget) -> tuple[PlainLabel, QWidget]:
        label = PlainLabel(title, "text2")
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        tall = isinstance(field, CommandField)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop if tall else Qt.AlignmentFlag(0))
        self._grid.addWidget(field, row, 1)
        self._labels.append(label)
        return label, field

    def _beside(self, first: QWidget, words: QWidget | None, title: str, second: QWidget) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(first, 3)
        if words is not None:
            row.addWidget(words, 2)
        label = PlainLabel(title, "text2")
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(label)
        row.addWidget(second)
        look().tie(whole, lambda: row.setSpacing(look().px(9)))
        return whole

    def _measure(self) -> None:
        px = look().px
        self._grid.setContentsMargins(px(20), px(16), px(20), px(14))
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(8))
        self._grid.setColumnMinimumWidth(0, px(82))
        self._ticks.setSpacing(px(20))
        for edit in (self.name, self.frames, self.description):
            edit.setFont(look().font())
            edit.setFixedHeight(px(28))
        for number in (self.per_child, self.priority, self.tries, self.cpus, self.max_time):
            number.setFixedWidth(px(92))

    def _connect(self) -> None:
        self.name.textEdited.connect(lambda text: self._take(name=text))
        self.command.changed.connect(lambda: self._take(command=self.command.text))
        self.frames.textEdited.connect(lambda text: self._take(frames=text))
        self.per_child.changed.connect(lambda value: self._take(per_child=value))
        self.priority.changed.connect(lambda value: self._take(priority=value))
        self.resources.changed.connect(lambda: self._take(resources=amounts(self.resources.tokens)))
        self.tags.changed.connect(lambda: self._take(tags=self.tags.tokens))
        self.tries.changed.connect(lambda value: self._take(tries=value))
        self.paused.toggled.connect(lambda on: self._take(start_paused=on))
        self.tell.toggled.connect(lambda on: self._take(tell=on))
        self.cpus.changed.connect(lambda value: self._take(cpus=value))
        self.max_time.changed.connect(lambda value: self._take(max_time=value))
        self.environment.changed.connect(lambda: self._take(environment=variables(self.environment.text)))
        self.description.textEdited.connect(lambda text: self._take(description=text))
        self._run_menu.aboutToShow.connect(self._fill_run_menu)
        self._parent_menu.aboutToShow.connect(self._fill_parent_menu)

    # What there is to choose from

    def show_farm(self, groups: Sequence[str], clients: Sequence[str], resources: Sequence[str]) -> None:
        """Names of groups, `hostname:name` of clients, names of resources."""
        self._groups, self._clients = tuple(groups), tuple(clients)
        self.resources.offer(tuple(f"{name} 1" for name in resources))
        self._show_words()

    def show_parents(self, parents: Sequence[tuple[int, str]]) -> None:
        """Jobs that may become the parent, the likeliest first."""
        self._parents = tuple(parents)
        self._show_words()

    def show_run_detail(self, words: str) -> None:
        """How many clients could run it."""
        self._free = words
        self._show_words()

    def _fill_run_menu(self) -> None:
        menu = self._run_menu
        menu.clear()
        anywhere = menu.addAction(self.tr("Any client"))
        anywhere.triggered.connect(lambda: self._take(run_on=RunOn.ANY, names=()))
        menu.addSeparator()
        for kind, names in ((RunOn.GROUPS, self._groups), (RunOn.CLIENTS, self._clients[:_MOST_CLIENTS])):
            target = menu
            if kind is RunOn.CLIENTS:
                target = StayingMenu(self.tr("Clients"), menu)
                menu.addSeparator()
                menu.addMenu(target)
            for name in names:
                action = target.addAction(plain(one_line(name, 80)))
                action.setCheckable(True)
                action.setChecked(self.form.run_on is kind and name in self.form.names)
                action.toggled.connect(lambda on, kind=kind, name=name: self._choose(kind, name, on))

    def _choose(self, kind: RunOn, name: str, on: bool) -> None:
        former = self.form.names if self.form.run_on is kind else ()
        names = (*former, name) if on else tuple(other for other in former if other != name)
        self._take(run_on=kind if names else RunOn.ANY, names=tuple(dict.fromkeys(names)))

    def _fill_parent_menu(self) -> None:
        menu = self._parent_menu
        menu.clear()
        menu.addAction(self.tr("None, a new tree")).triggered.connect(lambda: self._take(parent=None))
        for job, name in self._parents:
            action = menu.addAction(plain(f"{one_line(name, 60)}  #{job}"))
            action.triggered.connect(lambda _on=False, job=job: self._take(parent=job))

    # The form

    def show_form(self, form: Form) -> None:
        """Show another form."""
        self.form = form
        self._filling = True
        self.name.setText(form.name)
        self.command.set_text(form.command)
        self.frames.setText(form.frames)
        self.per_child.set_value(form.per_child)
        self.priority.set_value(form.priority)
        self.resources.set_tokens([f"{name} {amount}" for name, amount in form.resources.items()])
        self.tags.set_tokens(form.tags)
        self.tries.set_value(form.tries)
        self.paused.setChecked(form.start_paused)
        self.tell.setChecked(form.tell)
        self.cpus.set_value(form.cpus)
        self.max_time.set_value(form.max_time)
        self.environment.set_text("\n".join(f"{name}={value}" for name, value in form.environment.items()))
        self.description.setText(form.description)
        self._filling = False
        if form.cpus != 1 or form.max_time or form.environment or form.description:
            self._show_more(on=True)
        self._show_words()

    def _take(self, **values: object) -> None:
        if not self._filling:
            self.form = replace(self.form, **values)  # type: ignore[arg-type]
            self._show_words()
            self.changed.emit()

    def take_typed(self) -> None:
        """What is typed and not yet a token counts too."""
        for field in (self.resources, self.tags):
            field.take_typed()

    def _show_words(self) -> None:
        form = self.form
        self.shell.show_words(form.shell or self.tr("The machine's own"))
        children = max(0, job_count(form) - 1)
        self.children_words.setText(
            counted(children, self.tr("{n} child"), self.tr("{n} children")) if children else ""
        )
        self.run_on.show_words(self._run_words(), self._free)
        name = next((name for job, name in self._parents if job == form.parent), "")
        if form.parent is None:
            self.parent_job.show_words(self.tr("None, a new tree"))
        else:
            self.parent_job.show_words(f"{name} #{form.parent}".strip())
        kept = sorted(form.extra)
        words = self.tr("Kept from the specification: {keys}").replace("{keys}", ", ".join(kept))
        self.extra.setText(words if kept else "")
        self.extra.setVisible(bool(kept))

    def _run_words(self) -> str:
        form = self.form
        if form.run_on is RunOn.ANY:
            return self.tr("Any client")
        if form.run_on is RunOn.OTHER:
            return self.tr("As the conditions in JSON say")
        one, many = (
            (self.tr("Group {names}"), self.tr("Groups {names}"))
            if form.run_on is RunOn.GROUPS
            else (self.tr("Client {names}"), self.tr("Clients {names}"))
        )
        return (one if len(form.names) == 1 else many).replace("{names}", ", ".join(form.names))

    def show_mistakes(self, found: Sequence[Mistake]) -> None:
        """Mark the fields that are wrong."""
        wrong = {item.field for item in found}
        for field, label in (("name", 0), ("command", 1), ("frames", 2), ("run_on", 4)):
            self._labels[label].set_ink("failed" if field in wrong else "text2")

    def _toggle_more(self) -> None:
        self._show_more(not self.cpus.isVisibleTo(self._body))

    def _show_more(self, on: bool) -> None:
        for label, field in self._advanced:
            label.setVisible(on)
            field.setVisible(on)
        self.more.set_text(self.tr("Less") if on else self.tr("More…"))


def amounts(tokens: Sequence[str]) -> dict[str, int]:
    """`karma_render 2` as a name and an amount; 1 where none is said."""
    found = {}
    for token in tokens:
        name, _, number = token.rpartition(" ")
        if name and number.isdigit():
            found[name.strip()] = int(number)
        else:
            found[token] = 1
    return found


def variables(text: str) -> dict[str, str]:
    """Lines `NAME=value`; what has no name is left out."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name.strip(): value for name, value in pairs if name.strip()}
