"""Notes in the farm: where they go, what the farm writes by itself, and that none of it grows without end."""

from __future__ import annotations

import pytest

from hqserver.core import notes
from hqserver.core.commands import AddNote, MarkHandled, RemoveClients, RemoveNotes, SetDisabled, Verb
from hqserver.core.kept import Note, Thread
from hqserver.core.records import Settings
from hqserver.wire.jobs import JobSpec
from tests.core.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.hello("a")
    return world


def of_job(world: World, job: int) -> list[Note]:
    thread = world.farm.thread_of_job.get(job)
    return thread.notes if thread is not None else []


def of_client(world: World) -> list[Note]:
    thread = world.farm.thread_of_client.get(1)
    return thread.notes if thread is not None else []


def test_a_root_that_fails_is_noted_and_a_child_is_not(world: World) -> None:
    (root,) = world.submit(JobSpec("root", "x", children=(JobSpec("child", "x"),)))
    world.beat_all()
    world.end(root + 1, 3)
    assert [(note.text, note.automatic, note.author) for note in of_job(world, root)] == [
        ("failed: 1 of 1 children failed", True, "")
    ]
    assert of_job(world, root + 1) == []


def test_a_single_job_that_succeeds_is_no_news_and_a_family_is(world: World) -> None:
    single, family = world.submit(JobSpec("single", "x"), JobSpec("family", children=(JobSpec("child", "x"),)))
    world.run_all()
    assert of_job(world, single) == []
    assert [note.text for note in of_job(world, family)] == ["succeeded"]


def test_a_client_that_flaps_makes_one_note_in_half_a_minute(world: World) -> None:
    for _ in range(3):
        world.apply(SetDisabled("a", disabled=True, user="anna"))
        world.apply(SetDisabled("a", disabled=False))
        world.time += 5
    (note,) = of_client(world)
    assert note.text.splitlines() == ["disabled by anna", "enabled"] * 3
    world.time += notes.GATHER_SECONDS
    world.apply(SetDisabled("a", disabled=True))
    assert [len(note.text.splitlines()) for note in of_client(world)] == [6, 1]


def test_what_a_person_writes_in_between_stays_in_its_place(world: World) -> None:
    world.apply(SetDisabled("a", disabled=True))
    world.apply(AddNote("why?", None, None, 1, "ben"))
    world.apply(SetDisabled("a", disabled=False))
    assert [(note.text, note.author) for note in of_client(world)] == [
        ("disabled", ""),
        ("why?", "ben"),
        ("enabled", ""),
    ]


def test_a_client_that_falls_silent_is_noted(world: World) -> None:
    world.tick(60)
    (note,) = of_client(world)
    assert note.text.startswith("offline: no word for ")


def test_automatic_notes_are_bounded_and_what_people_wrote_is_kept(world: World) -> None:
    world.apply(AddNote("mine", None, None, 1, "ben"))
    for number in range(150):
        world.apply(SetDisabled("a", disabled=number % 2 == 0))
        world.time += 2 * notes.GATHER_SECONDS
    assert of_client(world)[0].text == "mine"
    assert len(of_client(world)) == 101
    assert len(world.farm.notes) == 101


def test_a_burst_within_half_a_minute_does_not_grow_without_end(world: World) -> None:
    for number in range(2000):
        world.apply(SetDisabled("a", disabled=number % 2 == 0))
    (note,) = of_client(world)
    assert len(note.text) < 4100


def test_the_farm_writes_nothing_when_it_is_told_not_to() -> None:
    world = World(Settings(automatic_notes=False))
    world.hello("a")
    world.apply(SetDisabled("a", disabled=True))
    assert not world.farm.threads


def test_the_farm_keeps_so_many_of_its_own_notes_and_all_of_peoples() -> None:
    world = World(Settings(most_automatic_notes=5))
    world.hello("a")
    jobs = world.submit(*(JobSpec(str(number), "x", priority=20 - number) for number in range(8)))
    world.apply(AddNote("mine", None, jobs[0], None, "ben"))
    world.run_all(lambda job: 1)
    assert [of_job(world, job) != [] for job in jobs] == [True, False, False, *[True] * 5]
    assert [note.text for note in of_job(world, jobs[0])] == ["mine"]
    assert len(world.farm.automatic_notes) == 5


def test_a_handled_thread_is_news_again_with_a_new_note(world: World) -> None:
    world.apply(AddNote("one", None, None, 1))
    (thread,) = world.farm.threads.values()
    assert world.apply(MarkHandled((thread.id, 99), handled=True)) == 1
    assert world.apply(MarkHandled((thread.id,), handled=True)) == 0
    world.apply(AddNote("two", thread.id, None, None))
    assert thread.handled is False


def test_notes_go_with_what_they_are_about(world: World) -> None:
    (job,) = world.submit(JobSpec("x"))
    world.apply(AddNote("of the job", None, job, None))
    world.apply(AddNote("of the client", None, None, 1))
    world.apply(AddNote("of nothing", None, None, None))
    world.act(Verb.DELETE, job)
    world.tick(60)
    world.apply(RemoveClients((1,)))
    assert [note.text for note in world.farm.notes.values()] == ["of nothing"]
    assert [(thread.job, thread.client) for thread in world.farm.threads.values()] == [(None, None)]
    assert not world.farm.thread_of_job
    assert not world.farm.thread_of_client


def test_a_note_makes_what_it_is_about_show_it(world: World) -> None:
    """Followers of the feed see the latest note of a job or client, so that must be touched."""
    (job,) = world.submit(JobSpec("x"))
    before = world.job(job).revision
    note = world.apply(AddNote("one", None, job, None))
    assert world.job(job).revision > before
    before = world.job(job).revision
    world.apply(RemoveNotes((note,)))
    assert world.job(job).revision > before


def test_a_thread_without_a_note_has_none_that_is_latest() -> None:
    assert notes.latest(None) == ""
    assert notes.latest(Thread(1, None, None, notes=[Note(1, 1, 0.0, "x", "", automatic=False)])) == "x"
