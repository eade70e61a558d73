"""Keys: defaults, what was chosen instead, and what loses its keys by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.keymap import Binding, Keymap

BINDINGS = (
    Binding("pause", "Pause", "Jobs", "Ctrl+P"),
    Binding("resume", "Resume", "Jobs", ""),
    Binding("eject", "Eject", "Jobs", "Ctrl+E"),
    Binding("why", "Why waiting", "Window", "W", table="jobs"),
    Binding("wake", "Wake", "Clients", "K", table="clients"),
    Binding("refresh", "Refresh", "Window", "F5"),
)


def test_keys_that_are_taken_leave_whoever_had_them() -> None:
    keymap = Keymap(BINDINGS)
    assert [one.name for one in keymap.choose("refresh", "Ctrl+E")] == ["eject"]
    assert keymap.keys("eject") == ""
    again = Keymap(BINDINGS, keymap.written())
    assert again.keys("refresh") == "Ctrl+E"
    assert again.keys("eject") == ""
    again.restore("eject")
    assert (again.keys("eject"), again.keys("refresh")) == ("Ctrl+E", "")
    again.restore()
    assert again.written() == []


@pytest.mark.parametrize(
    ("name", "keys", "wrong"),
    [
        ("refresh", "R", True),
        ("refresh", "Shift+R", True),
        ("refresh", "Ctrl+Shift+R", False),
        ("refresh", "F12", False),
        ("refresh", "Shift+F12", False),
        ("refresh", "", False),
        ("why", "Y", False),
    ],
)
def test_a_letter_belongs_to_a_table_alone(name: str, keys: str, wrong: bool) -> None:
    assert bool(Keymap(BINDINGS).why_not(name, keys)) is wrong


def test_two_tables_may_use_one_key() -> None:
    keymap = Keymap(BINDINGS)
    assert keymap.choose("wake", "W") == []
    assert [one.name for one in keymap.choose("refresh", "W")] == ["why", "wake"]


def test_what_is_not_known_in_the_settings_is_left_out() -> None:
    assert Keymap(BINDINGS, ["gone=Ctrl+G", "nonsense", "eject=Ctrl+J"]).written() == ["eject=Ctrl+J"]


@given(
    st.lists(st.tuples(st.sampled_from([one.name for one in BINDINGS]), st.sampled_from(["", "Ctrl+P", "F5", "F6"])))
)
def test_no_two_have_one_key(choices: list[tuple[str, str]]) -> None:
    keymap = Keymap(BINDINGS)
    for name, keys in choices:
        keymap.choose(name, keys)
        assert keymap.keys(name) == keys
    again = Keymap(BINDINGS, keymap.written())
    for name in again.bindings:
        assert again.holders(again.keys(name), name) == []
        assert again.keys(name) == keymap.keys(name)
