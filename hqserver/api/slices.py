"""Long work on the event loop in short turns, so that one caller's large call keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable
from time import perf_counter
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

TURN_SECONDS: Final = 0.005
_ITEMS_A_LOOK: Final = 32


async def in_turns(work: Generator[None, None, T]) -> T:
    """What the generator returns; others are let in when it has run for a turn."""
    end = perf_counter() + TURN_SECONDS
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result
        if perf_counter() > end:
            await asyncio.sleep(0)
            end = perf_counter() + TURN_SECONDS


async def mapped(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """The function of each item; others are let in when it has run for a turn."""
    return await in_turns(_mapped(function, items))


def _mapped(function: Callable[[T], R], items: Iterable[T]) -> Generator[None, None, list[R]]:
    found: list[R] = []
    for number, item in enumerate(items, 1):
        found.append(function(item))
        if not number % _ITEMS_A_LOOK:
            yield
    return found
