"""What a tray holds of a farm: its person's root jobs, the clients of its machine, threads about these. Nothing else.

The server tells no more where it can (`getChanges` with `only`); whatever else comes is passed over here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hqgui.models.farm import FarmData, Rows

Names = Callable[[], frozenset[str]]


class MyFarm(FarmData):
    """A small part of a farm."""

    def __init__(self, users: Names, host: str) -> None:
        super().__init__()
        self._users = users
        self.host = host

    def only(self) -> Mapping[str, Any]:
        """What the server is asked for."""
        users, known = sorted(self._users()), sorted(self.jobs.row_of)
        return {"users": users, "hosts": [self.host], "known": known}

    def upsert(self, kind: str, rows: Rows) -> None:
        """Take in what is mine."""
        if kind == "jobs":
            users = self._users()
            mine = [row for row in rows if self._is_mine(row, users)]
            left = [row["id"] for row in rows if row["id"] in self.jobs and not self._is_mine(row, users)]
            super().upsert(kind, mine)
            super().remove(kind, left)
        elif kind == "clients":
            super().upsert(kind, [row for row in rows if self._is_here(row)])
        elif kind == "threads":
            super().upsert(kind, rows)

    def _is_mine(self, row: Mapping[str, Any], users: frozenset[str]) -> bool:
        if "submittedBy" not in row and row["id"] in self.jobs:
            return True  # a partial row of a job that is known
        return row.get("submittedBy") in users and not row.get("parents")

    def _is_here(self, row: Mapping[str, Any]) -> bool:
        return row["id"] in self.clients or str(row.get("hostname", "")).lower() == self.host.lower()
