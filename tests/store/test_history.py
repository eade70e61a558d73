"""Families that leave RAM: still answered byte for byte, still acted on, never lost, never there twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args

import pytest

from hqserver.api import dispatch
from hqserver.api.context import ADMITTED, Caller, Context
from hqserver.api.methods import all_methods
from hqserver.config import read_config
from hqserver.core.commands import (
    Act,
    AddNote,
    Command,
    PermitClients,
    ReleaseHolds,
    SetAttribs,
    SetBlockedWarning,
    SetConditions,
    SetPriority,
    Submit,
    Unblock,
    Verb,
)
from hqserver.core.farm import Farm
from hqserver.core.history import named_by
from hqserver.core.records import Instant, Settings
from hqserver.core.restoring import restore
from hqserver.engine import Engine
from hqserver.farm_head import Commits, remove_logs
from hqserver.history import History, Policy
from hqserver.outputs import Outputs
from hqserver.sessions import Sessions
from hqserver.store.store import Store
from hqserver.wire.codec import encode_response_parts
from hqserver.wire.jobs import ATTRIBUTES, JobSpec
from hqserver.wire.statuses import FINISHED, JobStatus
from tests.store import histories
from tests.store.stored import behind_its_back, commit, count_rows

DAY = 86_400.0
LATER = Instant(400 * DAY, 1e9)
EVERYBODY = Caller("test", ADMITTED)
T = TypeVar("T")


class Separate(histories.History):
    """A random history whose families stay small: only jobs that came at about the same time are linked."""

    def some(self, most: int = 3) -> list[int]:
        ids = sorted(id_ for id_ in self.farm.jobs if id_ >= self.farm.next_job // 40 * 40)
        return self._chance.sample(ids, min(len(ids), self._chance.randint(0, most)))


class Server:
    """A server on a store, without its web side; its clock stands where a test puts it."""

    def __init__(self, store: Store, folder: Path, policy: Policy) -> None:
        self.now = LATER
        farm = restore(Settings(), store.load(), LATER)
        self.engine = Engine(farm, Commits(store, asyncio.get_running_loop()), lambda: self.now)
        self.history = History(self.engine, store.recall, policy)
        outputs = Outputs(folder / "logs")
        self.context = Context(
            engine=self.engine,
            sessions=Sessions(self.engine, outputs, "test"),
            history=self.history,
            outputs=outputs,
            config=read_config(None),
            epoch="e",
            started_at=0.0,
            open_farm=False,
            database="",
        )

    @property
    def farm(self) -> Farm:
        return self.engine.farm

    async def call(self, method: str, *arguments: object) -> Any:
        return await dispatch.answer(all_methods(), self.context, EVERYBODY, method, arguments)

    async def bytes_of(self, method: str, *arguments: object) -> bytes:
        """The very bytes that a script gets."""
        return b"".join(encode_response_parts(await self.call(method, *arguments)))

    async def told(self) -> dict[str, bytes]:
        """All that is answered about finished jobs."""
        ids = await self.call("getJobIdsByStatus", [status.value for status in FINISHED if status != "abandoned"])
        answers = {f"job {id_}": await self.bytes_of("getJob", id_, list(ATTRIBUTES)) for id_ in ids[::11]}
        answers["all"] = await self.bytes_of("getJobs", ids, list(ATTRIBUTES))
        for status in JobStatus:
            answers[status] = await self.bytes_of("getJobIdsByStatus", [status])
        answers["roots"] = await self.bytes_of("getFinishedRootJobIds")
        return answers

    async def settled(self) -> None:
        await self.engine.settled(self.farm.revision)


class Place:
    """A database and what is needed to start servers on it, one after the other."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def run(self, work: Callable[[Server], Awaitable[T]], policy: Policy | None = None) -> T:
        """Start a server, have it do this, stop it."""

        async def serve(store: Store) -> T:
            server = Server(store, self.folder, policy or Policy(days=7.0, most_jobs=10**6, expire_days=0.0))
            result = await work(server)
            await server.settled()
            server.history.close()
            return result

        with closing(Store.open(self.folder, self.url)) as store:
            return asyncio.run(serve(store))

    def live(self, seed: int, steps: int) -> None:
        """A random history, in which many things are finished long ago."""
        with closing(Store.open(self.folder, self.url)) as store:
            store.load()
            history = Separate(seed, lambda changes: commit(store, changes))
            for _ in range(steps):
                history.step()
            old = [id_ for id_ in history.farm.jobs if id_ < history.farm.next_job // 40 * 40]
            history.world.act(Verb.CANCEL, *old)
            for _ in range(4):
                history.beat()


@pytest.fixture
def place(database: str, tmp_path: Path) -> Place:
    return Place(database, tmp_path)


async def leave(server: Server) -> dict[str, bytes]:
    """What was answered before the old left, and that something did leave."""
    before = await server.told()
    known = set(server.farm.jobs)
    await server.history.tidy()
    assert len(server.farm.past) > 5
    assert not any(server.farm.past.family_of(id_) for id_ in server.farm.jobs)
    assert len(server.farm.jobs) + len(server.farm.past) == len(known)
    return before


@pytest.mark.parametrize("seed", [3, 4])
def test_history_answers_what_it_answered_before_it_left(place: Place, seed: int) -> None:
    place.live(seed, steps=100)

    async def leave_and_ask(server: Server) -> dict[str, bytes]:
        before = await leave(server)
        assert await server.told() == before
        return before

    async def ask(server: Server) -> None:
        assert len(server.farm.past) > 5
        assert await server.told() == before

    before = place.run(leave_and_ask)
    place.run(ask)


def test_followers_are_told_that_history_left_and_came_back(place: Place) -> None:
    place.live(3, steps=100)

    async def work(server: Server) -> None:
        ids = set(server.farm.jobs)
        since = server.farm.revision
        await server.history.tidy()
        await server.settled()
        page = server.farm.change_log.page(since, 10_000, server.farm.revision)
        gone = {id_ for _, id_ in page.keys}
        assert gone == ids - set(server.farm.jobs)
        since, one = page.next_since, min(gone)
        await server.call("rescheduleJobs", [one])
        page = server.farm.change_log.page(since, 10_000, server.farm.revision)
        assert ("jobs", one) in page.keys
        assert {id_ for _, id_ in page.keys} <= set(server.farm.jobs)

    place.run(work)


def test_what_is_history_is_recalled_when_somebody_acts_on_it(place: Place) -> None:
    place.live(4, steps=100)
    place.run(leave)

    async def act(server: Server) -> list[int]:
        chance = random.Random(1)
        chosen = chance.sample(server.farm.past.roots(), 3)
        families = {server.farm.past.family_of(id_) for id_ in chosen}
        await server.call("rescheduleJobs", chosen)
        (child,) = await server.call("newjob", {"name": "late", "command": "x"}, chosen[0])
        for id_ in chosen:
            job = server.farm.jobs[id_]
            assert job.status not in FINISHED
            assert job.log[-1].at == LATER.wall
        assert server.farm.jobs[child].parents == [chosen[0]]
        assert not families & {server.farm.past.family_of(id_) for id_ in server.farm.past.roots()}
        return chosen

    async def look(server: Server) -> None:
        assert all(server.farm.jobs[id_].status not in FINISHED for id_ in chosen)

    chosen = place.run(act)
    place.run(look)


def test_a_note_on_a_job_of_history_is_kept(place: Place) -> None:
    place.live(4, steps=100)
    place.run(leave)

    async def note(server: Server) -> int:
        oldest: int = server.farm.past.ids(JobStatus)[0]
        assert await server.call("addNote", "look here", None, oldest) is True
        assert server.farm.jobs[oldest].status in FINISHED
        return oldest

    async def look(server: Server) -> None:
        assert (await server.call("getJob", oldest, ["latestNote"])) == {"latestNote": "look here"}

    oldest = place.run(note)
    place.run(look)
    place.run(lambda server: server.history.tidy())
    place.run(look)


def test_every_command_that_names_jobs_says_which() -> None:
    """What is history is recalled before a command is applied, so a new command has to be in the table."""
    quiet = {
        SetPriority,
        Act,
        Submit,
        AddNote,
        PermitClients,
        ReleaseHolds,
        SetConditions,
        SetAttribs,
        SetBlockedWarning,
        Unblock,
    }
    for command in get_args(Command):
        names = {field.name for field in fields(command)} & {"job", "jobs", "ids", "parent", "children", "parents"}
        assert bool(names) == (command in quiet), f"{command.__name__} names jobs: add it to hqserver.core.history"
    assert set(named_by(SetPriority((3, 4), 1))) == {3, 4}
    spec = JobSpec("a", children=(JobSpec("b", parent_ids=(7,)),), children_ids=(8,))
    assert set(named_by(Submit((spec,), parent=5, children=(6,)))) == {5, 6, 7, 8}
    assert set(named_by(AddNote("t", None, 9, None))) == {9}


def test_a_change_while_a_family_leaves_keeps_it(place: Place) -> None:
    place.live(3, steps=100)

    async def work(server: Server) -> None:
        finished = list(server.farm.finished_roots)
        asked = asyncio.gather(
            *(server.call("rescheduleJobs", [id_]) for id_ in finished[::2]),
            server.history.tidy(),
            *(server.call("setPriority", [id_], 77) for id_ in finished[1::2]),
        )
        await asked
        await server.settled()
        for id_ in finished[::2]:
            job = server.farm.jobs[id_]
            assert job.status not in FINISHED or job.log[-1].at == LATER.wall
        for id_ in finished[1::2]:
            row = await server.call("getJob", id_, ["priority"])
            assert row == {"priority": 77}

    async def look(server: Server) -> None:
        everything = await server.call("getJobIdsByStatus", [status.value for status in JobStatus])
        assert len(everything) == len(set(everything)) == len(server.farm.jobs) + len(server.farm.past)
        assert not set(server.farm.jobs) & set(server.farm.past.ids(JobStatus))

    place.run(work)
    place.run(look)


def test_the_most_that_is_kept_at_hand_is_kept(place: Place) -> None:
    place.live(3, steps=100)

    async def work(server: Server) -> None:
        finished = sum(len(server.farm.jobs_of_status[status]) for status in FINISHED)
        assert finished > 20
        await server.history.tidy()
        left = sum(len(server.farm.jobs_of_status[status]) for status in FINISHED)
        assert left < finished
        assert len(server.farm.past) == finished - left

    place.run(work, Policy(days=10_000.0, most_jobs=10, expire_days=0.0))


def test_what_has_expired_is_deleted_wherever_it_is_with_its_output(place: Place) -> None:
    place.live(3, steps=100)
    place.run(leave)

    async def expire(server: Server) -> None:
        outputs = server.context.outputs
        server.engine.observers.append(lambda changes: remove_logs(outputs, changes))
        past = server.farm.past.ids(JobStatus)
        going_on = set(server.farm.unfinished_roots)
        for id_ in past:
            outputs.append(id_, 1, 0, b"x", 0x8CDC1683)
        ran = await server.history.each(past, lambda farm, job: job.id if job.attempts else 0)
        assert any(ran)
        await server.history.tidy()
        assert not server.farm.past
        assert set(server.farm.unfinished_roots) == going_on
        assert all(server.farm.jobs[id_].children for id_ in server.farm.finished_roots), "others of its family go on"
        assert not any(outputs.read(id_, 1, 0, 1) for id_ in ran if id_)

    async def look(server: Server) -> None:
        assert not server.farm.past

    place.run(expire, Policy(days=7.0, most_jobs=10**6, expire_days=30.0))
    place.run(look)
    with closing(Store.open(place.folder, place.url)) as store:
        assert [count_rows(store, table) for table in ("past_jobs", "past_families")] == [0, 0]


async def finish_one(server: Server) -> None:
    """A job that ends now."""
    await server.call("cancelJobs", await server.call("newjob", {"name": "fresh", "command": "x"}))


def test_a_clock_that_is_set_far_ahead_deletes_nothing(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    century = 36_525 * DAY

    async def jump(server: Server) -> None:
        await finish_one(server)
        await server.history.tidy()
        server.now = Instant(LATER.wall + century, LATER.monotonic + 60.0)
        await server.history.tidy()
        assert server.farm.past, "it leaves RAM, which harms nothing"
        assert len(caplog.messages) == 1, "that a clock is strange is told once"
        assert "36525 days ahead" in caplog.messages[0]
        assert len(await server.call("getFinishedRootJobIds")) == 1

    async def start_with_it(server: Server) -> None:
        server.now = Instant(LATER.wall + century, LATER.monotonic + 60.0)
        await server.history.tidy()
        assert len(await server.call("getFinishedRootJobIds")) == 1

    policy = Policy(days=7.0, most_jobs=10**6, expire_days=30.0)
    caplog.set_level("ERROR", "hqserver.history")
    place.run(jump, policy)
    for _ in range(3):
        place.run(start_with_it, policy)


def test_after_a_long_time_without_a_server_what_is_old_expires_within_a_day(place: Place) -> None:
    async def one(server: Server) -> None:
        await finish_one(server)
        await server.history.tidy()

    async def three_weeks_later(server: Server) -> None:
        left = []
        for hour in range(24):
            server.now = Instant(LATER.wall + 21 * DAY + hour * 3600, LATER.monotonic + hour * 3600)
            await server.history.tidy()
            left.append(len(await server.call("getFinishedRootJobIds")))
        assert left == sorted(left, reverse=True)
        assert (left[0], left[-1]) == (1, 0)

    policy = Policy(days=7.0, most_jobs=10**6, expire_days=14.0)
    place.run(one, policy)
    place.run(three_weeks_later, policy)


def test_the_key_of_a_submission_that_is_history_is_known(place: Place) -> None:
    async def submit(server: Server) -> list[int]:
        ids: list[int] = await server.call("newjob", {"name": "keyed", "submissionKey": "key"})
        await server.call("newjob", [{"name": str(number)} for number in range(5)])
        return ids

    async def again(server: Server) -> None:
        assert not server.farm.submission_of_key
        assert await server.call("newjob", {"name": "keyed", "submissionKey": "key"}) == ids
        with pytest.raises(Exception, match="another specification"):
            await server.call("newjob", {"name": "other", "submissionKey": "key"})

    ids = place.run(submit)
    place.run(lambda server: server.history.tidy(), Policy(days=0.0, most_jobs=0, expire_days=0.0))
    place.run(again)


def test_a_family_of_which_a_row_is_lost_is_read_like_any_other(place: Place) -> None:
    place.live(4, steps=100)
    before = place.run(leave)
    with behind_its_back(place.url) as connection:
        family = connection.exec_driver_sql("SELECT max(family) FROM past_jobs").scalar()
        connection.exec_driver_sql(f"DELETE FROM past_families WHERE id = {family}")
        connection.exec_driver_sql("UPDATE past_jobs SET status = 'odd' WHERE job = (SELECT min(job) FROM past_jobs)")

    async def look(server: Server) -> None:
        assert family in server.farm.jobs
        assert await server.told() == before

    place.run(look)


def test_a_damaged_job_of_history_is_put_aside_and_told(place: Place) -> None:
    place.live(4, steps=100)
    place.run(leave)
    with behind_its_back(place.url) as connection:
        job = connection.exec_driver_sql("SELECT min(job) FROM past_jobs").scalar()
        connection.exec_driver_sql(f"UPDATE jobs SET spec = '{{}}' WHERE id = {job}")
    assert job is not None

    async def look(server: Server) -> None:
        assert "damaged" in (await server.call("getJob", job, ["name"]))["name"]
        assert (await server.call("getJob", job, ["logs"]))["logs"]

    place.run(look)
    with closing(Store.open(place.folder, place.url)) as store:
        assert count_rows(store, "quarantine") == 1
