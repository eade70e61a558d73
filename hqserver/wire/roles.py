"""Roles of callers: what each admits, and how much it may send."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class Role(StrEnum):
    """What a caller is to the farm. A method names the least that it takes."""

    ANONYMOUS = "anonymous"
    VIEWER = "viewer"
    SUBMITTER = "submitter"
    """Submits jobs and acts on own ones."""
    OPERATOR = "operator"
    """Acts on all jobs and clients."""
    ADMIN = "admin"
    AGENT = "agent"
    """A machine: the calls under `agent.`, and nothing else."""


_LADDER: Final = (Role.ANONYMOUS, Role.VIEWER, Role.SUBMITTER, Role.OPERATOR, Role.ADMIN)

BODY_LIMITS: Final[dict[Role, int]] = {
    Role.ANONYMOUS: 64 << 10,
    Role.VIEWER: 1 << 20,
    Role.SUBMITTER: 64 << 20,
    Role.OPERATOR: 64 << 20,
    Role.ADMIN: 64 << 20,
    Role.AGENT: 8 << 20,
}
"""Bytes of a request, unpacked."""


def admits(roles: frozenset[Role], needed: Role) -> bool:
    """Whether a caller with these roles may do what needs this one: people's roles include the ones below them."""
    if needed is Role.AGENT:
        return Role.AGENT in roles
    return any(role in _LADDER and _LADDER.index(role) >= _LADDER.index(needed) for role in roles)
