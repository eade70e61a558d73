"""Asks where a file should go, without stopping the event loop."""

from __future__ import annotations

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget


class SaveDialog(QFileDialog):
    """Open it with `open()`."""

    path_chosen = Signal(str)
    """The path; empty when it was closed."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, title, QDir.homePath())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setFileMode(QFileDialog.FileMode.AnyFile)
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.selectFile(name)
        self.finished.connect(self._tell)

    def _tell(self, result: int) -> None:
        files = self.selectedFiles() if result == QDialog.DialogCode.Accepted else []
        self.path_chosen.emit(files[0] if files else "")
