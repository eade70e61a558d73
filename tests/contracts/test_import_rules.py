"""Who may import what, where a list of what is allowed says more than import-linter's list of what is not."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from tests.contracts.sources import PACKAGES, imported, is_below, sources_in

STANDARD = tuple(sys.stdlib_module_names)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the files of a folder may import of some packages."""

    who: str
    may_import: tuple[str, ...]
    of: tuple[str, ...] = ()
    """The packages that the rule is about; empty: all there are."""


RULES = (
    Allowed("hqserver/wire", ("hqserver.wire", *STANDARD)),
    Allowed("hqserver/core", ("hqserver.core", "hqserver.wire", *STANDARD)),
    Allowed("hqserver/store", ("hqserver.store", "hqserver.core", "hqserver.wire"), of=PACKAGES),
    Allowed("hqserver", ("hqserver",), of=PACKAGES),
    Allowed("hqagent", ("hqagent", "hqserver.wire"), of=PACKAGES),
    Allowed("hqgui", ("hqgui", "hqserver.wire"), of=PACKAGES),
    Allowed("hqgui/models", ("hqgui.models", "hqgui.words", "hqgui.feed_state"), of=("hqgui",)),
    Allowed("hqgui/actions", (), of=("hqgui.views", "PySide6", "qasync")),
    Allowed("hqgui/models", ("PySide6.QtCore", "PySide6.QtGui"), of=("PySide6",)),
    Allowed("hqgui/views", (), of=("hqgui.link", "hqgui.feed", "PySide6.QtNetwork", "socket", "urllib", "http")),
)


def _forbidden(rule: Allowed) -> list[str]:
    return [
        f"{source.path}:{line} {name}"
        for source in sources_in(rule.who)
        for name, line in imported(source.tree)
        if (not rule.of or is_below(name, rule.of)) and not is_below(name, rule.may_import)
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.who} of {','.join(rule.of) or 'anything'}")
def test_only_what_is_allowed_is_imported(rule: Allowed) -> None:
    assert _forbidden(rule) == []


def test_a_rule_can_be_broken() -> None:
    assert _forbidden(Allowed("hqserver/core", ("hqserver.wire",), of=("hqserver",)))


def test_nothing_imports_a_program() -> None:
    names = [(source.path, name) for source in sources_in(*PACKAGES) for name, _ in imported(source.tree)]
    assert len(names) > 200
    assert [(path, name) for path, name in names if "__main__" in name.split(".")] == []
