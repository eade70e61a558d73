"""Asks for a file to write or to read, without stopping the event loop. Open them with `open()`.

They are Qt's own and not the system's, so that they look and behave alike everywhere; what cannot be taken is said in
them, under the name, where another one can be typed. They begin in the folder of the last time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDir, QFileInfo, QLocale, QModelIndex, QPersistentModelIndex, QSize, Qt, QUrl, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFileSystemModel,
    QGridLayout,
    QHeaderView,
    QLineEdit,
    QListView,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeView,
    QWidget,
)

from hqgui.actions import Consequence
from hqgui.models.formats import bytes_text, one_line
from hqgui.saving import why_not_written
from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.icons import icon
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leaving import leave_by_keys

_BUTTONS: Final = {
    "backButton": "arrow-left",
    "forwardButton": "arrow-right",
    "toParentButton": "arrow-up",
    "newFolderButton": "folder-plus",
    "listModeButton": "layout-grid",
    "detailModeButton": "list",
}
"""Qt's names of its buttons, and our icons."""
_WIDTH, _HEIGHT = 720, 440
_DATE: Final = 130
_SIZE: Final = 80
_SIDE: Final = 130


class _Icons(QStyledItemDelegate):
    """Rows of folders and files with icons of ours."""

    def __init__(self, name: Callable[[QModelIndex | QPersistentModelIndex], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """How a row is drawn."""
        super().initStyleOption(option, index)
        if not option.icon.isNull():
            option.icon = icon(self._name(index), "text2")
            option.decorationSize = QSize(look().px(14), look().px(14))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The room of a row."""
        return QSize(super().sizeHint(option, index).width(), look().row_height)


def _path_icon(index: QModelIndex | QPersistentModelIndex) -> str:
    path = str(index.data(QFileSystemModel.Roles.FilePathRole))
    return "folder" if Path(path).is_dir() else "file"


def _place_icon(index: QModelIndex | QPersistentModelIndex) -> str:
    return "monitor" if index.row() == 0 else "folder"


class FileDialog(QFileDialog):
    """What both have."""

    path_chosen = Signal(str)
    """The path; empty when it was closed."""

    def __init__(
        self,
        title: str,
        mode: QFileDialog.AcceptMode,
        fault: Callable[[Path], str],
        settings: Settings,
        key: str,
        parent: QWidget | None = None,
    ) -> None:
        """`fault`: why a file cannot be taken, empty when it can; `key`: under which the folder is remembered."""
        super().__init__(parent, title)
        self.setAcceptMode(mode)
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setOption(QFileDialog.Option.DontConfirmOverwrite)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self._fault = fault
        self._settings = settings
        self._own: list[QWidget] = []
        """Widgets that Qt made: what is tied to one would end with the last mention of it in Python."""
        self._key = key
        self.said = PlainLabel("", "failed", 11)
        self.said.setWordWrap(True)
        self.field = self.findChild(QLineEdit, "fileNameEdit") or QLineEdit(self)
        known = str(settings.value(key))
        self.setDirectory(known if known and Path(known).is_dir() else QDir.homePath())
        self.setSidebarUrls([QUrl("file:"), QUrl.fromLocalFile(QDir.homePath())])
        self._dress()
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self.field.textChanged.connect(lambda _: self.say(""))
        self.finished.connect(self._tell)
        self.say("")

    def _dress(self) -> None:
        """Look like the other windows."""
        self.setSizeGripEnabled(False)
        for name, shown in _BUTTONS.items():
            tool = self.findChild(QToolButton, name)
            if tool is not None:
                tool.setIcon(icon(shown, "text2"))
                tool.setIconSize(QSize(look().px(16), look().px(16)))
                tool.setFixedSize(look().px(26), look().px(26))
        for box in self.findChildren(QDialogButtonBox):
            for button in box.buttons():
                is_yes = box.buttonRole(button) == QDialogButtonBox.ButtonRole.AcceptRole
                button.setProperty("role", "primary" if is_yes else "")
                button.style().unpolish(button)
                button.style().polish(button)
                look().tie_font(button, 12, 500)
                self._own.append(button)
        for combo in self.findChildren(QComboBox):
            combo.setIconSize(QSize(0, 0))
            combo.setAccessibleName(
                self.tr("Files of type") if combo.objectName() == "fileTypeCombo" else self.tr("Folder")
            )
        self.field.setAccessibleName(self.tr("File name"))
        self._dress_lists()
        layout = self.layout()
        if isinstance(layout, QGridLayout):
            layout.addWidget(self.said, layout.rowCount(), 0, 1, -1)
        self.resize(look().px(_WIDTH), look().px(_HEIGHT))

    def _dress_lists(self) -> None:
        for splitter in self.findChildren(QSplitter):
            splitter.setSizes([look().px(_SIDE), look().px(_WIDTH - _SIDE)])
        for tree in self.findChildren(QTreeView):
            tree.hideColumn(2)
            tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            for column, width in ((1, _SIZE), (3, _DATE)):
                tree.header().resizeSection(column, look().px(width))
        for view in (*self.findChildren(QTreeView), *self.findChildren(QListView), self._offers()):
            side = view.objectName() == "sidebar"
            view.setItemDelegate(_Icons(_place_icon if side else _path_icon, view))

    def _offers(self) -> QAbstractItemView:
        """The list of names that begin as what is typed."""
        popup = self.field.completer().popup()
        assert popup is not None
        popup.setProperty("role", "popup")
        return popup

    def say(self, words: str) -> None:
        """What keeps the file from being taken; empty: nothing."""
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def accept(self) -> None:
        """A file is wanted; a folder is opened."""
        self._offers().hide()
        path = self.path()
        if path is None:
            return
        if os.path.isdir(path):  # noqa: PTH112 - a name that is too long is no folder, and no error here
            self.setDirectory(os.fspath(path))
            self.field.clear()
            return
        words = self._fault(path)
        if words:
            self.say(words)
        else:
            self.take(path)

    def path(self) -> Path | None:
        """What is written in the field, whatever is selected in the list; None when nothing is."""
        text = self.field.text()
        if not text.strip():
            return None
        path = Path(self.directory().absolutePath(), os.path.expanduser(text))  # noqa: PTH111 - no error for an unknown user
        suffix = self.defaultSuffix()
        if suffix and not path.suffix and not os.path.isdir(path):  # noqa: PTH112
            return path.with_name(f"{path.name}.{suffix}")
        return path

    def take(self, path: Path) -> None:
        """It is this file."""
        self._settings.set(self._key, os.fspath(path.parent))
        QDialog.accept(self)

    def _tell(self, result: int) -> None:
        path = self.path() if result == QDialog.DialogCode.Accepted else None
        self.path_chosen.emit("" if path is None else os.fspath(path))


class SaveDialog(FileDialog):
    """Where something should be saved. It asks before another file goes."""

    def __init__(self, title: str, name: str, settings: Settings, parent: QWidget | None = None) -> None:
        mode = QFileDialog.AcceptMode.AcceptSave
        super().__init__(title, mode, why_not_written, settings, "files/saved", parent)
        self.setFileMode(QFileDialog.FileMode.AnyFile)
        self.setLabelText(QFileDialog.DialogLabel.LookIn, self.tr("Save in:"))
        for useless in (self.findChild(QWidget, "fileTypeCombo"), self.findChild(QWidget, "fileTypeLabel")):
            if useless is not None:
                useless.hide()
        self.setDefaultSuffix(Path(name).suffix)
        self.selectFile(name)

    def take(self, path: Path) -> None:
        """It is this file; whether it may be replaced is asked."""
        if not path.exists():
            super().take(path)
            return
        known = QFileInfo(os.fspath(path))
        day = QLocale().toString(known.lastModified(), QLocale.FormatType.ShortFormat)
        told = self.tr("It has {size}, and was changed {when}.").replace("{size}", bytes_text(known.size()))
        title = self.tr("Replace {name}?").replace("{name}", one_line(path.name, 60))
        asked = Consequence(
            asks=True,
            linked=0,
            title=title,
            subtitle=told.replace("{when}", day),
            yes=self.tr("Replace"),
            no=self.tr("Keep it"),
        )
        dialog = ConfirmDialog(asked, self)
        dialog.accepted.connect(lambda: FileDialog.take(self, path))
        dialog.open()


class OpenDialog(FileDialog):
    """Which file should be read."""

    def __init__(
        self, title: str, kinds: str, fault: Callable[[Path], str], settings: Settings, parent: QWidget | None = None
    ) -> None:
        """`kinds`: Qt's filters of names; `fault`: why a file is not taken."""
        super().__init__(title, QFileDialog.AcceptMode.AcceptOpen, fault, settings, "files/opened", parent)
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setNameFilter(kinds)
