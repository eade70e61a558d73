"""The editor of permitted clients: what is chosen, what that would do, and saving it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.why import permitted
from hqgui.models.why.answer import Needs
from hqgui.models.why.permitted import Draft, Effect, Mode, Row, Shown
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import Chip, LinkText
from hqgui.views.parts.choices import Radio
from hqgui.views.parts.fields import IconLabel, SearchField
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.leading import lead
from hqgui.views.parts.menu import Menu
from hqgui.views.why.permitted_rows import PermittedRows
from hqgui.words import counted


class PermittedEditor(QWidget):
    """Shows a draft; nothing is changed on the farm before `save_wanted`."""

    draft_changed = Signal()
    """What is chosen is another: its effect should be asked for."""
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._clients: Mapping[int, Row] = {}
        self._groups: Mapping[int, Row] = {}
        self._needs = Needs()
        self._conditions: Sequence[Row] = ()
        self._shown = Shown()
        self._original: Draft | None = None
        self._order: list[int] = []
        """Of groups, once it is known what the job has."""
        self.draft = Draft(Mode.ANY, frozenset())
        self._dropped: frozenset[int] = frozenset()
        """Clients that are to be permitted, and it is not known yet beside which."""
        self.effect = Effect()
        self._build()
        self._lay_out()
        self._connect()
        self._show()

    def _build(self) -> None:
        self._title = PlainLabel(self.tr("Permitted clients"), "text", 13, 600)
        self._whose = ElidedLabel("", "text3")
        self._whose.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.modes = {
            Mode.ANY: Radio(self.tr("Any client")),
            Mode.ONLY: Radio(self.tr("Only checked")),
            Mode.EXCEPT: Radio(self.tr("All except checked")),
        }
        self.search = SearchField(
            self.tr("Filter groups and clients"), self.tr("Filter groups and clients"), "search", height=26
        )
        self.free = Chip(self.tr("Free now"))
        self.checked = Chip(self.tr("Checked"))
        self.rows = PermittedRows()
        self._numbers = [PlainLabel("", weight=weight) for weight in (400, 600, 400, 600, 400, 600, 400, 600)]
        self._need = ElidedLabel("", "text2")
        self._need.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._notice = QWidget()
        self._notice_words = ElidedLabel("", "text2", 11)
        self.show_conditions = LinkText(self.tr("Show them"), self._open_conditions, 11)
        self.revert = Button(self.tr("Revert"), "flat", clicked=self._revert)
        self.save = Button("", "primary", clicked=self.save_wanted.emit)

    def _lay_out(self) -> None:
        self._head, self._chosen, self._narrow = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._whose, 1)
        modes = QWidget()
        self._chosen = QHBoxLayout(modes)
        self._chosen.setContentsMargins(0, 0, 0, 0)
        for choice in self.modes.values():
            self._chosen.addWidget(choice)
        self._chosen.addStretch(1)
        self._narrow.addWidget(self.search, 1)
        self._narrow.addWidget(self.free)
        self._narrow.addWidget(self.checked)
        self._top = QVBoxLayout()
        self._top.addLayout(self._head)
        self._top.addWidget(modes)
        self._top.addLayout(self._narrow)
        foot = QFrame()
        foot.setProperty("role", "foot")
        self._foot = QVBoxLayout(foot)
        self._effect = QHBoxLayout()
        for label in self._numbers:
            self._effect.addWidget(label)
        self._effect.addWidget(self._need, 1)
        notice = QHBoxLayout(self._notice)
        notice.setContentsMargins(0, 0, 0, 0)
        notice.addWidget(IconLabel("info", "text2", 12))
        notice.addWidget(self._notice_words, 1)
        notice.addWidget(self.show_conditions)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.revert)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.save)
        self._foot.addLayout(self._effect)
        self._foot.addWidget(self._notice)
        self._foot.addLayout(self._buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(self._top)
        self._column.addWidget(self.rows, 1)
        self._column.addWidget(foot)
        lead(self, self.rows)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._top.setContentsMargins(px(16), px(12), px(16), px(10))
        self._top.setSpacing(px(9))
        self._narrow.setSpacing(px(8))
        self._chosen.setSpacing(px(16))
        self._foot.setContentsMargins(px(16), px(10), px(16), px(12))
        self._foot.setSpacing(px(8))
        self._effect.setSpacing(px(6))
        self.revert.setMinimumHeight(px(28))
        self.save.setMinimumHeight(px(28))

    def _connect(self) -> None:
        for mode, choice in self.modes.items():
            choice.clicked.connect(lambda _on=False, mode=mode: self._take(replace(self.draft, mode=mode)))
        self.rows.checked.connect(lambda clients, on: self._take(self.draft.with_checked(clients, on)))
        self.rows.more_wanted.connect(lambda group: self._narrowed(opened=self._shown.opened | {group}))
        self.search.text_changed.connect(lambda text: self._narrowed(text=text))
        self.search.left.connect(self.rows.setFocus)
        self.free.toggled.connect(lambda on: self._narrowed(free_only=on))
        self.checked.toggled.connect(lambda on: self._narrowed(checked_only=on))

    # What is shown

    def show_farm(self, clients: Mapping[int, Row], groups: Mapping[int, Row]) -> None:
        """Clients and groups as they are now."""
        self._clients, self._groups = clients, groups
        self._show_rows()

    def show_job(self, needs: Needs, permitted_clients: frozenset[int], whose: str) -> None:
        """What the job has now. What somebody has chosen and not saved stays chosen."""
        touched = self.is_touched
        self._needs, self._conditions = needs, needs.conditions
        self._whose.setText(whose)
        self.modes[Mode.ANY].show_words(self.tr("As its root job") if needs.inherits else self.tr("Any client"))
        self._original = permitted.draft_of(needs.conditions, permitted_clients, self._clients)
        if not touched:
            self.draft = self._original
        self._show()
        if self._dropped:
            self.permit(self._dropped)

    def show_effect(self, effect: Effect) -> None:
        """What saving would do."""
        self.effect = effect
        self._show()

    @property
    def is_touched(self) -> bool:
        """Whether something is chosen that the job does not have."""
        return self._original is not None and self.draft != self._original

    def saved(self) -> None:
        """What is chosen is what the job has from now on."""
        self._original = self.draft
        self._show()

    def check(self, clients: frozenset[int]) -> None:
        """Check these clients, as if somebody had."""
        self._take(self.draft.with_checked(clients, on=True))

    def permit(self, clients: frozenset[int]) -> None:
        """Choose that these clients are permitted; as soon as it is known what the job has now."""
        if self._original is None:
            self._dropped |= clients
            return
        self._dropped = frozenset()
        self._take(self.draft.with_permitted(clients))

    def _take(self, draft: Draft) -> None:
        if draft != self.draft:
            self.draft = draft
            self.effect = replace(self.effect, known=False)
            self._show()
            self.draft_changed.emit()

    def _revert(self) -> None:
        if self._original is not None:
            self._take(self._original)

    def _narrowed(self, **changes: Any) -> None:
        self._shown = replace(self._shown, **changes)
        self._show_rows()

    def _show(self) -> None:
        known = self._original is not None
        for part in (*self.modes.values(), self.rows, self.search, self.free, self.checked):
            part.setEnabled(known)
        for mode, choice in self.modes.items():
            choice.setAutoExclusive(known)
            choice.setChecked(known and mode is self.draft.mode)
        self._show_rows()
        self._show_effect()
        touched = self.is_touched
        self.revert.setEnabled(touched)
        self.save.setText(permitted.save_words(self.draft))
        self.save.setEnabled(touched)
        number = len(self._conditions)
        self._notice.setVisible(touched and bool(number))
        self._notice_words.setText(
            counted(
                number,
                self.tr("Saving replaces the condition of the job."),
                self.tr("Saving replaces the {n} conditions of the job."),
            )
        )

    def _show_rows(self) -> None:
        free = sum(row["status"] == "available" for row in self._clients.values())
        self.free.show_count(count(free))
        self.checked.show_count(count(len(self.draft.checked & self._clients.keys())))
        gained = self.effect.gained if self.is_touched else frozenset()
        first = frozenset() if self._original is None else self._original.checked
        order = permitted.arranged(self._clients, self._groups, first, self._order)
        self._order = [] if self._original is None else order
        shown = permitted.rows(self.draft, self._clients, self._groups, self._shown, gained, order)
        self.rows.show_rows(shown, unfold=bool(self._shown.text.strip()))

    def _show_effect(self) -> None:
        effect, touched = self.effect, self.is_touched
        arrow = "›"
        number = counted(effect.permitted_then, self.tr("{n} client"), self.tr("{n} clients"))
        now, then = (count(effect.permitted), number) if touched else (number, "")
        free_then = count(effect.free_then) if touched else ""
        texts = [
            self.tr("Permitted"),
            count(effect.permitted) if touched else now,
            arrow if touched else "",
            (then if effect.known else "…") if touched else "",
            self.tr("Free now"),
            count(effect.free),
            arrow if touched else "",
            (free_then if effect.known else "…") if touched else "",
        ]
        if self._original is None:
            texts = [self.tr("Not known yet"), *[""] * (len(texts) - 1)]
        for label, text in zip(self._numbers, texts, strict=True):
            label.setText(text)
            label.setVisible(bool(text))
        self._numbers[0].set_ink("text2")
        self._numbers[4].set_ink("text2")
        self._numbers[3].set_ink(_better(effect.permitted, effect.permitted_then))
        self._numbers[7].set_ink(_better(effect.free, effect.free_then))
        need = self.tr("needs {n}").replace("{n}", count(self._needs.min_hosts))
        self._need.setText(need if self._needs.min_hosts > 1 else "")

    def _open_conditions(self) -> None:
        menu = Menu(self.tr("Conditions"), self)
        for condition in self._conditions:
            text = permitted.condition_words(condition)
            menu.addAction(text[:160].replace("&", "&&")).setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.show_conditions.mapToGlobal(QPoint(0, self.show_conditions.height())))


def _better(before: int, after: int) -> str:
    return "succeeded" if after > before else "failed" if after < before else "text"
