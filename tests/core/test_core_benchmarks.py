"""The benchmarks of the core alone find jobs to hand out: every value that they asked for is measured."""

from __future__ import annotations

import pytest

from benchmarks import dispatch, rollups


def test_what_it_costs_to_hand_out_a_job_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "QUICK", ((400, 1, 3), (400, 20, 10)))
    one, many = dispatch.measure(quick=True)
    assert len(one.values) == len(many.values) == 400 // 4 // dispatch.BLOCK


def test_what_the_end_of_a_leaf_costs_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "LEAVES", (1000, 2000))
    monkeypatch.setattr(rollups, "ENDS", 40)
    (figure,) = rollups.measure(quick=True)
    assert len(figure.values) == len(figure.reference_values) == 10
