"""The gallery runs whole, and in none of its pictures does anything overlap, vanish or lose its words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontInfo, QImage
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMainWindow, QScrollArea, QWidget

from hqgui.gallery.__main__ import main
from hqgui.gallery.kit import Scene, Set
from hqgui.gallery.legend import CLIENTS, JOBS, LegendSheet, contrast
from hqgui.gallery.scenes import SCENES
from hqgui.gallery.stage import fix_time_zone, picture, popups, settle
from hqgui.theme import MONO_FAMILY, UI_FAMILY, look
from hqgui.tokens import INK, MODES
from hqgui.views.main_window import MainWindow
from hqgui.views.parts.glyphs import glyph
from hqgui.views.parts.icons import icon
from tests.gui.conftest import usual_look
from tests.gui.test_access import nameless

FLOATING = ("emptiness", "strips", "focusRing", "offers")
"""Lie over others because that is what they are for."""


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    fix_time_zone()
    usual_look()
    yield
    usual_look()


def _place(widget: QWidget, within: QWidget) -> QRect:
    return QRect(widget.mapTo(within, QPoint(0, 0)), widget.size())


def _seen_children(widget: QWidget) -> list[QWidget]:
    return [
        child
        for child in widget.children()
        if isinstance(child, QWidget)
        and not child.isWindow()
        and child.isVisible()
        and child.objectName() not in FLOATING
    ]


def _named(widget: QWidget) -> str:
    text = widget.property("text") or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__}({str(text)[:30]})"


def _faults(widget: QWidget) -> Iterator[str]:
    """What is wrong below a widget, by walking all that is seen."""
    children = _seen_children(widget)
    for child in children:
        if child.width() < 1 or child.height() < 1:
            yield f"{_named(child)} in {_named(widget)} has no size: {child.width()}x{child.height()}"
    if "viewport" not in widget.objectName():
        for one, other in combinations(children, 2):
            common = one.geometry().intersected(other.geometry())
            if not common.isEmpty() and not _inside_scroll_area(widget):
                yield f"{_named(one)} and {_named(other)} overlap in {_named(widget)}: {common.getRect()}"
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
            yield f"{_named(label)} has {label.size().toTuple()} and needs {label.sizeHint().toTuple()}"


def _beyond_the_edge(window: QWidget) -> Iterator[str]:
    for area in window.findChildren(QScrollArea):
        body = area.widget()
        if body is not None and area.isVisible() and body.width() > area.viewport().width():
            yield f"{_named(body)} is wider than the {area.viewport().width()} pixels of {_named(area)}"
    for widget in window.findChildren(QWidget):
        parent = widget.parentWidget()
        if not widget.isVisible() or widget.isWindow() or parent is None or parent.objectName().startswith("qt_scroll"):
            continue
        if not parent.rect().contains(widget.geometry()) and widget.objectName() not in FLOATING:
            yield f"{_named(widget)} {widget.geometry().getRect()} leaves {_named(parent)} {parent.rect().getRect()}"


def _small_set() -> Set:
    """As small a farm as shows everything."""
    return Set(QSize(1280, 800), finished=16, trees=16)


def _all_faults(shown: QWidget) -> list[str]:
    checks = (_faults, _cut_words, _beyond_the_edge)
    return [fault for one in (shown, *popups(shown)) for check in checks for fault in check(one)]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_nothing_overlaps_or_vanishes_in_a_small_window_and_everything_has_a_name(scene: Scene) -> None:
    at = _small_set()
    shown = scene.play(at)
    faults = _all_faults(shown)
    faults += [fault for one in (shown, *popups(shown)) for fault in nameless(one)]
    if isinstance(shown, MainWindow) and not popups(shown):
        look().choose(zoom=1.5)
        shown.memory.first_layout()
        settle()
    else:
        at.clear()
        look().choose(zoom=1.5)
        shown = scene.play(at)
    faults += [f"at 150 %: {fault}" for fault in _all_faults(shown)]
    at.clear()
    assert faults == []


def test_the_gallery_writes_its_pictures(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--only", "wrangler", "--only", "legend", "--size", "1280x800"]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"{name}-{theme}-1280x800.png" for name in ("legend", "wrangler") for theme in ("dark", "light")]


class _Strays(QObject):
    """Notes widgets that are shown as windows of their own and are none."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            kind = watched.windowType()
            if kind == Qt.WindowType.Window and not isinstance(watched, (QMainWindow, QDialog, LegendSheet)):
                self.seen.append(_named(watched))
        return False


def test_no_part_of_a_window_flashes_as_a_window_of_its_own(qapp: QApplication) -> None:
    strays = _Strays()
    qapp.installEventFilter(strays)
    at = _small_set()
    for name in ("many-selected", "output-search", "activity", "confirm-delete"):
        next(scene for scene in SCENES if scene.name == name).play(at)
        at.clear()
    qapp.removeEventFilter(strays)
    assert strays.seen == []


def test_two_pictures_of_one_scene_are_the_same() -> None:
    pictures = []
    for _ in range(2):
        at = _small_set()
        pictures.append(picture(SCENES[0].play(at)).toImage())
        at.clear()
    assert pictures[0] == pictures[1]


def test_an_unknown_picture_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--only", "wrangler-in-pink"]) == 2
    assert "wrangler-in-pink" in capsys.readouterr().err


@pytest.mark.parametrize("mode", sorted(MODES))
def test_glyphs_differ_from_each_other(qapp: QApplication, mode: str) -> None:
    with look().drawn_in(mode):
        shapes = {
            name: glyph(name, 13, 2.0).toImage().convertToFormat(QImage.Format.Format_Alpha8)
            for name in (*JOBS, *CLIENTS)
        }
    for one, other in combinations(shapes, 2):
        assert shapes[one] != shapes[other], f"{one} and {other} have one silhouette"


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("ground", ["base", "window", "panel", "hover", "sel"])
@pytest.mark.parametrize("ink", ["text", "text2"])
def test_text_is_readable_on_every_ground(mode: str, ground: str, ink: str) -> None:
    assert contrast(MODES[mode][ink], MODES[mode][ground]) >= 4.5


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("name", sorted(set(INK.values())))
def test_inks_are_readable_on_tables(mode: str, name: str) -> None:
    assert contrast(MODES[mode][name], MODES[mode]["base"]) >= 4.5
    assert contrast(MODES[mode][name], MODES[mode]["sel"]) >= 3.0


def test_icons_of_buttons_are_drawn_for_dense_screens(qapp: QApplication) -> None:
    dense = icon("bell").pixmap(QSize(16, 16), 2.0)
    assert (dense.size(), dense.devicePixelRatio()) == (QSize(32, 32), 2.0)


def test_the_bundled_fonts_are_used(qapp: QApplication) -> None:
    assert QFontInfo(look().font()).family() == UI_FAMILY
    assert QFontInfo(look().font(11, mono=True)).family() == MONO_FAMILY
