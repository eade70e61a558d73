"""The foot of Submit: what is to be said, where the jobs could run, and the buttons."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import count, tooltip
from hqgui.models.submit.where import Where
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.words import counted


class Foot(QFrame):
    """It only shows; what is pressed is the window's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "foot")
        self.says = ElidedLabel("", "text2")
        self.where = PlainLabel("", "text3", 11)
        self.where.setWordWrap(True)
        self.close_button = Button(self.tr("Close"))
        self.submit = Button("", "primary")
        self._row = QHBoxLayout(self)
        self._words = QVBoxLayout()
        self._words.addWidget(self.says)
        self._words.addWidget(self.where)
        self._row.addLayout(self._words, 1)
        self._row.addWidget(self.close_button)
        self._row.addWidget(self.submit)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(20), px(10), px(20), px(10))
        self._row.setSpacing(px(8))
        self._words.setSpacing(px(1))
        for button in (self.close_button, self.submit):
            button.setMinimumHeight(px(28))

    def tell(self, text: str, *, is_wrong: bool = False) -> None:
        """One sentence, in the colour of failures if something is wrong."""
        self.says.set_ink("failed" if is_wrong else "text2")
        self.says.setText(text)

    def show_where(self, where: Where | None, trouble: str = "") -> None:
        """Where it could run; None while nobody knows."""
        self.where.set_ink("runnable" if where is not None and not where.could else "text3")
        self.where.setText(trouble if where is None else where.text)
        self.where.setToolTip(tooltip("" if where is None else where.detail))

    def show_busy(self) -> None:
        """It is being sent."""
        self.says.setText(self.tr("Submitting…"))
        self.submit.setEnabled(False)

    def show_jobs(self, jobs: int, *, allowed: bool) -> None:
        """What the button would submit, and whether it may."""
        self.submit.setEnabled(allowed)
        words = counted(jobs, self.tr("Submit {n} job"), self.tr("Submit {n} jobs")) if jobs else self.tr("Submit")
        self.submit.setText(words)

    def jobs_words(self, jobs: int, trees: int) -> str:
        """How many jobs there are, in how many trees."""
        if jobs <= 1:
            return self.tr("1 job")
        if trees > 1:
            return self.tr("{n} trees, {m} jobs").replace("{n}", str(trees)).replace("{m}", count(jobs))
        return counted(jobs - 1, self.tr("1 job, {n} child"), self.tr("1 job, {n} children"))
