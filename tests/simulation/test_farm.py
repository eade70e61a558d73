"""Seeded simulations of the whole farm: what must never happen does not, and what was accepted comes to an end.

A failing seed is repeated by `pytest tests/simulation --seed N`.
"""

from __future__ import annotations

import random
import sys
import time

import pytest

from tests.simulation.world import Simulation

EVENTS_A_SEED = 12_000
EVENTS_A_LONG_SEED = 50_000
SEEDS = 5
LONG_EVENTS = 5_000_000
UNTIL_NOTICED = 400_000
"""Events within which a rule that is switched off must be noticed."""

RULES = {
    "no leases": "R9: the keeper ends what has no lease",
    "starts twice": "R2: an attempt is started at most once",
    "spawns before it writes": "R2: what is started is on disk before",
    "no tombstones": "R2: what is given up is never started later",
    "lease from the answer": "R3: a lease runs from when it was asked for",
    "clock stops in suspend": "R3: the clock goes on while the machine is suspended",
    "renews in words only": "R4: what an answer renews is renewed at the server too",
    "late orders": "R4: an order that is sent again renews, and one that does not hold is not sent",
    "runs elsewhere at once": "R5: not before the lease and the grace have ended",
    "no grace": "R5: the grace covers clocks that differ, and killing",
    "no grace after a start": "R5: a server that was started waits a whole lease",
    "takes overtaken hellos": "R6: only what is newer than all that is known proves that an attempt is over",
    "a hello is enough": "R10: only who is known to hear answers is given work",
    "no fencing": "R7: a report counts for its own attempt alone",
    "ejects without a kill": "R8: what is taken off a client is dead before it runs elsewhere",
    "does not wait for the kill": "R8: cancelled means dead",
    "orders before they are on disk": "R1: an attempt is on disk before its order is sent",
    "tells before it is on disk": "P1: what is acknowledged is on disk",
}


def run(seed: int, unsafe: str = "", events: int = EVENTS_A_SEED) -> Simulation:
    simulation = Simulation(seed, unsafe)
    try:
        while simulation.events < events:
            simulation.step()
        simulation.heal()
    except AssertionError as error:
        again = f"pytest tests/simulation --seed {seed}"
        raise AssertionError(f"seed {seed}, event {simulation.events}: {error}; repeat with: {again}") from error
    return simulation


def test_nothing_runs_twice_and_everything_ends(pytestconfig: pytest.Config) -> None:
    given = pytestconfig.getoption("--seed")
    if given is not None:
        run(given, events=EVENTS_A_LONG_SEED)
    else:
        for seed in range(SEEDS):
            run(seed)


def noticed_after(unsafe: str, most: int) -> int | None:
    """How many events it took until somebody noticed; None: nobody did."""
    events = 0
    for seed in range(10_000):
        simulation = Simulation(seed, unsafe)
        try:
            while simulation.events < EVENTS_A_SEED:
                simulation.step()
            simulation.heal()
        except AssertionError:
            return events + simulation.events
        events += simulation.events
        if events > most:
            break
    return None


RARE = {
    "clock stops in suspend",
    "late orders",
    "no tombstones",
    "orders before they are on disk",
    "runs elsewhere at once",
    "takes overtaken hellos",
    "tells before it is on disk",
}
"""Rules whose lack shows only after very many events: looked for by the long run."""


@pytest.mark.parametrize(
    "unsafe", [pytest.param(rule, marks=pytest.mark.long) if rule in RARE else rule for rule in RULES]
)
def test_the_oracle_notices_when_a_safety_rule_is_switched_off(unsafe: str) -> None:
    assert noticed_after(unsafe, UNTIL_NOTICED) is not None, RULES[unsafe]


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_five_million_events(capsys: pytest.CaptureFixture[str]) -> None:
    events = seeds = 0
    first = random.randrange(10**9)
    began = time.monotonic()
    while events < LONG_EVENTS:
        events += run(first + seeds, events=EVENTS_A_LONG_SEED).events
        seeds += 1
    with capsys.disabled():
        sys.stdout.write(
            f"\n{events:,} simulated events of {seeds} seeds, 0 violations, {time.monotonic() - began:.0f} s\n"
        )
