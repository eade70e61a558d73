"""What HQueue's page says of notes, resources, settings and names, on a real farm."""

from __future__ import annotations

import itertools
import socket
import xmlrpc.client
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compat.page import shows
from tests.farm.harness import Calls, RealFarm, wait_for

HOST = socket.gethostname()
UNKNOWN = 999_999


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with a configuration as HQueue has it, and one agent with a name."""
    running = RealFarm(tmp_path_factory.mktemp("farm"))
    (running.folder / "server").mkdir()
    (running.folder / "server" / "hqserver.ini").write_text(
        "[main]\nhqserver.sharedNetwork.host = nas\nhqserver.sharedNetwork.path.windows = hq\n"
        "hqserver.sharedNetwork.mount.linux = /mnt/hq\nhqserver.sharedNetwork.mount.windows = H:\n"
        "hqserver.sharedNetwork.mount.macosx = /Volumes/hq\nactive_timeout = 6\n"
    )
    try:
        running.start_server()
        running.start_agent("b")
        yield running
    finally:
        running.close()


@pytest.fixture
def hq(farm: RealFarm) -> Calls:
    return farm.hq


@pytest.fixture(scope="module")
def client(farm: RealFarm) -> int:
    row = farm.client("b")
    assert row is not None
    return int(row["id"])


@pytest.fixture
def job(hq: Calls) -> int:
    (id_,) = hq.newjob({"name": "x"})
    return int(id_)


def thread_of(hq: Calls, job: int) -> int:
    return int(hq.getJob(job, ["threadId"])["threadId"])


@shows("addNote.client", "addNote.job", "addNote.thread", "addNote.new", "addNote.empty", "addNote.true")
@shows("job.latestNote", "job.threadId")
def test_a_note_goes_to_its_thread(hq: Calls, job: int, client: int) -> None:
    before = hq.getNoteThreadIds()
    assert hq.getJob(job, ["latestNote", "threadId"]) == {"latestNote": "", "threadId": None}
    assert hq.addNote("of the job", None, job, None) is True
    about_job = thread_of(hq, job)
    assert hq.addNote("again", None, job, None) is True
    assert hq.addNote("of its thread", about_job, None, None) is True
    assert hq.getJob(job, ["latestNote", "threadId"]) == {"latestNote": "of its thread", "threadId": about_job}
    assert hq.addNote("of the client", None, None, client) is True
    assert hq.addNote("of the client before all", about_job, job, client) is True
    assert hq.getClient(client, ["latestNote"]) == {"latestNote": "of the client before all"}
    assert hq.addNote("of the job before the thread", hq.getClient(client)["threadId"], job, None) is True
    assert hq.getJob(job, ["latestNote"]) == {"latestNote": "of the job before the thread"}
    count = len(hq.getNoteThreadIds())
    for blank in ("", "  \n\t "):
        assert hq.addNote(blank, None, None, None) is True
    assert len(hq.getNoteThreadIds()) == count
    assert hq.addNote("of nothing", None, None, None) is True
    assert hq.addNote("of nothing that there is", UNKNOWN, UNKNOWN, UNKNOWN) is True
    assert len(hq.getNoteThreadIds()) == count + 2
    fresh = [id_ for id_ in hq.getNoteThreadIds() if id_ not in before]
    assert hq.removeThreads(fresh) == []


@shows("getNoteThreads.list", "getNoteThreads.all", "getNoteThreads.thread_attribs", "getNoteThreads.note_attribs")
@shows("thread.clientHostname", "thread.clientId", "thread.clientLabel", "thread.jobId", "thread.notes")
@shows("note.clientHostname", "note.clientId", "note.clientLabel", "note.date", "note.jobId", "note.text")
def test_threads_in_every_form(hq: Calls, job: int, client: int) -> None:
    for text in ("one", "two <b>bold</b>"):
        hq.addNote(text, None, job, None)
    hq.addNote("three", None, None, client)
    about_job, about_client = thread_of(hq, job), hq.getClient(client)["threadId"]
    threads = hq.getNoteThreads([about_client, UNKNOWN, about_job])
    documented = {"clientHostname", "clientId", "clientLabel", "jobId", "notes"}
    assert all(documented <= set(thread) for thread in threads)
    about = [(row["jobId"], row["clientId"], row["clientHostname"], row["clientLabel"]) for row in threads]
    assert about == [(None, client, HOST, f"{HOST}:b"), (job, None, "", "")]
    notes = threads[1]["notes"]
    assert [note["text"] for note in notes] == ["one", "two <b>bold</b>"]
    assert {"clientHostname", "clientId", "clientLabel", "date", "jobId", "text"} <= set(notes[0])
    assert (notes[0]["jobId"], notes[0]["clientId"]) == (job, None)
    assert (threads[0]["notes"][0]["clientLabel"], threads[0]["notes"][0]["clientHostname"]) == (f"{HOST}:b", HOST)
    assert isinstance(notes[0]["date"], xmlrpc.client.DateTime)
    assert (notes[0]["automatic"], bool(notes[0]["author"])) == (False, True)
    assert hq.getNoteThreads([about_job], ["jobId", "notes"], ["text"]) == [
        {"jobId": job, "notes": [{"text": "one"}, {"text": "two <b>bold</b>"}]}
    ]
    assert hq.getNoteThreads([about_job], ["count", "handled"]) == [{"count": 2, "handled": False}]
    assert [row["id"] for row in hq.getNoteThreads(None, ["id"])] == hq.getNoteThreadIds()
    assert {about_job, about_client} <= {row["id"] for row in hq.getNoteThreads()}
    assert hq.getNoteThreads([]) == []


@shows("getLatestNotes.list", "getLatestNotes.all", "getLatestNotes.attribs", "getNoteThreadIds.ids")
def test_latest_notes(hq: Calls, job: int) -> None:
    hq.addNote("one", None, job, None)
    hq.addNote("two", None, job, None)
    thread = thread_of(hq, job)
    assert hq.getLatestNotes([thread, UNKNOWN], ["text", "jobId"]) == [{"text": "two", "jobId": job}]
    assert len(hq.getLatestNotes()) == len(hq.getLatestNotes(None, ["text"])) == len(hq.getNoteThreadIds())
    assert thread in hq.getNoteThreadIds()
    assert {"clientHostname", "clientId", "clientLabel", "date", "jobId", "text"} <= set(hq.getLatestNotes([thread])[0])


@shows("threadExists.bool", "threadExists.error")
@shows("removeSingleThread.removes", "removeSingleThread.answers", "removeThreads.removes", "removeThreads.answers")
def test_removing_threads(hq: Calls, job: int) -> None:
    hq.addNote("one", None, job, None)
    thread = thread_of(hq, job)
    assert hq.threadExists(thread) is True
    assert hq.threadExists(UNKNOWN) is False
    no_ids: list[Any] = ["x", None, [1], {}, True]
    assert [hq.threadExists(odd) for odd in no_ids] == [None] * 5
    assert hq.removeSingleThread(thread) is True
    assert [hq.removeSingleThread(odd) for odd in (thread, UNKNOWN, "x", None)] == [False] * 4
    assert hq.threadExists(thread) is False
    assert hq.getJob(job, ["latestNote", "threadId"]) == {"latestNote": "", "threadId": None}
    hq.addNote("a", None, None, None)
    hq.addNote("b", None, None, None)
    one, two = hq.getNoteThreadIds()[-2:]
    assert hq.removeThreads([one, UNKNOWN, two, UNKNOWN]) == [UNKNOWN]
    assert hq.removeThreads([]) == []


@shows("removeNotes.removes", "removeNotes.first_last", "removeNotes.answers")
@shows("removeSingleNote.removes", "removeSingleNote.answers")
def test_removing_notes(hq: Calls, job: int) -> None:
    for text in ("first", "second", "third"):
        hq.addNote(text, None, job, None)
    thread = thread_of(hq, job)

    def ids() -> list[int]:
        return [note["id"] for note in hq.getNoteThreads([thread], ["notes"], ["id"])[0]["notes"]]

    first, second, third = ids()
    assert hq.removeSingleNote(second) is True
    assert [hq.removeSingleNote(odd) for odd in (second, "x", None)] == [False] * 3
    assert ids() == [first, third]
    assert hq.removeNotes([third, UNKNOWN, first]) == [UNKNOWN]
    assert hq.threadExists(thread) is False
    for order in itertools.permutations(range(3)):
        for text in ("first", "second", "third"):
            hq.addNote(text, None, job, None)
        thread = thread_of(hq, job)
        notes = ids()
        assert hq.removeNotes([notes[place] for place in order]) == []
        assert hq.threadExists(thread) is False


def test_handled_threads_come_back_with_a_new_note(hq: Calls, job: int) -> None:
    hq.addNote("look", None, job, None)
    thread = thread_of(hq, job)
    assert hq.markNotesHandled([thread, UNKNOWN], True) is None
    assert hq.getNoteThreads([thread], ["handled"]) == [{"handled": True}]
    hq.addNote("look again", None, job, None)
    assert hq.getNoteThreads([thread], ["handled"]) == [{"handled": False}]


def test_notes_are_found_by_what_they_or_their_authors_say(hq: Calls, job: int) -> None:
    hq.addNote("Out of memory on RND-142", None, job, None)
    hq.addNote("sent to highmem", None, job, None)
    about_job = thread_of(hq, job)
    hq.addNote("memory of 142 was swapped", None, None, None)
    other = hq.getNoteThreadIds()[-1]
    assert set(hq.searchNotes("MEMORY 142")) == {about_job, other}
    assert hq.searchNotes("rnd-142 memory") == [about_job]
    assert hq.searchNotes("memory highmem") == []  # words of two notes
    assert other in hq.searchNotes("anonymous@127.0.0.1 swapped")
    assert len(hq.searchNotes("memory 142", 1)) == 1
    assert hq.searchNotes(" ") == []
    hq.removeThreads([other])


def test_a_thread_says_who_wrote_last_and_which_note_a_person_wrote_last(farm: RealFarm, hq: Calls) -> None:
    [root] = hq.newjob({"name": "root", "command": "exit 3"})
    farm.wait_for_status([root], "failed")
    attributes = ["latestAuthor", "writtenId"]
    assert hq.getNoteThreads([thread_of(hq, root)], attributes) == [{"latestAuthor": "", "writtenId": 0}]
    hq.addNote("mine", None, root, None)
    [row] = hq.getNoteThreads([thread_of(hq, root)], [*attributes, "notes"], ["id"])
    assert row["latestAuthor"].startswith("anonymous@")
    assert row["writtenId"] == row["notes"][-1]["id"]


def test_a_note_has_the_name_of_who_wrote_it_where_the_program_says_who(hq: Calls) -> None:
    [job] = hq.newjob({"name": "job", "command": "exit 0"})
    hq.addNote("look at frame 7", None, job, None, " ana ")
    hq.addNote("by nobody", None, job, None, "")
    [row] = hq.getNoteThreads([thread_of(hq, job)], ["notes"], ["author", "automatic"])
    assert row["notes"][0] == {"author": "ana", "automatic": False}
    assert row["notes"][1]["author"].startswith("anonymous@")
    for wrong in ("anonymous@10.0.0.7", "a\nb", "a" * 201):
        with pytest.raises(xmlrpc.client.Fault, match="author"):
            hq.addNote("by whom?", None, job, None, wrong)


def test_a_root_that_fails_gets_a_note_that_says_that_nobody_wrote_it(farm: RealFarm, hq: Calls) -> None:
    root, child = hq.newjob([{"name": "root", "command": "exit 3"}, {"name": "parent", "children": [{"name": "c"}]}])
    farm.wait_for_status([root], "failed")
    (note,) = hq.getNoteThreads([thread_of(hq, root)])[0]["notes"]
    assert (note["automatic"], note["author"], note["text"]) == (True, "", "failed: exit code 3")
    farm.wait_for_status([child], "succeeded")
    (below,) = hq.getJob(child)["children"]
    assert hq.getJob(below, ["threadId"]) == {"threadId": None}


def test_a_deleted_job_takes_its_notes_along(hq: Calls, job: int) -> None:
    hq.addNote("one", None, job, None)
    thread = thread_of(hq, job)
    hq.deleteJobs([job])
    assert hq.threadExists(thread) is False


@shows("getResources.list", "getResources.all")
def test_resources(hq: Calls) -> None:
    assert hq.getResources() == []
    id_ = hq.createResource("sidefx.license.render", 10, True)
    (row,) = hq.getResources()
    assert (row["id"], row["name"], row["amount"], row["inUse"]) == (id_, "sidefx.license.render", 10, 0)
    assert hq.getResources([id_, UNKNOWN]) == hq.getResources(None) == [row]
    hq.deleteResource("sidefx.license.render")


@shows("getHQRoot.platform", "getHQRoot.unknown", "getHQRoot.unc")
def test_the_root_on_each_platform(hq: Calls) -> None:
    assert [hq.getHQRoot(name) for name in ("linux", "macosx", "windows")] == ["/mnt/hq", "/Volumes/hq", r"\\nas\hq"]
    assert hq.getHQRoot("windows", True) == r"\\nas\hq"
    assert (hq.getHQRoot("windows", False), hq.getHQRoot("linux", False)) == ("H:", "/mnt/hq")
    assert [hq.getHQRoot(odd) for odd in ("solaris", "Linux", "", None, 7)] == [None] * 5


def test_jobs_find_the_network_folders_in_their_environment(farm: RealFarm, hq: Calls) -> None:
    hq.setNetworkFolder("SHOTS", "/mnt/shots/", "", r"\\nas\shots")
    assert hq.getNetworkFolders() == [
        {"name": "HQROOT", "linux": "/mnt/hq", "macosx": "/Volumes/hq", "windows": r"\\nas\hq", "windowsMount": "H:"},
        {"name": "SHOTS", "linux": "/mnt/shots", "macosx": "", "windows": r"\\nas\shots", "windowsMount": ""},
    ]
    assert hq.getEnvRoot("SHOTS", "windows") == r"\\nas\shots"
    assert (hq.getEnvRoot("SHOTS", "macosx"), hq.getEnvRoot("NONE", "linux")) == ("", None)
    job = hq.runcmd("echo $HQROOT $SHOTS")
    farm.wait_for_status([job], "succeeded")
    assert hq.getJobOutput(job) == "/mnt/hq /mnt/shots\n"
    hq.setNetworkFolder("HQROOT", "/elsewhere")
    job = hq.runcmd("echo $HQROOT")
    farm.wait_for_status([job], "succeeded")
    assert hq.getJobOutput(job) == "/elsewhere\n"
    for name in ("SHOTS", "HQROOT"):
        hq.deleteNetworkFolder(name)
    assert hq.getHQRoot("linux") == "/mnt/hq"
    with pytest.raises(xmlrpc.client.Fault, match=r"It stands in hqserver\.ini"):
        hq.deleteNetworkFolder("HQROOT")


@shows("getConfig.value", "getConfig.unknown")
def test_settings(farm: RealFarm, hq: Calls) -> None:
    assert hq.getConfig("active_timeout") == hq.getConfig("hqserver.activeTimeout") == "6"
    assert hq.getConfig("port") == hq.getConfig("hqserver.port") == str(farm.port)
    assert hq.getConfig("hqserver.sharedNetwork.mount.linux") == "/mnt/hq"
    assert [hq.getConfig(key) for key in ("no.such.key", "", "smtp_password", "sqlalchemy.url")] == [None] * 4


NAMES: dict[str, list[str]] = {
    "getAllJobStatusNames": [
        "abandoned", "cancelled", "failed", "paused", "pausing", "queued", "resuming", "running", "runnable",
        "succeeded", "waiting",
    ],
    "getRunningJobStatusNames": ["running", "resuming"],
    "getPausedJobStatusNames": ["paused", "pausing"],
    "getFinishedJobStatusNames": ["succeeded", "failed", "cancelled", "abandoned"],
    "getSucceededStatusNames": ["succeeded"],
    "getWaitingJobStatusNames": ["queued", "runnable", "waiting"],
    "getFailedJobStatusNames": ["failed", "cancelled", "abandoned"],
    "getUnfinishedJobStatusNames": ["paused", "pausing", "queued", "resuming", "running", "runnable", "waiting"],
    "getPriorityChangedEventNames": ["priority changed"],
    "getStartedJobEventNames": ["running"],
    "getRescheduledEventNames": ["rescheduled"],
    "getResumedEventNames": ["resumed"],
}  # fmt: skip


@shows("getAllJobStatusNames.names", "getRunningJobStatusNames.names", "getPausedJobStatusNames.names")
@shows("getFinishedJobStatusNames.names", "getSucceededStatusNames.names", "getWaitingJobStatusNames.names")
@shows("getFailedJobStatusNames.names", "getUnfinishedJobStatusNames.names", "getPriorityChangedEventNames.names")
@shows("getStartedJobEventNames.names", "getRescheduledEventNames.names", "getResumedEventNames.names")
@pytest.mark.parametrize("function", NAMES)
def test_names_of_statuses_and_events(hq: Calls, function: str) -> None:
    assert getattr(hq, function)() == NAMES[function]


@shows("getNumWaitingJobs.count", "getNumWaitingJobs.waiting", "getNumWaitingJobs.all", "getNumWaitingJobs.defaults")
@shows("getNumWaitingJobs.min_priority", "getNumWaitingJobs.max_priority")
def test_numbers_of_waiting_jobs(hq: Calls) -> None:
    nowhere = [{"type": "client", "name": "hostname", "op": "==", "value": "nowhere"}]
    jobs = hq.newjob(
        [{"name": "x", "command": "x", "priority": priority, "conditions": nowhere} for priority in (0, 3, 3, 7)]
    )
    (parent,) = hq.newjob({"name": "waits for its children", "command": "x"}, None, jobs)
    assert hq.getNumWaitingJobs() == hq.getNumWaitingJobs(0) == hq.getNumWaitingJobs(-5, -1, -1) == 4
    assert (hq.getNumWaitingJobs(0, 3), hq.getNumWaitingJobs(0, 3, 3), hq.getNumWaitingJobs(0, -1, 3)) == (3, 2, 3)
    assert hq.getNumWaitingJobs(0, 4, 6) == 0
    assert hq.getNumWaitingJobs(1) == 0  # nothing has waited for a minute
    hq.cancelJobs([parent])
    wait_for("them to be gone", lambda: hq.getNumWaitingJobs() == 0)


def test_what_old_scripts_call(farm: RealFarm, hq: Calls, job: int) -> None:
    assert hq.getstatus(job) == hq.getstatus(str(job)) == "succeeded"
    assert hq.getstatus(UNKNOWN) is None
    info: dict[str, Any] = hq.getinfo(str(job))
    assert (info["conditions"], info["priority"], info["parents"]) == ([], 0, [])
    assert hq.getinfo(UNKNOWN) is None
    assert hq.getJobIdsBySatus(["succeeded"]) == hq.getJobIdsByStatus(["succeeded"])
    hq.savePermittedClientList(job, [f"{HOST}:b"])
    assert hq.getPermittedClientList(job) == [f"{HOST}:b"]
