"""The guide is true: its page of keys is the window's, its pictures are the gallery's."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hqgui.gallery.guide import FOLDER, main, named
from hqgui.gallery.keys_page import page

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


def test_the_page_of_keys_is_what_the_window_says(qapp: QApplication) -> None:
    stored = (GUIDE / "keys.md").read_text(encoding="utf-8")
    assert stored == page(), "make it again: python -m hqgui.gallery.keys_page docs/guide/keys.md"


def test_the_pictures_are_those_of_the_gallery() -> None:
    stored = {path.stem for path in (GUIDE / FOLDER).glob("*.png")}
    wanted = {f"{scene}-{theme}" for scene, theme in named(GUIDE)}
    assert stored == wanted, "make them again: python -m hqgui.gallery.guide docs/guide"


def test_pictures_are_made_as_the_pages_name_them(tmp_path: Path, qapp: QApplication) -> None:
    (tmp_path / "page.md").write_text("![The form](pictures/submit-light.png)\n![Connect](pictures/connect-dark.png)\n")
    stale = tmp_path / "pictures" / "gone-dark.png"
    stale.parent.mkdir()
    stale.touch()
    assert main([str(tmp_path)]) == 0
    assert sorted(path.name for path in stale.parent.iterdir()) == ["connect-dark.png", "submit-light.png"]


@pytest.mark.parametrize("name", ["submit", "submit-blue", "nothing-dark"])
def test_a_picture_that_the_gallery_lacks_is_named(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.md").write_text(f"![A picture](pictures/{name}.png)\n")
    assert main([str(tmp_path)]) == 1
    assert f"page.md: {name}.png is not a picture of the gallery" in capsys.readouterr().err
