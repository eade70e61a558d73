"""What runs here, under which licences, and what helps whoever looks for a fault."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leaving import leave_by_keys

_LICENCES = (
    ("hqfarm", "Apache License 2.0"),
    ("Qt, PySide6", "LGPL 3.0"),
    ("Inter, JetBrains Mono", "SIL Open Font License 1.1"),
    ("Lucide icons", "ISC License"),
)


class AboutDialog(QDialog):
    """Open it with `open()`."""

    copy_wanted = Signal(str)
    bundle_wanted = Signal()
    """A file with diagnostics should be saved."""

    def __init__(self, versions: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Wrangler"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._text = "".join(f"{name}: {version}\n" for name, version in versions)
        self.copy = Button(self.tr("Copy versions"), clicked=lambda: self.copy_wanted.emit(self._text))
        self.save = Button(self.tr("Save diagnostics…"), clicked=self.bundle_wanted.emit)
        self.close_button = Button(self.tr("Close"), clicked=self.accept)
        px = look().px
        self.setFixedWidth(px(480))
        body = QVBoxLayout()
        body.setContentsMargins(px(24), px(20), px(24), px(18))
        body.setSpacing(px(8))
        body.addWidget(PlainLabel("Wrangler", "text", 17, 600))
        body.addWidget(PlainLabel(self.tr("The window of hqfarm, an open render farm manager."), "text2"))
        body.addSpacing(px(6))
        body.addLayout(self._table(versions))
        body.addSpacing(px(6))
        body.addWidget(PlainLabel(self.tr("Licences"), "text2", 11, 600))
        body.addLayout(self._table(_LICENCES))
        body.addSpacing(px(6))
        words = self.tr(
            "The diagnostics hold versions, settings, the end of the log and how the server is: "
            "no passwords, tokens or notes. Read them before you send them."
        )
        hint = PlainLabel(words, "text3", 11)
        hint.setWordWrap(True)
        body.addWidget(hint)
        foot = QFrame()
        foot.setProperty("role", "foot")
        buttons = QHBoxLayout(foot)
        buttons.setContentsMargins(px(24), px(12), px(24), px(12))
        buttons.setSpacing(px(8))
        buttons.addWidget(self.save)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body)
        column.addWidget(foot)
        self.ring = FocusRing(self)
        leave_by_keys(self)
        fit_height(self)

    def _table(self, rows: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(look().px(16))
        grid.setVerticalSpacing(look().px(5))
        grid.setColumnMinimumWidth(0, look().px(150))
        grid.setColumnStretch(1, 1)
        for place, (name, value) in enumerate(rows):
            grid.addWidget(PlainLabel(name, "text3"), place, 0)
            label = PlainLabel(value)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            grid.addWidget(label, place, 1)
        return grid
