"""Presets in the submit dialog: the button with their menu, and the bar that asks what one is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from hqgui.models.formats import one_line
from hqgui.models.submit import presets
from hqgui.models.submit.form import Form
from hqgui.models.submit.presets import Preset
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, ToolButton
from hqgui.views.parts.icons import icon
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.menu import Menu, plain


class PresetsButton(ToolButton):
    """Says which preset the form is from, and lists all. What is chosen in the menu leaves by signals."""

    taken = Signal(object)
    """A preset."""
    saved_changed = Signal()
    """`saved` has one more, one less, or another name."""
    file_wanted = Signal()

    def __init__(self, saved: Sequence[Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.saved = list(saved)
        self.current = ""
        """The name of the preset that the form is from; empty for none."""
        self._deleted: Preset | None = None
        """What was deleted last, as long as this dialog is open."""
        self.bring_written_back: Callable[[], None] | None = None
        """Shows again what somebody had written and a preset or a file took the place of."""
        self._menu = Menu(self.tr("Presets"), self)
        self._menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # The arrow stands behind the words.
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIcon(icon("chevron-down", "text2"))
        self.bar = NameBar()
        self._menu.aboutToShow.connect(self._fill)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font())
        self.setIconSize(QSize(look().px(11), look().px(11)))
        self.setFixedHeight(look().px(28))

    def show_current(self, name: str) -> None:
        """Which preset the form is from; empty: none."""
        self.current = name
        words = self.tr("From preset: {name}").replace("{name}", name) if name else self.tr("Presets")
        self.setText(plain(one_line(words, 60)))
        self.setAccessibleName(words)

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        for group in (self.saved, presets.built_in()):
            for preset in group:
                action = menu.addAction(plain(one_line(preset.name, 60)))
                action.triggered.connect(lambda _on=False, preset=preset: self.taken.emit(preset))
            menu.addSeparator()
        menu.addAction(self.tr("Open a file…")).triggered.connect(self.file_wanted.emit)
        menu.addAction(self.tr("Save as preset…")).triggered.connect(lambda: self.bar.ask("", self.current))
        mine = any(item.name == self.current for item in self.saved)
        rename = menu.addAction(self.tr("Rename preset…"))
        rename.triggered.connect(lambda: self.bar.ask(self.current, self.current))
        delete = menu.addAction(self.tr("Delete preset"))
        delete.triggered.connect(self.delete_current)
        for action in (rename, delete):
            action.setEnabled(mine)
        if self._deleted is not None:
            words = self.tr("Bring back {name}").replace("{name}", one_line(self._deleted.name, 60))
            menu.addAction(plain(words)).triggered.connect(self.bring_back)
        if self.bring_written_back is not None:
            menu.addAction(self.tr("Bring back what was written")).triggered.connect(self.bring_written_back)

    def delete_current(self) -> None:
        """Forget the preset that the form is from; until the dialog closes it can be brought back."""
        self._deleted = next((item for item in self.saved if item.name == self.current), self._deleted)
        self.saved = presets.without(self.saved, self.current)
        self.saved_changed.emit()
        self.show_current("")

    def bring_back(self) -> None:
        """Keep again, and show, what was deleted last."""
        if self._deleted is not None:
            kept, self._deleted = self._deleted, None
            self.saved = presets.with_saved(self.saved, kept.name, kept.form)
            self.saved_changed.emit()
            self.taken.emit(kept)

    def keep(self, name: str, form: Form) -> None:
        """Keep a form under a name, or give the preset that the bar asked about that name."""
        if self.bar.renaming:
            self.saved = presets.renamed(self.saved, self.bar.renaming, name)
        else:
            self.saved = presets.with_saved(self.saved, name, form)
        self.saved_changed.emit()


class NameBar(QFrame):
    """Asks for a name; hidden until it is needed."""

    named = Signal(str)

    def __init__(self, suggest: Callable[[], str] = str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.suggest = suggest
        """A name for a preset that has none."""
        self.renaming = ""
        """The preset that gets another name; empty: a new one is saved."""
        self.setProperty("role", "bar")
        self._words = PlainLabel("", "text2")
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of the preset"))
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._words)
        self._row.addWidget(self.name, 1)
        self._row.addWidget(Button(self.tr("Save"), "small", clicked=self._done))
        self._row.addWidget(Button(self.tr("Cancel"), "small", clicked=self.hide))
        self.name.returnPressed.connect(self._done)
        self.hide()
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(20), px(6), px(12), px(6))
        self._row.setSpacing(px(8))
        self.name.setFont(look().font())

    def ask(self, renaming: str, current: str) -> None:
        """Ask for the name of a new preset, or another one for a preset."""
        self.renaming = renaming
        self._words.setText(self.tr("Rename preset to") if renaming else self.tr("Save preset as"))
        self.name.setText(renaming or current or self.suggest())
        self.show()
        self.name.setFocus()
        self.name.selectAll()

    def _done(self) -> None:
        name = self.name.text().strip()
        if name:
            self.hide()
            self.named.emit(name)
