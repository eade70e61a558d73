"""Notes and their threads on the wire: what `getNoteThreads` and `getLatestNotes` answer."""

from __future__ import annotations

from typing import Final

from hqserver.wire.attributes import Attribute, Origin, table

LONGEST_NOTE: Final = 64 << 10
"""Bytes."""
LONGEST_AUTHOR: Final = 200
"""Characters of a writer's name."""
MOST_FOUND: Final = 1000
"""Threads that a search answers at most."""
_O, _R = Origin.OURS, Origin.ON_REQUEST

_SUBJECT: Final = (
    Attribute("clientHostname", "str", "hostname of the client that the thread is about, or empty"),
    Attribute("clientId", "int or nil", "id of that client"),
    Attribute("clientLabel", "str", "its hostname, or hostname:name, or empty"),
    Attribute("jobId", "int or nil", "id of the job that the thread is about"),
)

THREADS: Final = table(
    *_SUBJECT,
    Attribute("notes", "list of dict", "its notes, oldest first", in_feed=False),
    Attribute("id", "int", "thread id", _O),
    Attribute("count", "int", "number of its notes", _O),
    Attribute("handled", "bool", "whether somebody marked it as dealt with; a new note ends that", _O),
    Attribute("lastDate", "date", "when its latest note was added, UTC", _O),
    Attribute("latestNote", "str", "what its latest note says", _O),
    Attribute("latestAuthor", "str", "who wrote its latest note; empty for an automatic one", _O),
    Attribute("writtenId", "int", "id of the latest note in it that the farm did not write; 0 for none", _O),
    Attribute("revision", "int", "number of its last change", _O),
)

NOTES: Final = table(
    *_SUBJECT,
    Attribute("date", "date", "when it was added, UTC"),
    Attribute("text", "str", "what it says"),
    Attribute("id", "int", "note id", _O),
    Attribute("threadId", "int", "id of its thread", _O),
    Attribute("author", "str", "who wrote it; empty for an automatic one", _O),
    Attribute("automatic", "bool", "whether the farm wrote it", _O),
)
