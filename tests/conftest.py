"""`--seed N` repeats one run of a test that draws its seeds at random."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="repeat a random farm or simulation with this seed")
