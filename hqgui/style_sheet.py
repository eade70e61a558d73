"""The one style sheet, made from the look.

Only what Qt draws itself is here. Variants are dynamic properties set by `hqgui.views.parts`: `role` on buttons and
frames, `ink` on labels. Sizes are pixels at 100 %; `px` makes them real.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hqgui.theme import Look

_SHEET: Final = """
QToolTip { background: @raised; color: @text; border: 1px solid @lineStrong; padding: 4px 6px; }
QBalloonTip QLabel { color: #000000; }
QBalloonTip QPushButton { background: transparent; border: none; padding: 0; min-height: 0; }

QMainWindow, QDialog { background: @window; }
QMainWindow::separator { background: @window; width: 4px; height: 4px; }
QMainWindow::separator:vertical {
    background: qlineargradient(
        x1:0, y1:0, x2:1, y2:0, stop:0 @lineStrong, stop:0.25 @lineStrong, stop:0.26 @panel, stop:1 @panel);
}
QMainWindow::separator:horizontal {
    background: qlineargradient(
        x1:0, y1:0, x2:0, y2:1, stop:0 @lineStrong, stop:0.25 @lineStrong, stop:0.26 @window, stop:1 @window);
}
QMainWindow::separator:hover { background: @accent; }
QDockWidget { border: none; }
QSplitter::handle:horizontal {
    background: qlineargradient(
        x1:0, y1:0, x2:1, y2:0, stop:0 @lineStrong, stop:0.25 @lineStrong, stop:0.26 @base, stop:1 @base);
}
QSplitter::handle:hover { background: @accent; }

QFrame[role="panel"], QWidget[role="panel"] { background: @panel; }
QFrame[role="window"], QWidget[role="window"] { background: @window; }
QFrame[role="foot"] { background: @panel; border: none; border-top: 1px solid @line; }
QFrame[role="bar"] { background: @window; border: none; border-bottom: 1px solid @line; }
QFrame[role="bar-top"] { background: @window; border: none; border-top: 1px solid @line; }
QFrame[role="head"] { background: @base; border: none; border-bottom: 1px solid @line; }
QWidget[role="base"] { background: @base; }
QFrame[role="inset"] { background: @base; border: none; border-radius: 3px; }
QFrame[role="box"] { background: @base; border: 1px solid @line; border-radius: 6px; }
QFrame[role="code"] { background: @field; border: 1px solid @lineStrong; border-radius: 6px; }
QFrame[role="strip"] { background: @raised; border: 1px solid @lineStrong; border-radius: 6px; }
QFrame[role="warn"] { background: @warnTint; border: none; border-bottom: 1px solid @warnLine; }
QFrame[role="fail"] { background: @failTint; border: none; border-bottom: 1px solid @failLine; }
QFrame[role="warn-box"] { background: @warnTint; border: 1px solid @warnLine; border-radius: 5px; }
QFrame[role="fail-box"] { background: @failTint; border: 1px solid @failLine; border-radius: 5px; }
QFrame[role="ok-box"] { background: @okTint; border: 1px solid @okLine; border-radius: 5px; }
QFrame[role="popup"] { background: @raised; border: 1px solid @lineStrong; border-radius: 8px; }
QFrame[role="quote"] { border: none; border-left: 2px solid @lineStrong; }
QFrame[role="rule"] { background: @line; border: none; }
QFrame[role="tag"] { border: 1px solid @lineStrong; border-radius: 3px; }
QSplitter::handle { background: @panel; border-left: 1px solid @lineStrong; image: none; }
QScrollArea { background: transparent; border: none; }

QLabel { background: transparent; }
QLabel[ink="text"] { color: @text; }
QLabel[ink="text2"] { color: @text2; }
QLabel[ink="text3"] { color: @text3; }
QLabel[ink="textDis"] { color: @textDis; }
QLabel[ink="link"] { color: @link; }
QLabel[ink="failed"] { color: @failed; }
QLabel[ink="runnable"] { color: @runnable; }
QLabel[ink="succeeded"] { color: @succeeded; }
QLabel[role="key"] {
    color: @text3; border: 1px solid @lineStrong; border-radius: 3px; padding: 0px 4px; background: @window;
}

QPushButton {
    background: @btn; color: @text; border: 1px solid @lineStrong; border-radius: 5px;
    padding: 0px 10px; min-height: 24px;
}
QPushButton:hover { background: @btnHover; }
QPushButton:pressed { background: @btnDown; }
QPushButton:disabled { color: @textDis; border-color: @line; background: @btn; }
QPushButton[role="small"] { min-height: 20px; padding: 0px 8px; border-radius: 4px; }
QPushButton[role="primary"] { background: @accentFill; color: @onAccent; border-color: @accentFill; }
QPushButton[role="primary"]:hover { background: @accentFillHover; border-color: @accentFillHover; }
QPushButton[role="primary"]:pressed { background: @accentDown; border-color: @accentDown; }
QPushButton[role="primary"]:disabled { background: @btn; color: @textDis; border-color: @line; }
QPushButton[role="danger"] { background: @danger; color: @onDanger; border-color: @danger; }
QPushButton[role="danger"]:hover { background: @dangerHover; border-color: @dangerHover; }
QPushButton[role="danger"]:pressed { background: @dangerDown; border-color: @dangerDown; }
QPushButton[role="danger"]:disabled { background: @btn; color: @textDis; border-color: @line; }
QPushButton[role="flat"] { background: transparent; border: 1px solid transparent; padding: 0px 8px; }
QPushButton[role="flat"]:hover { background: @btnHover; }
QPushButton[role="flat"]:pressed { background: @btnDown; }
QPushButton[role="flat"]:disabled { color: @textDis; background: transparent; }
QPushButton[role="link"] {
    background: transparent; border: none; padding: 0px 2px; color: @link; text-align: left; min-height: 20px;
}
QPushButton[role="link"]:hover { color: @text; }
QPushButton[role="link"]:disabled { color: @textDis; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton[role="toggle"]:checked { background: @sel; border-color: @accent; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 0px; }
QToolButton:hover { background: @btnHover; }
QToolButton:pressed { background: @btnDown; }
QToolButton::menu-indicator { image: none; width: 0px; }

QLineEdit {
    background: @field; color: @text; border: 1px solid @lineStrong; border-radius: 5px;
    padding: 0px 7px; min-height: 24px; selection-background-color: @accentFill; selection-color: @onAccent;
}
QLineEdit:focus { border-color: @accent; }
QLineEdit:disabled { color: @textDis; background: @window; }
QLineEdit[role="bare"], QLineEdit[role="bare"]:focus { background: transparent; border: none; padding: 0px; }
QAbstractItemView QLineEdit { border-radius: 2px; padding: 0px 4px; min-height: 16px; border-color: @accent; }

QComboBox, QAbstractSpinBox {
    background: @field; color: @text; border: 1px solid @lineStrong; border-radius: 5px;
    padding: 0px 7px; min-height: 24px; selection-background-color: @accentFill; selection-color: @onAccent;
}
QAbstractSpinBox { padding: 0px 20px 0px 1px; }
QAbstractSpinBox QLineEdit { background: transparent; border: none; padding: 0px 6px; min-height: 0px; }
QComboBox { padding-right: 20px; }
QComboBox:focus, QAbstractSpinBox:focus { border-color: @accent; }
QComboBox:disabled, QAbstractSpinBox:disabled { color: @textDis; background: @window; border-color: @line; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(icons:chevron-down-@mode.svg); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @lineStrong; padding: 4px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 18px; background: transparent; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @btnHover; }
QAbstractSpinBox::up-arrow { image: url(icons:chevron-up-@mode.svg); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url(icons:chevron-down-@mode.svg); width: 9px; height: 9px; }

QKeySequenceEdit QLineEdit { min-height: 20px; }

QPlainTextEdit {
    background: @base; color: @text; border: none;
    selection-background-color: @accentFill; selection-color: @onAccent;
}
QAbstractItemView { background: @base; border: none; outline: none; }
QListView[role="popup"] { background: @raised; border: 1px solid @lineStrong; padding: 3px; }
QTableView, QTreeView { gridline-color: transparent; }
QHeaderView { background: @window; border: none; }
QFileDialog QHeaderView::section {
    background: @window; color: @text2; border: none; border-right: 1px solid @line; padding: 3px 8px;
}
QTableCornerButton::section { background: @window; border: none; }

QMenuBar { background: @window; color: @text; padding: 2px 4px; }
QMenuBar::item { padding: 3px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @btnHover; }
QMenu { background: @raised; color: @text; border: 1px solid @lineStrong; border-radius: 6px; padding: 4px; }
QMenu::item { padding: 4px 24px 4px 24px; border-radius: 4px; border: 1px solid transparent; }
QMenu::item:selected { background: @accentFill; color: @onAccent; }
QMenu::item:disabled { color: @textDis; background: transparent; }
QMenu::separator { height: 1px; background: @menuLine; margin: 4px 8px; }
QMenu::icon { padding-left: 6px; }
QMenu::indicator { width: 14px; height: 14px; padding-left: 6px; }
QMenu::indicator:checked { image: url(icons:check-@mode.svg); }
QMenu::right-arrow { width: 12px; height: 12px; image: url(icons:chevron-right-@mode.svg); padding-right: 6px; }
QMenu::right-arrow:selected { image: url(icons:chevron-right-dark.svg); }

QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 11px; margin: 0px; }
QScrollBar:horizontal { height: 11px; margin: 0px; }
QScrollBar::handle { background: @lineStrong; border-radius: 3px; margin: 2px 2px 2px 2px; }
QScrollBar::handle:horizontal { margin: 2px 2px 2px 2px; min-width: 28px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:hover { background: @text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0px; height: 0px; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
"""

_TOKEN: Final = re.compile(r"@([A-Za-z]+[23]?)")
_PIXELS: Final = re.compile(r"\b(\d+)px\b")


def style_sheet(look: Look) -> str:
    """The style sheet for the look as it is now."""
    colors = {
        "warnLine": look.mixed("warnTint", "runnable", 0.45).name(),
        "failLine": look.mixed("failTint", "failed", 0.6).name(),
        "okLine": look.mixed("okTint", "succeeded", 0.5).name(),
        "menuLine": look.mixed("raised", "lineStrong", 0.6).name(),
        "btnDown": look.mixed("btn", "accent", 0.3).name(),
        "accentDown": look.mixed("accentFill", "base", 0.25).name(),
        "dangerDown": look.mixed("danger", "base", 0.25).name(),
        "mode": look.mode,
    }
    coloured = _TOKEN.sub(lambda found: colors.get(found[1]) or look.hex(found[1]), _SHEET)
    return _PIXELS.sub(lambda found: _pixels(look, int(found[1])), coloured)


def _pixels(look: Look, size: int) -> str:
    return f"{size}px" if size <= 1 else f"{look.px(size)}px"
