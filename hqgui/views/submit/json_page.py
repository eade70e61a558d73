"""The JSON tab of Submit: the text, and below it the first mistake with a button that mends it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.submit.checking import Checked, Finding, check_text
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.submit.json_text import JsonText

CHECK_AFTER_MS = 150


class JsonPage(QWidget):
    """Checks the text as it is typed."""

    checked = Signal()
    """There is something new to say of the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result = Checked((), 0)
        self._known: dict[str, object] = {}
        self._place = 0
        self.text = JsonText(self.tr("Specification as JSON"))
        self._bar = QFrame()
        self._bar.setProperty("role", "fail")
        self._glyph = GlyphLabel("failed", 14)
        self._title = PlainLabel("", weight=600)
        self._detail = ElidedLabel("", "text2")
        self._more = Button("", "small", clicked=self.next_finding)
        self.fix = Button("", "small", clicked=self.mend)
        row = self._row = QHBoxLayout(self._bar)
        row.addWidget(self._glyph)
        row.addWidget(self._title)
        row.addWidget(self._detail, 1)
        row.addWidget(self._more)
        row.addWidget(self.fix)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.text, 1)
        column.addWidget(self._bar)
        self.setFocusProxy(self.text)
        self._soon = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._soon.timeout.connect(self.check_now)
        self.text.textChanged.connect(self._soon.start)
        following = QAction(self)
        following.setShortcut("F8")
        following.triggered.connect(self.next_finding)
        self.addAction(following)
        self._bar.hide()
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(16), 0, px(12), 0)
        self._row.setSpacing(px(8))
        self._bar.setFixedHeight(px(44))

    def show_text(self, text: str, known: dict[str, object]) -> None:
        """Show another text; `known` are values that fixes prefer, by key."""
        self._known = known
        if text != self.text.toPlainText():
            self.text.show_text(text)
        self.check_now()
        self.text.fold()

    def check_now(self) -> None:
        """Say what is wrong now."""
        self._soon.stop()
        self.result = check_text(self.text.toPlainText(), self._known)
        self._place = 0
        self.text.show_findings(self.result.findings)
        self._show()
        self.checked.emit()

    def _current(self) -> Finding | None:
        findings = self.result.findings
        return findings[self._place % len(findings)] if findings else None

    def _show(self) -> None:
        found = self._current()
        self._bar.setVisible(found is not None)
        if found is None:
            return
        role = "warn" if found.warns else "fail"
        if self._bar.property("role") != role:
            self._bar.setProperty("role", role)
            self._bar.style().unpolish(self._bar)
            self._bar.style().polish(self._bar)
        self._glyph.show_glyph("warning" if found.warns else "failed")
        words = self.tr("Line {n}: {text}.").replace("{n}", str(found.line)).replace("{text}", found.text)
        self._title.setText(words if len(words) < _LONGEST else words[:_LONGEST] + "…")
        self._detail.setText(found.detail)
        self._bar.setAccessibleName(f"{words} {found.detail}")
        number = len(self.result.findings)
        self._more.setVisible(number > 1)
        of = self.tr("{n} of {m}").replace("{n}", str(self._place % number + 1)).replace("{m}", str(number))
        self._more.setText(of)
        self.fix.setVisible(found.fix is not None)
        self.fix.setText("" if found.fix is None else found.fix.words)

    def next_finding(self) -> None:
        """Go to the next thing that is wrong."""
        if self.result.findings:
            self._place = (self._place + 1) % len(self.result.findings)
            self._show()
            found = self._current()
            if found is not None:
                self.text.go_to(found)

    def mend(self) -> None:
        """Do what the button says."""
        found = self._current()
        if found is not None and found.fix is not None:
            self.text.replace(found.fix.start, found.fix.end, found.fix.text)
            self.check_now()


_LONGEST = 76
