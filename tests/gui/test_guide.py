"""The guide is true: its page of keys is the window's, its links and pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hqgui.gallery.keys_page import page

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
_LINK = re.compile(r"\]\(([^)#\s]+)\)")


def test_the_page_of_keys_is_what_the_window_says(qapp: QApplication) -> None:
    stored = (GUIDE / "keys.md").read_text(encoding="utf-8")
    assert stored == page(), "make it again: python -m hqgui.gallery.keys_page docs/guide/keys.md"


@pytest.mark.parametrize("file", sorted(GUIDE.glob("*.md")), ids=lambda file: file.name)
def test_links_and_pictures_are_there(file: Path) -> None:
    links = [link for link in _LINK.findall(file.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (file.parent / link).exists()] == []
