"""Rows of note threads and notes as the server gives them, for tests."""

from __future__ import annotations

from typing import Any


def thread_row(thread: int, **values: Any) -> dict[str, Any]:
    """A row of a thread; what is not named has its default."""
    row: dict[str, Any] = {
        "id": thread,
        "jobId": None,
        "clientId": None,
        "clientHostname": "",
        "clientLabel": "",
        "count": 1,
        "handled": False,
        "lastDate": "20261124T11:00:00",
        "latestNote": f"note {thread}",
        "latestAuthor": "dkim",
        "writtenId": thread,
        "revision": thread,
    }
    return row | values


def note_row(note: int, text: str, author: str = "dkim", **values: Any) -> dict[str, Any]:
    """A row of a note."""
    row: dict[str, Any] = {
        "id": note,
        "date": "20261124T11:00:00",
        "text": text,
        "author": author,
        "automatic": not author,
        "threadId": 1,
    }
    return row | values
