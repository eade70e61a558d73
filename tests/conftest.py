"""What all tests share: `--seed N` repeats one run of a random farm or simulation; no law has a clock.

The normal run tries the same examples each time, so that it says something about the change and nothing about luck; the
long run (`-m ''`) draws new ones and prints how to repeat what fails.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("new examples", _UNHURRIED)
settings.register_profile("same examples", _UNHURRIED, derandomize=True, max_examples=40)
settings.load_profile("same examples")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="repeat a random farm or simulation with this seed")
    parser.addoption("--events", type=int, default=None, help="for how many events a random farm of --seed lives")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("markexpr"):
        settings.load_profile("new examples")
