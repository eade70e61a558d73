"""Errors of the server and of clients: the same one is counted, and so many are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hqserver.core import mails
from hqserver.core.commands import NoteProblem
from hqserver.core.kept import Kept, Problem
from hqserver.core.records import Client, Instant

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_MOST: Final = 200
"""Different ones of the server, and of each client."""
_LONGEST_MESSAGE: Final = 2000
_LONGEST_TRACEBACK: Final = 16_000
_QUIET_SECONDS: Final = 86_400.0
"""After so long a known error is news again."""


def note(farm: Farm, command: NoteProblem, now: Instant) -> None:
    """An error happened: it is counted, or is a new one."""
    if command.client is not None and command.client not in farm.clients:
        return
    known = farm.problems_of.setdefault(command.client, {})
    problem = known.get(command.key)
    is_news = problem is None or now.wall - problem.last_at > _QUIET_SECONDS
    if problem is None:
        problem = Problem(
            farm.new_id(Kept.PROBLEMS), command.client, command.key, "", "", 0, first_at=now.wall, last_at=now.wall
        )
        take_problem(farm, problem)
        if len(known) > _MOST:
            _drop(farm, min(known.values(), key=lambda item: item.last_at))
    problem.message = command.message[:_LONGEST_MESSAGE]
    problem.traceback = command.traceback[-_LONGEST_TRACEBACK:]
    problem.count += command.count
    problem.last_at = now.wall
    farm.touch(Kept.PROBLEMS, problem)
    if is_news and command.client is None:
        mails.tell_of_problem(farm, problem, now)


def take_problem(farm: Farm, problem: Problem) -> None:
    """A problem is known from now on, also after a restart."""
    farm.problems[problem.id] = problem
    farm.problems_of.setdefault(problem.client, {})[problem.key] = problem


def of(farm: Farm, client: int | None) -> list[Problem]:
    """The errors of a client, or of the server itself; the one that happened last comes first."""
    return sorted(farm.problems_of.get(client, {}).values(), key=lambda item: (-item.last_at, -item.id))


def forget_client(farm: Farm, client: Client) -> None:
    """A client was removed."""
    for problem in list(farm.problems_of.get(client.id, {}).values()):
        _drop(farm, problem)
    farm.problems_of.pop(client.id, None)


def _drop(farm: Farm, problem: Problem) -> None:
    del farm.problems[problem.id]
    del farm.problems_of[problem.client][problem.key]
    farm.drop(Kept.PROBLEMS, problem)
