"""Whatever HQueue's web pages offer has a place in the window, and the documentation says where."""

from __future__ import annotations

import re
from typing import Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton

from hqgui.actions.table import ACTIONS
from hqgui.client_part import ClientPart
from hqgui.models.group_table import GROUP_COLUMNS
from hqgui.models.history import Entry
from hqgui.models.job_details import whole
from hqgui.models.job_properties import PROPERTIES
from hqgui.views.parts.chips import Tabs
from tests.compat import page, web_pages
from tests.gui.conftest import Opener

_ITALIC: Final = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
_ELSEWHERE: Final = {"Save log", "New note", "Remove from …"}
"""Said by a button that has no words where there is no room, by the window of notes, and with the name of a group."""
NOT_THERE = {"clients.add", "clients.restart", "client.place", "client.login", "notes.feed"}
"""What has no place, on purpose."""


def test_everything_has_a_place_or_says_why_it_has_none() -> None:
    assert web_pages.OFFERS.keys() == web_pages.PLACES.keys()
    assert {anchor for anchor, (where, *_) in web_pages.PLACES.items() if where.startswith("not there")} == NOT_THERE
    for anchor, (where, *needs) in web_pages.PLACES.items():
        assert len(where) > 5, anchor
        assert not (anchor in NOT_THERE and needs)


def test_places_are_in_the_window(open_window: Opener) -> None:
    window = open_window().window
    clients = window.findChild(ClientPart)
    assert clients is not None
    details = dict.fromkeys(("command", "shell", "output", "onSuccess", "onError", "onCancel", "onChildError"), "x")
    told = whole((), {**details, "environment": {"A": "b"}}, [Entry(0, "", "runnable", "", "")])
    there = {
        "action": set(ACTIONS),
        "way": {way.name for way in window.navigation.ways()},
        "job": set(window.tree.columns.order),
        "client": set(window.clients.rows.columns.order),
        "group": {column.key for column in GROUP_COLUMNS},
        "property": {one.label for one in PROPERTIES},
        "detail": {one.label for one in told},
        "tab": _titles(window.inspector.tabs),
        "client-tab": _titles(clients.inspector.tabs),
        "panel": set(window.lower_dock._names),
    }
    needed = [(anchor, need) for anchor, (_, *needs) in web_pages.PLACES.items() for need in needs]
    for anchor, need in needed:
        kind, _, name = need.partition(":")
        assert name in there[kind], f"{anchor}: the window has no {need}"
    assert len(needed) > 80


def test_places_are_called_as_in_the_window(open_window: Opener) -> None:
    """What stands in italics is a title, a tab, a way, an action or a button that the window has by that name."""
    window = open_window().window
    clients = window.findChild(ClientPart)
    assert clients is not None
    details = dict.fromkeys(("command", "shell", "output", "onSuccess", "onError", "onCancel", "onChildError"), "x")
    told = whole((), {**details, "environment": {"A": "b"}}, [Entry(0, "", "runnable", "", "")])
    models = (window.tree.model(), window.clients.rows.model())
    buttons = (button.text().replace("&", "") for button in window.findChildren(QAbstractButton))
    known = {
        *(
            model.headerData(place, Qt.Orientation.Horizontal)
            for model in models
            for place in range(model.columnCount())
        ),
        *_titles(window.inspector.tabs),
        *_titles(clients.inspector.tabs),
        *(one.label for one in PROPERTIES),
        *(one.label for one in told),
        *(way.words for way in window.navigation.ways()),
        *(action.text() for action in window.findChildren(QAction)),
        *(re.sub(r"\\s\\d.*", "", text) for text in buttons),
    }
    called = [(anchor, name) for anchor, (where, *_) in web_pages.PLACES.items() for name in _ITALIC.findall(where)]
    assert [(anchor, name) for anchor, name in called if name not in known | _ELSEWHERE] == []
    assert len(called) > 80


def _titles(tabs: Tabs) -> set[str]:
    return {tabs.tabText(place) for place in range(tabs.count())}


@pytest.mark.parametrize(("file", "links"), [("guide/where-it-is.md", ""), ("compatibility.md", "guide/")])
def test_the_documentation_has_the_table(file: str, links: str) -> None:
    text = (page.ROOT / "docs" / file).read_text(encoding="utf-8")
    how = (
        "python -m tests.compat.web_pages docs/guide/where-it-is.md; python -m tests.compat.page docs/compatibility.md"
    )
    assert "\n".join(web_pages.table(links)) in text, f"run: {how}"
