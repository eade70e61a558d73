"""Writing, deleting and marking notes against a server that a test plays; what is remembered on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from hqgui import polling
from hqgui.actions.desk import Desk
from hqgui.actions.notes import NoteDesk
from hqgui.models.farm import FarmData
from hqgui.models.thread_store import Thread
from hqgui.models.thread_subject import Target
from hqgui.note_memory import NoteMemory
from hqgui.settings import Settings
from hqgui.troubles import LinkError, Refusal, Trouble
from tests.models.farm_rows import job_row
from tests.models.note_rows import note_row, thread_row


class NotesServer:
    """Keeps threads as a server does, and tells the farm of them as the feed does."""

    def __init__(self, farm: FarmData) -> None:
        self.farm = farm
        self.threads: dict[int, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.keeps = True
        self.fails: LinkError | None = None
        self._next = 100

    async def call(self, method: str, *arguments: object) -> Any:
        self.calls.append(method)
        if self.fails is not None:
            raise self.fails
        answer: Callable[..., Any] = getattr(self, method)
        return answer(*arguments)

    def getNoteThreads(self, ids: list[int], _names: object, _notes: object) -> list[dict[str, Any]]:  # noqa: N802
        return [{"notes": self.threads[id_]["notes"]} for id_ in ids if id_ in self.threads]

    def getJob(self, job: int, _names: object) -> dict[str, Any]:  # noqa: N802
        return {"threadId": next((id_ for id_, row in self.threads.items() if row["job"] == job), None)}

    def addNote(self, text: str, thread: int | None, job: int | None, client: int | None, author: str = "") -> bool:  # noqa: N802
        self.signed = author
        if not self.keeps:
            return True
        self._next += 1
        known = [id_ for id_, row in self.threads.items() if job is not None and row["job"] == job]
        id_ = known[0] if known else thread if thread in self.threads else self._next
        row = self.threads.setdefault(id_, {"job": job, "notes": []})
        row["notes"].append(note_row(self._next, text))
        self.farm.upsert("threads", [thread_row(id_, jobId=job, clientId=client, latestNote=text)])
        return True

    def markNotesHandled(self, _threads: list[int], _handled: bool) -> None:  # noqa: N802
        return None

    def removeThreads(self, threads: list[int]) -> list[int]:  # noqa: N802
        return [id_ for id_ in threads if self.threads.pop(id_, None) is None]

    def removeNotes(self, notes: list[int]) -> list[int]:  # noqa: N802
        self.removed = notes
        return []


def _desk() -> tuple[NoteDesk, NotesServer, FarmData, Desk]:
    farm = FarmData()
    farm.upsert("jobs", [job_row(7, name="beauty")])
    server = NotesServer(farm)
    desk = Desk(farm, server, lambda: 0.0)
    desk.connected = True

    async def at_once(_seconds: float) -> None:
        return None

    return NoteDesk(farm, server, desk, at_once), server, farm, desk


def test_a_note_is_read_again_before_it_counts_as_added() -> None:
    notes, server, _, _ = _desk()
    added = asyncio.run(notes.add(Target(job=7), "look at\r\nframe 7 "))
    assert (added.outcome.text, added.outcome.failed) == ("Note added: beauty.", False)
    assert [note.text for note in added.notes] == ["look at\r\nframe 7 "]
    assert server.calls[-1] == "getNoteThreads"
    server.keeps = False
    lost = asyncio.run(notes.add(Target(job=7), "look at\nframe 7"))  # as one that is there already
    assert lost.thread is None
    assert lost.outcome.failed
    assert "did not keep" in lost.outcome.text


def test_a_thread_about_nothing_begins_and_goes_on() -> None:
    notes, server, farm, _ = _desk()
    first = asyncio.run(notes.add(Target(), "power cut at six"))
    assert farm.threads.get(first.thread) is not None
    second = asyncio.run(notes.add(Target(thread=first.thread), "it is over"))
    assert second.thread == first.thread
    assert [note.text for note in second.notes] == ["power cut at six", "it is over"]
    assert len(server.threads) == 1


def test_what_cannot_be_added_is_said_before_it_is_sent() -> None:
    notes, server, _, desk = _desk()
    assert asyncio.run(notes.add(Target(job=7), " \n")).outcome.text == "Write something first."
    assert "65,536 bytes" in asyncio.run(notes.add(Target(job=7), "ü" * 40_000)).outcome.text
    desk.connected = False
    assert "out of reach" in asyncio.run(notes.add(Target(job=7), "x")).outcome.text
    assert server.calls == []


def test_a_server_that_goes_meanwhile_loses_nothing() -> None:
    notes, server, _, _ = _desk()
    server.fails = LinkError(Trouble.NO_ANSWER, "it does not answer")
    added = asyncio.run(notes.add(Target(job=7), "x"))
    assert added.thread is None
    assert added.outcome.failed
    assert added.outcome.detail == "What you typed is kept."


def test_deleting_always_asks_and_says_what_was_gone() -> None:
    notes, server, farm, _ = _desk()
    asyncio.run(notes.add(Target(job=7), "x"))
    [thread] = server.threads
    asked = notes.removal([thread, 999])
    assert asked.asks
    assert (asked.title, asked.yes, asked.no) == ("Delete the thread of beauty?", "Delete 1 note", "Keep it")
    assert not asked.type_count
    farm.upsert("threads", [thread_row(60, count=70)])
    assert notes.removal([thread, 60]).type_count
    farm.upsert("threads", [thread_row(61, count=2, latestNote="x"), thread_row(62, latestNote="rack 3 is off")])
    assert notes.removal([61]).title == "Delete “Free note 61”?"
    assert notes.removal([62]).title == "Delete “rack 3 is off”?"
    outcome = asyncio.run(notes.remove_threads([thread, 999]))
    assert (outcome.text, outcome.detail) == ("Deleted 1 thread.", "1 was gone already.")
    asyncio.run(notes.remove_notes([3, 9, 5]))
    assert server.removed == [9, 5, 3]


def test_marking_as_handled_where_the_server_can_and_where_it_cannot() -> None:
    notes, server, _, _ = _desk()
    assert asyncio.run(notes.mark_handled([1, 2], handled=True)).text == "2 threads are handled."
    assert asyncio.run(notes.mark_handled([1], handled=False)).text == "1 thread is open again."
    server.fails = Refusal(1, "no such method")
    assert asyncio.run(notes.mark_handled([1], handled=True)).failed
    assert asyncio.run(notes.search("memory")) == frozenset()


class PlainServer:
    """Answers as a plain HQueue server does: ids come apart from threads, notes have no ids."""

    def __init__(self) -> None:
        self.ids = [4, 9]
        self.date = datetime(2026, 11, 24, 11, 0, 0)

    async def call(self, method: str, *_arguments: object) -> Any:
        answers: dict[str, Any] = {
            "getNoteThreadIds": self.ids,
            "getNoteThreads": [{"jobId": 7, "clientId": None}, {"jobId": None, "clientId": 3}][-len(self.ids) :],
            "getLatestNotes": [{"date": self.date, "text": "look"}] * len(self.ids),
        }
        return answers[method]


def test_threads_of_a_plain_server_are_known_too() -> None:
    farm, server = FarmData(), PlainServer()
    asyncio.run(polling.poll_threads(server, farm))
    assert farm.threads.of_job == {7: 4}
    assert farm.threads.of_client == {3: 9}
    before = farm.threads.rows[9]
    assert (before.text, before.author) == ("look", "")
    server.ids, server.date = [9], datetime(2026, 11, 24, 12, 0, 0)
    asyncio.run(polling.poll_threads(server, farm))
    assert list(farm.threads.rows) == [9]
    assert farm.threads.rows[9].written == before.written + 3600


# What is remembered


def test_drafts_marks_and_wishes_outlive_the_program_and_stay_with_their_farm(
    qapp: QApplication, tmp_path: Path
) -> None:
    settings = Settings(tmp_path)
    here, there = NoteMemory(settings, "http://a:5000"), NoteMemory(settings, "http://b:5000")
    draft = 'two\nlines, "quoted", @ByteArray(x) %2C ü 漢 \u202e'
    here.keep_draft("j7", draft)
    here.keep_draft("new", "")
    here.begin(10)
    here.unread(Thread(1, written=9))
    here.watch(Thread(1, job=7, written=9), on=True)
    here.save()
    there.keep_draft("j7", "another")
    there.save()
    again = NoteMemory(Settings(tmp_path), "http://a:5000")
    assert again.draft("j7") == draft
    assert again.draft("new") == ""
    assert again.marks.is_unread(Thread(1, written=9))
    assert not again.marks.is_unread(Thread(2, written=9))
    assert again.watched(Thread(1, job=7)) is True
    assert again.watched(Thread(2, job=8)) is None
    assert NoteMemory(Settings(tmp_path), "http://b:5000").draft("j7") == "another"


def test_memory_tells_of_what_changed_and_of_nothing_else(qapp: QApplication, tmp_path: Path) -> None:
    memory = NoteMemory(Settings(tmp_path), "http://a:5000")
    told: list[object] = []
    memory.marks_changed.connect(told.append)
    memory.begin(5)
    thread = Thread(1, written=8)
    memory.read(thread)
    memory.read(thread)
    memory.unread(thread)
    memory.read_all(9)
    assert told == [None, [1], [1], None]


def test_broken_settings_are_as_good_as_none(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.set("notes/drafts", ["http://a:5000 {broken", "http://b:5000 [1]"])
    settings.set("notes/read", ["http://a:5000 x y"])
    memory = NoteMemory(settings, "http://a:5000")
    assert memory.draft("j7") == ""
    assert memory.marks.floor is None
    assert NoteMemory(settings, "http://b:5000").draft("j7") == ""
