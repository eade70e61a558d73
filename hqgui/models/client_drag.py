"""Clients as they are dragged: their ids for this program, their names as text for any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QMimeData

CLIENTS_TYPE: Final = "application/x-hqfarm-clients"


def as_mime(clients: Iterable[tuple[int, str]]) -> QMimeData:
    """Ids and names of clients."""
    pairs = list(clients)
    data = QMimeData()
    data.setData(CLIENTS_TYPE, ",".join(str(client) for client, _ in pairs).encode())
    data.setText("\n".join(name for _, name in pairs))
    return data


def clients_in(data: QMimeData) -> tuple[int, ...]:
    """The ids of dragged clients; empty for anything else."""
    text = bytes(data.data(CLIENTS_TYPE).data()).decode("ascii", "replace")
    return tuple(int(part) for part in text.split(",") if part.isdecimal())
