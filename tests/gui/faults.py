"""What is wrong with windows as they stand on the screen: found by walking all that is seen in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QScrollArea,
    QTabBar,
    QTextEdit,
    QWidget,
)

from hqgui.gallery.stage import popups
from hqgui.views.main_window import MainWindow

NAMED = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)

FLOATING = ("emptiness", "strips", "focusRing", "offers")
"""Lie over others because that is what they are for."""


def _seen_children(widget: QWidget) -> list[QWidget]:
    return [
        child
        for child in widget.children()
        if isinstance(child, QWidget)
        and not child.isWindow()
        and child.isVisible()
        and child.objectName() not in FLOATING
    ]


def named(widget: QWidget) -> str:
    """A widget in a message."""
    text = widget.property("text") or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__}({str(text)[:30]})"


def _faults(widget: QWidget) -> Iterator[str]:
    """What is wrong below a widget, by walking all that is seen."""
    children = _seen_children(widget)
    for child in children:
        if child.width() < 1 or child.height() < 1:
            yield f"{named(child)} in {named(widget)} has no size: {child.width()}x{child.height()}"
    if "viewport" not in widget.objectName():
        for one, other in combinations(children, 2):
            common = one.geometry().intersected(other.geometry())
            if not common.isEmpty() and not _inside_scroll_area(widget):
                yield f"{named(one)} and {named(other)} overlap in {named(widget)}: {common.getRect()}"
    for child in children:
        yield from _faults(child)


def _inside_scroll_area(widget: QWidget) -> bool:
    """Scroll bars and corner widgets share their area with the viewport by Qt's own rules."""
    return widget.inherits("QAbstractScrollArea")


def _cut_words(window: QWidget) -> Iterator[str]:
    """Labels that are narrower or lower than their words, and are not of the kind that gives way."""
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text() or type(label).__name__ == "ElidedLabel" or label.wordWrap():
            continue
        if label.width() < label.sizeHint().width() or label.height() < label.sizeHint().height():
            yield f"{named(label)} has {label.size().toTuple()} and needs {label.sizeHint().toTuple()}"


def _beyond_the_edge(window: QWidget) -> Iterator[str]:
    for area in window.findChildren(QScrollArea):
        body = area.widget()
        if body is not None and area.isVisible() and body.width() > area.viewport().width():
            yield f"{named(body)} is wider than the {area.viewport().width()} pixels of {named(area)}"
    for widget in window.findChildren(QWidget):
        parent = widget.parentWidget()
        if not widget.isVisible() or widget.isWindow() or parent is None or parent.objectName().startswith("qt_scroll"):
            continue
        if not parent.rect().contains(widget.geometry()) and widget.objectName() not in FLOATING:
            yield f"{named(widget)} {widget.geometry().getRect()} leaves {named(parent)} {parent.rect().getRect()}"


def _cut_tabs(window: QWidget) -> Iterator[str]:
    for bar in window.findChildren(QTabBar):
        last = bar.tabRect(bar.count() - 1)
        if bar.isVisible() and bar.count() and last.right() >= bar.width():
            yield f"{named(bar)} is {bar.width()} wide and its last tab ends at {last.right()}"


def nameless(window: QWidget) -> Iterator[str]:
    """What takes the keyboard or the pointer and has no name for those who cannot see it."""
    for widget in window.findChildren(QWidget):
        if (
            not isinstance(widget, NAMED)
            or isinstance(widget, QHeaderView)
            or not widget.isVisible()
            or widget.objectName().startswith("qt_")
        ):
            continue
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())):
            yield f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__} has no name"


def _without_way_out(window: QWidget) -> Iterator[str]:
    """Windows and dialogs beside the main one are closed by Ctrl+W, and the program is ended from each; not the tray's."""
    if not isinstance(window, (QMainWindow, QDialog)) or isinstance(window, MainWindow) or ".tray." in _home(window):
        return
    keys = {key.toString() for action in window.actions() for key in action.shortcuts()}
    for wanted in ("Ctrl+W", "Ctrl+Q"):
        if QKeySequence(wanted).toString() not in keys:
            yield f"{named(window)} does not know {wanted}"


def _home(window: QWidget) -> str:
    return type(window).__module__


def all_faults(shown: QWidget) -> list[str]:
    """Of a window and what is open over it."""
    checks = (_faults, _cut_words, _beyond_the_edge, _cut_tabs, nameless, _without_way_out)
    return [fault for one in (shown, *popups(shown)) for check in checks for fault in check(one)]
