"""The table of all methods, in the order of the reference."""

from __future__ import annotations

from typing import Final

from hqserver.api import (
    agents,
    attempts,
    changes,
    clients,
    configuration,
    explaining,
    folders,
    groups,
    job_queries,
    jobs,
    meta,
    notes,
    older,
    resources,
    searching,
    server,
    system,
)
from hqserver.api.registry import Method, Section, table

SECTIONS: Final[tuple[Section, ...]] = (
    server.SECTION,
    clients.SECTION,
    groups.SECTION,
    jobs.SECTION,
    job_queries.SECTION,
    searching.SECTION,
    explaining.SECTION,
    attempts.SECTION,
    meta.SECTION,
    resources.SECTION,
    configuration.SECTION,
    folders.SECTION,
    notes.SECTION,
    older.SECTION,
    changes.SECTION,
    system.SECTION,
    agents.SECTION,
)


def all_methods() -> dict[str, Method]:
    """Every method by name. Raises BadDeclaration, which stops the server before it answers anybody."""
    return table(SECTIONS)
