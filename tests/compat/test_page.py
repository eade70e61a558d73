"""The table of compatibility: every documented sentence has a test, every difference a reason, and the page is fresh."""

from __future__ import annotations

import pytest

from hqserver.api.methods import all_methods
from tests.compat import page

NOT_FUNCTIONS = {"connecting", "client_api", "client", "group", "job", "thread", "note"}


def test_every_documented_sentence_is_shown_by_a_test() -> None:
    shown = page.shown_by()
    missing = [anchor for anchor in page.SENTENCES if anchor not in shown]
    assert not missing, f"mark the tests that show these with @shows: {', '.join(missing)}"


def test_every_difference_belongs_to_a_sentence_and_has_a_reason() -> None:
    assert set(page.DIFFERS) <= set(page.SENTENCES)
    assert all(len(reason.split()) >= 4 for reason in page.DIFFERS.values())


def test_a_mark_names_a_sentence() -> None:
    assert set(page.shown_by()) <= set(page.SENTENCES)
    with pytest.raises(KeyError, match="no sentence"):
        page.shows("ping.sometimes")


def test_every_documented_function_is_a_method_and_no_other_counts_as_documented() -> None:
    documented = {anchor.partition(".")[0] for anchor in page.SENTENCES} - NOT_FUNCTIONS
    assert documented <= set(all_methods())
    old = {"getinfo", "getstatus", "getJobIdsBySatus", "getPermittedClientList", "savePermittedClientList"}
    others = {method.name for method in all_methods().values() if not method.is_ours} - documented - old
    assert not others, f"neither documented nor marked as ours: {others}"


def test_the_page_is_fresh() -> None:
    written = (page.ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    assert written == page.text(), "run: python -m tests.compat.page docs/compatibility.md"
