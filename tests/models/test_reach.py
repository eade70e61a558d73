"""Whom actions on jobs reach, and whom they change."""

from __future__ import annotations

from typing import Any

import pytest

from hqgui.actions.rules import linked
from tests.models.farm_rows import job_row
from tests.models.test_job_store import filled

CASES = {
    "runs": ({"status": "running"}, True),
    "ends already": ({"status": "running", "ending": "ejected"}, False),
    "lost": ({"status": "abandoned"}, True),
    "was to end when it was lost": ({"status": "abandoned", "ending": "ejected"}, True),
    "was to be cancelled when it was lost": ({"status": "abandoned", "ending": "cancelled"}, True),
    "waits": ({"status": "runnable"}, False),
    "is over": ({"status": "succeeded"}, False),
}


@pytest.mark.parametrize(("row", "ejected"), CASES.values(), ids=CASES)
def test_what_can_be_ejected(row: dict[str, Any], ejected: bool) -> None:
    store = filled(job_row(1, **row))
    assert linked(store, "eject", [1]).concerned == ((1,) if ejected else ())
