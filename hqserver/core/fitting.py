"""The one engine that says whether a client may run a job, or why not: tables of rules, each in a file of its own.

The planner asks the rules of choice once for a pool of clients that are alike, and the rules of the moment for a client
that it is about to take; `explainJob` asks all of them for every client. So they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from hqserver.core import conditions, groups, tags
from hqserver.core.records import Client
from hqserver.core.service import out_of_service
from hqserver.core.wants import Choice
from hqserver.wire.reasons import Reason
from hqserver.wire.statuses import PAUSED_OR_PAUSING

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.lines import Kind
    from hqserver.core.wants import Rank

ChoiceRule = Callable[["Farm", Choice, Client], bool]
MomentRule = Callable[["Farm", "Kind", "Rank", Client], bool]


def is_chosen(farm: Farm, choice: Choice, client: Client) -> bool:
    """Whether nothing about the client itself speaks against it."""
    return not any(refuses(farm, choice, client) for _, refuses in _CHOICE)


def obstacle(farm: Farm, kind: Kind, rank: Rank, client: Client) -> Reason | None:
    """What keeps a usable client of the right pools from taking the kind's job of this rank now; None: it fits."""
    for reason, refuses in _MOMENT:
        if refuses(farm, kind, rank, client):
            return reason
    return None


def reasons(
    farm: Farm, kind: Kind, rank: Rank, client: Client, of_choice: Sequence[Reason] | None = None
) -> list[Reason]:
    """Everything that keeps the client from the job, what is furthest from passing first; empty: it fits.

    `of_choice`: what `choice_reasons` says, for callers that know it of clients that are alike.
    """
    found = [Reason.SMALL] if client.machine.cpus < kind.wants.room.cpus else []
    found += choice_reasons(farm, kind.wants.choice, client) if of_choice is None else of_choice
    found += out_of_service(client)
    found += [reason for reason, refuses in _MOMENT if refuses(farm, kind, rank, client)]
    return found


def choice_reasons(farm: Farm, choice: Choice, client: Client) -> list[Reason]:
    """What about the client itself speaks against it."""
    return [reason for reason, refuses in _CHOICE if refuses(farm, choice, client)]


def most_room(farm: Farm, client: Client) -> int:
    """How many cpus will be free when what runs there has ended. A paused job does not end by itself."""
    jobs = farm.jobs
    stuck = sum(attempt.cpus for attempt in client.attempts.values() if jobs[attempt.job].status in PAUSED_OR_PAUSING)
    stuck += sum(
        attempt.helpers[client.id] for id_, attempt in client.helps.items() if jobs[id_].status in PAUSED_OR_PAUSING
    )
    return client.machine.cpus - stuck


def has_other(kind: Kind) -> bool:
    """Whether clients that have not failed the job may run it, now or when they are free: as many as it needs."""
    avoid, cpus, lacking = kind.wants.avoid, kind.wants.room.cpus, kind.wants.least
    for pool in kind.selector.pools:
        if pool.traits.cpus >= cpus:
            for id_ in pool.usable:
                lacking -= id_ not in avoid
                if not lacking:
                    return True
    return False


def _lacks_conditions(farm: Farm, choice: Choice, client: Client) -> bool:
    return bool(choice.conditions) and not conditions.holds(choice.conditions, client, groups.names(farm, client))


def _is_held(farm: Farm, kind: Kind, rank: Rank, client: Client) -> bool:
    holder = farm.planner.holder_of(client.id)
    if holder is None or holder is kind:
        return False
    first = holder.first()
    return first is not None and first < rank


_CHOICE: Final[tuple[tuple[Reason, ChoiceRule], ...]] = (
    (
        Reason.PLATFORM,
        lambda farm, choice, client: (
            bool(choice.systems) and conditions.system(client.machine.platform) not in choice.systems
        ),
    ),
    (Reason.CONDITION, _lacks_conditions),
    (
        Reason.BLOCKED,
        lambda farm, choice, client: bool(choice.blocked) and client.id in farm.blocked_clients(choice.blocked),
    ),
)

_MOMENT: Final[tuple[tuple[Reason, MomentRule], ...]] = (
    (
        Reason.FAILED_BEFORE,
        lambda farm, kind, rank, client: client.id in kind.wants.avoid and has_other(kind),
    ),
    (Reason.HELD, _is_held),
    (Reason.WHOLE, lambda farm, kind, rank, client: kind.wants.room.whole and client.cpus_used > 0),
    (
        Reason.CPUS,
        lambda farm, kind, rank, client: client.machine.cpus - client.cpus_used < kind.wants.room.cpus,
    ),
    (Reason.TAG, lambda farm, kind, rank, client: tags.conflict(farm, client, kind.wants.labels)),
)
