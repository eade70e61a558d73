"""The clients that the window knows, as rows of `getClients`, and which jobs each is seen to run.

A farm has thousands of them at most, so a dict for each will do. Dates are whole seconds, as in the job store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hqgui.models.status_words import client_shows
from hqgui.models.wire_values import Shared, converters, defaults
from hqserver.wire.clients import ATTRIBUTES
from hqserver.wire.statuses import ClientStatus

_TYPES: Final = {name: row.type for name, row in ATTRIBUTES.items()}
_DEFAULTS: Final = defaults(_TYPES) | {"idleTime": -1}

Client = Mapping[str, Any]


@dataclass(slots=True)
class ClientChanges:
    """Ids touched since the last take."""

    changed: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


class ClientStore:
    """The clients by id."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()
        """Clients by the status that they show."""
        self.attention: set[int] = set()
        """Clients that somebody should look after."""
        self.outdated: set[int] = set()
        """Clients that need an upgrade."""
        self._converters = converters(Shared(), _TYPES)
        self._changes = ClientChanges()

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, client: int) -> bool:
        return client in self.rows

    def get(self, client: int) -> Client | None:
        """One client's row."""
        return self.rows.get(client)

    def label(self, client: int) -> str:
        """The name by which it is shown; its id when it is not known."""
        row = self.rows.get(client)
        return f"#{client}" if row is None else str(row["label"] or row["hostname"])

    def upsert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows in; an attribute that a row lacks keeps its value."""
        for row in rows:
            known = self.rows.get(row["id"])
            if known is None:
                known = self.rows[row["id"]] = dict(_DEFAULTS)
            else:
                self.counts[client_shows(known)] -= 1
            for name, value in row.items():
                known[name] = self._kept(name, value)
            if "status" not in row:
                known["status"] = derived_status(known)
            self.counts[client_shows(known)] += 1
            _put(self.attention, row["id"], needs_attention(known))
            _put(self.outdated, row["id"], bool(known["needsUpgrade"]))
            self._changes.changed.add(row["id"])
            self._changes.removed.discard(row["id"])

    def _kept(self, name: str, value: Any) -> Any:
        if value is None:  # a server that does not know says nil
            return _DEFAULTS.get(name)
        convert = self._converters.get(name)
        return value if convert is None else next(iter(convert((value,))))

    def remove(self, clients: Iterable[int]) -> None:
        """Forget clients; unknown ids are passed over."""
        for client in clients:
            row = self.rows.pop(client, None)
            if row is not None:
                self.counts[client_shows(row)] -= 1
                self.attention.discard(client)
                self.outdated.discard(client)
                self._changes.removed.add(client)
                self._changes.changed.discard(client)

    def take_changes(self) -> ClientChanges:
        """What changed since the last call."""
        taken, self._changes = self._changes, ClientChanges()
        return taken


def _put(members: set[int], client: int, belongs: bool) -> None:
    (members.add if belongs else members.discard)(client)


def derived_status(row: Mapping[str, Any]) -> str:
    """The status of a client whose server does not say: from what it does say."""
    if row.get("disabled"):
        return ClientStatus.DISABLED
    if row.get("runningJobs"):
        return ClientStatus.BUSY
    return ClientStatus.AVAILABLE if row.get("available") else ClientStatus.UNAVAILABLE


def memory_share(row: Client) -> float:
    """0 to 1; -1 when it is not known."""
    total = row["memory"] or 0
    used = row["memoryUsed"] or 0
    return min(1.0, used / total) if total and used else -1.0


def needs_attention(row: Client) -> bool:
    """Whether somebody should look after it: away, full, failing or out of date."""
    gone = row["status"] in (ClientStatus.OFFLINE, ClientStatus.DISABLED)
    return bool(gone or row["needsUpgrade"] or row["failures"] or memory_share(row) > MEMORY_FULL)


MEMORY_FULL: Final = 0.96
