"""What a note says in runs: links that lead somewhere, quotes, and foreign text that stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.models.farm import FarmData
from hqgui.models.note_text import (
    LONGEST,
    Links,
    Paragraph,
    Run,
    RunKind,
    clients_named,
    farm_links,
    link_glyph,
    paragraphs,
    quotation,
)
from hqgui.models.thread_page import (
    MOST_NOTES,
    Day,
    Earlier,
    Happened,
    New,
    Note,
    Said,
    event_glyph,
    initials,
    notes_from,
    page,
)
from hqgui.models.thread_subject import Target, heading, subject, target_named, target_of, thread_of
from tests.models.farm_rows import family_rows, job_row
from tests.models.note_rows import note_row, thread_row
from tests.models.test_threads import Desk

NOW = 1_800_000_000


@pytest.fixture
def farm() -> FarmData:
    """Two jobs and three clients."""
    made = FarmData()
    made.upsert(
        "jobs", [job_row(17, name="beauty_fill", status="running"), job_row(1042, name="1042", status="failed")]
    )
    made.upsert(
        "clients",
        [
            {"id": 3, "hostname": "rnd-142", "label": "rnd-142", "status": "busy"},
            {"id": 4, "hostname": "ws.anna", "label": "ws.anna:gpu", "status": "offline"},
        ],
    )
    return made


def _said(text: str, farm: FarmData) -> list[tuple[str, str, int]]:
    [line] = paragraphs(text, farm_links(farm))
    return [(run.kind.value, run.text, run.id) for run in line.runs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "keep ahead of #17, please",
            [("text", "keep ahead of ", 0), ("job", "beauty_fill", 17), ("text", ", please", 0)],
        ),
        ("#1042 and #17", [("job", "1042", 1042), ("text", " and ", 0), ("job", "beauty_fill", 17)]),
        ("died on @rnd-142.", [("text", "died on ", 0), ("client", "rnd-142", 3), ("text", ".", 0)]),
        ("@RND-142", [("client", "rnd-142", 3)]),
        ("@ws.anna:gpu: look", [("client", "ws.anna:gpu", 4), ("text", ": look", 0)]),
        ("@ws.anna", [("client", "ws.anna:gpu", 4)]),
        ("(#17)", [("text", "(", 0), ("job", "beauty_fill", 17), ("text", ")", 0)]),
    ],
)
def test_links(text: str, expected: list[tuple[str, str, int]], farm: FarmData) -> None:
    assert _said(text, farm) == expected


@pytest.mark.parametrize(
    "text", ["#18", "#17a", "a#17", "##17", "mail dkim@rnd-142", "@nobody", "@", "#", "/#17", "#123456789012345678"]
)
def test_what_leads_nowhere_is_text(text: str, farm: FarmData) -> None:
    assert _said(text, farm) == [("text", text, 0)]


def test_a_quote_is_text_alone(farm: FarmData) -> None:
    lines = paragraphs("#17:\n> Error: @rnd-142 has no #17\n>no space\nwell", farm_links(farm))
    assert [line.quoted for line in lines] == [False, True, True, False]
    assert lines[1].runs == (Run(RunKind.TEXT, "Error: @rnd-142 has no #17"),)
    assert lines[2].runs == (Run(RunKind.TEXT, "no space"),)


def test_a_quotation_is_read_as_one(farm: FarmData) -> None:
    lines = paragraphs(quotation(17, ["a <b>", "\tb"]), farm_links(farm))
    assert lines[0].runs[0] == Run(RunKind.JOB, "beauty_fill", 17)
    assert lines[1:] == (Paragraph((Run(RunKind.TEXT, "a <b>"),), True), Paragraph((Run(RunKind.TEXT, "    b"),), True))


def test_glyphs_of_links_are_of_now(farm: FarmData) -> None:
    assert link_glyph(farm, "job:17") == "running"
    assert link_glyph(farm, "client:4") == "client-offline"
    farm.upsert("jobs", [{"id": 17, "status": "succeeded"}])
    assert link_glyph(farm, "job:17") == "succeeded"
    assert [link_glyph(farm, gone) for gone in ("job:18", "client:9", "", "job:x", "file:///etc")] == [""] * 5


def test_foreign_marks_are_seen(farm: FarmData) -> None:
    assert _said("a\u202eb\x07\x1b[31m\u200b", farm) == [("text", "a⟨202E⟩b␇␛[31m⟨200B⟩", 0)]
    assert len(paragraphs("x" * 100_000, farm_links(farm))[0].runs[0].text) == LONGEST


_NOBODY = Links(lambda id_: "", lambda name: None)


@given(st.text(max_size=200))
def test_no_text_is_lost_or_invented(text: str) -> None:
    lines = paragraphs(text, _NOBODY)
    shown = "\n".join("".join(run.text for run in line.runs) for line in lines)
    kept = [one for one in text if one.isalpha() and one.isprintable()]
    assert all(run.kind is RunKind.TEXT for line in lines for run in line.runs)
    assert [one for one in kept if one not in shown] == []


def test_clients_named_are_listed_once(farm: FarmData) -> None:
    texts = ["@rnd-142 and @ws.anna", "again @rnd-142", "> @rnd-142"]
    assert clients_named(texts, farm_links(farm)) == [3, 4]


# The page


def test_a_page_tells_days_apart_and_what_is_new() -> None:
    day = 86_400
    notes = [
        Note(1, NOW - 40 * day, "old", "dkim"),
        Note(2, NOW - day, "yesterday", "s.iyer"),
        Note(3, NOW - 120, "failed: exit code 3", "", automatic=True),
        Note(4, NOW - 60, "mine", "anonymous@10.0.0.7"),
    ]
    items = page(notes, read=2, now=NOW, links=_NOBODY)
    kinds = [type(item) for item in items]
    assert kinds == [Day, Said, Day, Said, Day, Happened, New, Said]
    assert [item.text for item in items if isinstance(item, Day)][1:] == ["Yesterday", "Today"]
    said = [item for item in items if isinstance(item, Said)]
    assert [(item.who, item.initials) for item in said] == [("dkim", "DK"), ("s.iyer", "SI"), ("10.0.0.7", "7")]
    happened = next(item for item in items if isinstance(item, Happened))
    assert happened.glyph == "failed"
    assert not any(isinstance(item, New) for item in page(notes, 4, NOW, _NOBODY))
    assert not any(isinstance(item, New) for item in page(notes, None, NOW, _NOBODY))


def test_what_one_wrote_oneself_is_not_new() -> None:
    notes = [Note(1, NOW, "seen", "dkim"), Note(2, NOW, "mine", "anna")]
    assert not any(isinstance(item, New) for item in page(notes, 1, NOW, _NOBODY, reader="anna"))
    kinds = [type(item) for item in page([*notes, Note(3, NOW, "theirs", "dkim")], 1, NOW, _NOBODY, reader="anna")]
    assert kinds == [Day, Said, Said, New, Said]


def test_a_client_is_linked_by_its_own_name_where_one_client_alone_has_it(farm: FarmData) -> None:
    farm.upsert(
        "clients", [{"id": 5, "hostname": "box", "label": "box:a"}, {"id": 6, "hostname": "tin", "label": "tin:a"}]
    )
    links = farm_links(farm)
    assert links.client("GPU") == (4, "ws.anna:gpu")
    assert links.client("a") is None
    assert links.client("tin:a") == (6, "tin:a")


@pytest.mark.parametrize("target", [Target(thread=3), Target(3, job=7), Target(3, client=2), Target()])
def test_the_key_of_a_target_leads_back_to_it(target: Target) -> None:
    assert target_named(target.key).key == target.key


def test_a_very_long_thread_begins_with_its_latest_notes() -> None:
    notes = [Note(n, NOW, "x", "dkim") for n in range(1, 1_001)]
    items = page(notes, None, NOW, _NOBODY)
    assert items[0] == Earlier(1_000 - MOST_NOTES)
    assert len([item for item in items if isinstance(item, Said)]) == MOST_NOTES
    assert len(page(notes, None, NOW, _NOBODY, whole=True)) == 1_001
    large = [Note(n, NOW, "x" * 60_000, "dkim") for n in range(1, 21)]
    assert page(large, None, NOW, _NOBODY)[0] == Earlier(15)


def test_automatic_notes_have_the_state_that_they_speak_of() -> None:
    assert event_glyph("failed: exit code 3\nsucceeded") == "succeeded"
    assert event_glyph("offline: no word for 30 s") == "client-offline"
    assert event_glyph("disabled by dkim") == "client-disabled"
    assert event_glyph("enabled by dkim") == "client-available"
    assert event_glyph("something else") == "event"
    assert event_glyph("") == "event"


def test_initials() -> None:
    assert [initials(name) for name in ("s.iyer", "mbrandt", "anna lee", "10.0.0.42", "...", "x")] == [
        "SI", "MB", "AL", "42", "?", "X",
    ]  # fmt: skip


def test_rows_of_a_server_with_and_without_ids() -> None:
    rows = [note_row(5, "a"), {"text": "b", "date": "20261124T11:00:00"}, {}]
    notes = notes_from(rows)
    assert [(note.id, note.text, note.author) for note in notes] == [(5, "a", "dkim"), (2, "b", ""), (3, "", "")]
    assert notes[0].at == notes[1].at > notes[2].at == 0


# What stands beside it


def test_what_stands_beside_the_thread_of_a_job() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", family_rows(1, [10, 11], status="failed"))
    desk.farm.upsert("jobs", [job_row(2, [1], name="sibling"), job_row(3, name="stranger")])
    desk.farm.upsert("clients", [{"id": 5, "hostname": "n5", "label": "n5", "status": "busy"}])
    desk.take(
        thread_row(1, jobId=10), thread_row(2, jobId=1, count=3), thread_row(3, jobId=2), thread_row(4, jobId=3),
        thread_row(5, clientId=5, count=2),
    )  # fmt: skip
    desk.marks.read(2, 99)
    desk.index.judge_all()
    target = Target(job=10)
    notes = [Note(1, NOW, "see @n5 and @n5", "dkim")]
    beside = subject(desk.farm, desk.index, target, notes, NOW)
    assert (beside.kind, beside.id, beside.status, beside.label) == ("job", 10, "failed", "Failed")
    assert [(one.thread, one.notes, one.unread) for one in beside.nearby] == [
        (2, "3 notes", False), (3, "1 note", True), (5, "2 notes", True),
    ]  # fmt: skip
    assert [(one.id, one.state) for one in beside.clients] == [(5, "Busy")]
    assert heading(desk.farm, target).above == ((1, "job 1"),)
    of_root = subject(desk.farm, desk.index, Target(job=1), [], NOW)
    assert of_root.failed == 2
    assert dict(of_root.properties)["Submitted by"] == "anna"


def test_what_stands_beside_the_thread_of_a_client_and_of_nothing() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", family_rows(1, [10], status="running"))
    desk.farm.upsert(
        "clients",
        [{"id": 5, "hostname": "n5", "label": "n5", "status": "busy", "runningJobs": [10], "cpus": 4, "load": 1}],
    )
    desk.take(thread_row(1, clientId=5, clientLabel="n5"), thread_row(2, jobId=1), thread_row(3))
    beside = subject(desk.farm, desk.index, Target(client=5), [], NOW)
    assert (beside.kind, beside.status, beside.label) == ("client", "client-busy", "Busy")
    assert [one.thread for one in beside.nearby] == [2]
    assert heading(desk.farm, Target(client=5)).title == "n5"
    free = subject(desk.farm, desk.index, Target(thread=3), [Note(1, NOW, "x", "dkim")], NOW)
    assert (free.kind, dict(free.properties)["Notes"]) == ("", "1")
    assert heading(desk.farm, Target(thread=3)).title == "note 3"
    assert heading(desk.farm, Target()).title == "New note"


def test_a_target_keeps_its_key_when_its_thread_begins() -> None:
    desk = Desk()
    desk.farm.upsert("jobs", [job_row(7)])
    assert thread_of(desk.farm, Target(job=7)) is None
    desk.take(thread_row(4, jobId=7), thread_row(5))
    found = thread_of(desk.farm, Target(job=7))
    assert found is not None
    assert target_of(found).key == Target(job=7).key == "j7"
    assert [Target(client=2).key, Target(thread=5).key, Target().key] == ["c2", "t5", "new"]
