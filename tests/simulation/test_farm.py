"""Seeded simulations of the whole farm: what must never happen does not, and what was accepted comes to an end.

A failing seed is repeated by `pytest tests/simulation --seed N`.
"""

from __future__ import annotations

import random

import pytest

from tests.simulation.world import Simulation

STEPS = 3000
SEEDS = 8


def run(seed: int, unsafe: str = "", steps: int = STEPS) -> None:
    simulation = Simulation(seed, unsafe)
    try:
        for _ in range(steps):
            simulation.step()
        simulation.heal()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}; repeat with: pytest tests/simulation --seed {seed}") from error


def test_nothing_runs_twice_and_everything_ends(pytestconfig: pytest.Config) -> None:
    given = pytestconfig.getoption("--seed")
    seeds = [given] if given is not None else [random.randrange(10**9) for _ in range(SEEDS)]
    for seed in seeds:
        run(seed)


@pytest.mark.parametrize("unsafe", ["no lease", "starts twice", "forgets leases", "late orders"])
def test_the_oracle_notices_when_a_safety_rule_is_switched_off(unsafe: str) -> None:
    for seed in range(40):
        try:
            run(seed, unsafe)
        except AssertionError as error:
            if "runs on" in str(error):
                return
    raise AssertionError(f"nobody noticed: {unsafe}")


@pytest.mark.long
def test_a_hundred_seeds() -> None:
    for seed in range(100):
        run(seed)
