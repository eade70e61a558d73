"""Errors of the server and of clients, as `getServerErrors` and `getClientErrors` answer them."""

from __future__ import annotations

from typing import Any

from hqserver.api.context import Call
from hqserver.core import problems
from hqserver.core.reading_kept import problem_row


async def errors_of(call: Call, client: int | None) -> dict[str, Any]:
    """The errors of a client (None: of the server), the one that happened last first; an empty dict for none."""
    rows = [problem_row(problem) for problem in problems.of(call.farm, client)]
    await call.seen()
    return {"total": len(rows), "errors": rows} if rows else {}
