"""The outbox of mails, and errors that are counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hqserver.core import problems
from hqserver.core.commands import MailDone, NoteProblem, RemoveClients, SetPriority, Verb
from hqserver.core.records import Settings
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import MAIL_REASONS, JobEvent, JobStatus
from tests.core.world import World

MAILING = Settings(mail_from="hq@example.org", mail_to=("td@example.org",))


@pytest.fixture
def world() -> World:
    world = World(MAILING)
    world.hello("a")
    return world


def spec(reasons: tuple[str, ...] = MAIL_REASONS, **more: Any) -> JobSpec:
    return replace(JobSpec("film\nX-Evil: 1", "x", email_to=("anna@example.org",), email_reasons=reasons), **more)


def reasons(world: World) -> list[str]:
    return [mail.reason for mail in world.farm.mails.values()]


def test_each_thing_that_happens_to_a_job_is_one_mail(world: World) -> None:
    (job,) = world.submit(spec(tries_left=1))
    assert reasons(world) == [JobStatus.RUNNABLE]
    world.beat_all()
    world.act(Verb.PAUSE, job)
    world.beat_all()
    world.act(Verb.RESUME, job)
    world.beat_all()
    world.apply(SetPriority((job,), 9))
    world.end(job, 1)
    world.run_all()
    assert reasons(world)[1:] == [
        JobStatus.RUNNING, JobStatus.PAUSING, JobStatus.PAUSED, JobStatus.RESUMING, JobEvent.RESUMED,
        JobEvent.PRIORITY_CHANGED, JobEvent.RESCHEDULED, JobStatus.RUNNABLE, JobStatus.RUNNING, JobStatus.SUCCEEDED,
    ]  # fmt: skip
    world.act(Verb.RESCHEDULE, job)
    assert JobEvent.RESCHEDULED in reasons(world)[-2:]


def test_only_what_was_asked_for(world: World) -> None:
    world.submit(spec((JobStatus.SUCCEEDED,)), spec(()), spec(email_to=()))
    world.run_all()
    (mail,) = world.farm.mails.values()
    assert (mail.reason, mail.to) == (JobStatus.SUCCEEDED, ("anna@example.org",))
    assert mail.subject == f"job {mail.job} succeeded: film X-Evil: 1"
    world.apply(MailDone(mail.id))
    world.apply(MailDone(mail.id))
    assert not world.farm.mails


def test_waiting_is_another_word_for_runnable(world: World) -> None:
    world.submit(spec(("waiting",)))
    assert reasons(world) == ["waiting"]


def test_a_job_without_a_command_succeeds_with_a_mail(world: World) -> None:
    world.submit(spec((JobStatus.SUCCEEDED,), command=""))
    assert reasons(world) == [JobStatus.SUCCEEDED]


def test_without_a_mail_server_nothing_is_kept() -> None:
    world = World()
    world.hello("a")
    world.submit(spec())
    world.run_all()
    assert not world.farm.mails


def test_errors_of_the_same_kind_are_counted_and_told_once(world: World) -> None:
    world.apply(NoteProblem(None, "a", "first", "trace"))
    world.time += 100
    world.apply(NoteProblem(None, "a", "second", count=4))
    (problem,) = problems.of(world.farm, None)
    assert (problem.message, problem.count, problem.last_at - problem.first_at) == ("second", 5, 100.0)
    (mail,) = world.farm.mails.values()
    assert (mail.job, mail.to, mail.subject) == (None, ("td@example.org",), "hqserver: first")


def test_many_kinds_of_errors_at_once_are_one_mail_and_bounded(world: World) -> None:
    for number in range(300):
        world.apply(NoteProblem(None, f"kind {number}", "x" * 9000, "y" * 90_000))
    assert len(world.farm.mails) == 1
    known = problems.of(world.farm, None)
    assert len(known) == len(world.farm.problems) <= 201
    assert known[0].key == "kind 299"
    assert (len(known[0].message), len(known[0].traceback)) == (2000, 16_000)
    world.time += 86_500
    world.apply(NoteProblem(None, "kind 299", "again"))
    assert len(world.farm.mails) == 2


def test_the_errors_of_a_client_are_its_own_and_go_with_it(world: World) -> None:
    world.apply(NoteProblem(1, "a", "full disk"))
    world.apply(NoteProblem(99, "a", "nobody"))
    assert [problem.message for problem in problems.of(world.farm, 1)] == ["full disk"]
    assert problems.of(world.farm, None) == problems.of(world.farm, 99) == []
    assert not world.farm.mails
    world.tick(60)
    world.apply(RemoveClients((1,)))
    assert not world.farm.problems
