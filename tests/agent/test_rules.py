"""What the owner of a client decides: hqnode.ini, patterns in output, path mapping."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import resources
from hqagent.config import KEYS, BadSetting, NodeFile, read_node_file
from hqagent.paths import mapper
from hqagent.patterns import ALWAYS, BadPattern, OutputReader, Patterns, failure_pattern, progress_pattern

SAMPLE = Path(resources.__file__).with_name("hqnode.ini")
LINES = {
    "arnold": ("00:00:12   412MB         |   35% done - 104 rays/pixel", 0.35),
    "blender cycles": ("Fra:1 Mem:12.42M | Time:00:00.11 | Remaining:00:00.53 | Scene, ViewLayer | Sample 32/128", 0.25),
    "redshift": ("    Block 12/48 (4,3) rendered by GPU 0 in 92ms", 0.25),
    "vray": ("[2024/Jan/05|10:11:12] Rendering image (region)...: 40.5% [0h 0m 3.2s]", 0.405),
    "nuke": ("Frame 5 (3 of 10)", 0.3),
    "renderman": ("R90000   42%", 0.42),
}  # fmt: skip
"""What renderers print, and the progress that the sample's pattern of that name reads in it."""
FAILURES = {
    "no licence": "ERROR: No licenses could be found to run this application.",
    "missing file": "mantra: Unable to load texture '/mnt/tex/a.rat'",
}


def sample_rows(section: str) -> dict[str, str]:
    """The patterns that the sample shows, without the mark that makes them comments."""
    text = SAMPLE.read_text().partition(f"[{section}]\n")[2].partition("\n[")[0]
    rows = [line[1:].partition(" = ") for line in text.splitlines() if line.startswith("#") and " = " in line]
    return {name: pattern for name, _, pattern in rows if not name.startswith(" ")}


def node(tmp_path: Path, text: str) -> NodeFile:
    path = tmp_path / "hqnode.ini"
    path.write_text(text)
    return read_node_file(path)


def test_the_sample_says_what_holds_anyway() -> None:
    found = read_node_file(SAMPLE)
    assert found.unknown == ()
    assert (found.server, found.cpus, found.job_umask, found.output_limit) == (None, None, 0o022, 100 << 20)
    text = SAMPLE.read_text()
    assert [key for key in KEYS if not re.search(rf"^#?{re.escape(key)} = ", text, re.MULTILINE)] == []


@pytest.mark.parametrize("name", LINES)
def test_the_samples_patterns_read_what_renderers_print(name: str) -> None:
    reader = OutputReader(Patterns((progress_pattern(sample_rows("progress")[name]),), {}))
    line, progress = LINES[name]
    assert reader.feed(f"other\n{line}\n".encode()) == pytest.approx(progress)


@pytest.mark.parametrize("name", FAILURES)
def test_the_samples_failures_are_found(name: str) -> None:
    reader = OutputReader(Patterns((), {name: failure_pattern(sample_rows("failure")[name])}))
    reader.feed(f"fine\n{FAILURES[name]}\nfine\n".encode())
    assert reader.failure == f"the output says that it failed ({name}): {FAILURES[name]}"


def test_every_pattern_of_the_sample_is_tried() -> None:
    assert sample_rows("progress").keys() == LINES.keys()
    assert sample_rows("failure").keys() == FAILURES.keys()


def test_the_newest_line_wins_whichever_pattern_it_fits() -> None:
    reader = OutputReader(Patterns((*ALWAYS, progress_pattern(r"^at (\d+) of (\d+)")), {}))
    assert reader.feed(b"ALF_PROGRESS 10%\nat 1 of 2\n") == 0.5
    assert reader.feed(b"at 1 of 2\nALF_PROGRESS 90%\n") == 0.9
    assert reader.feed(b"at 1 of 0\n") is None
    assert reader.feed(b"ALF_PROGRESS 95%\r") == 0.95, "a line may end in a lone return, as progress bars do"


def test_the_last_line_counts_without_an_end() -> None:
    reader = OutputReader(Patterns(ALWAYS, {"oops": failure_pattern("^fatal")}))
    assert reader.feed(b"ALF_PROGRESS 10%\nfatal: no") == 0.1
    assert reader.failure == ""
    assert reader.end() is None
    assert reader.failure.endswith("(oops): fatal: no")


@given(st.integers(1, 9))
def test_a_failure_does_not_depend_on_how_output_is_cut(size: int) -> None:
    output = b"one\ntwo fatal error three\nfour\n"
    reader = OutputReader(Patterns((), {"x": failure_pattern("fatal error")}))
    for at in range(0, len(output), size):
        reader.feed(output[at : at + size])
    assert reader.failure.endswith("two fatal error three")


@pytest.mark.parametrize(
    ("make", "text", "words"),
    [
        (progress_pattern, r"(\d+", "is no regular expression"),
        (progress_pattern, r"\d+%", "needs a group"),
        (progress_pattern, r"(?P<done>\d+)", "needs a group"),
        (failure_pattern, r"x*", "fits an empty line"),
    ],
)
def test_a_bad_pattern_is_named(make: object, text: str, words: str) -> None:
    with pytest.raises(BadPattern, match=words):
        make(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[main]\njob_umask = 99\n", "job_umask must be an octal number such as 022, got '99'"),
        ("[main]\nclient_port = 70000\n", "client_port must be a whole number from 0 to 65535, got '70000'"),
        ("[main]\ncpus = 0\n", "cpus must be a whole number from 1 on, got '0'"),
        ("[main]\nterminate_users = root nobody-of-that-name\n", "terminate_users must be names of accounts"),
        ("[main]\nclient_address = farm\n", "client_address must be an IPv4 address of this machine"),
        ("[main]\ncgroup = here\n", "cgroup must be the whole path"),
        ("[progress]\nmine = no group\n", "the pattern mine needs a group"),
        ("[failure]\nall = .*\n", "the pattern all fits an empty line"),
        ("[shells]\nhython = hython\n", "shell hython must be the whole path of a program, got 'hython'"),
        ("server = x\n", "cannot be read"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(words)):
        node(tmp_path, text)


def test_what_hqueue_writes_is_taken(tmp_path: Path) -> None:
    found = node(
        tmp_path,
        "[main]\nserver = farm\nport = 5000\nsharedNetwork.mount = /mnt/hq\nauto_upgrade = 1\n\n[job_environment]\n",
    )
    assert (found.server, found.mount, found.unknown) == ("http://farm:5000", "/mnt/hq", ())


def test_a_servers_whole_address_is_taken_and_a_mark_of_windows_is_none(tmp_path: Path) -> None:
    assert node(tmp_path, "\ufeff[main]\nserver = http://farm:5055\n").server == "http://farm:5055"


def test_what_means_nothing_is_told(tmp_path: Path) -> None:
    assert node(tmp_path, "[main]\nservr = farm\n[paths]\nx = y\n").unknown == ("[paths]", "servr")


def test_who_may_terminate(tmp_path: Path) -> None:
    assert node(tmp_path, "[main]\n").terminate_users == frozenset()
    assert node(tmp_path, "[main]\nterminate_users = root nobody\n").terminate_users == frozenset({0, 65534})
    assert node(tmp_path, "[main]\nterminate_users = *\n").terminate_users is None


def test_sections_with_colons_in_names(tmp_path: Path) -> None:
    found = node(tmp_path, "[path_mapping]\nP:/projects = /mnt/projects\n[job_environment]\nA = b:c = d\n")
    assert found.path_mapping == {"P:/projects": "/mnt/projects"}
    assert found.job_environment == {"A": "b:c = d"}


ROWS = {"P:/projects": "/mnt/projects", "P:/": "/mnt/p", "//server/share": "/mnt/share", "/old": "/new/place/"}


@pytest.mark.parametrize(
    ("text", "mapped"),
    [
        ("render P:/projects/a/b.hip", "render /mnt/projects/a/b.hip"),
        (r'render "P:\projects\a b\c.hip"', r'render "/mnt/projects/a b\c.hip"'),
        (r"render p:\PROJECTS\a.hip -o P:\out\x.exr", "render /mnt/projects/a.hip -o /mnt/p/out/x.exr"),
        (r"copy \\server\share\x /tmp/x", "copy /mnt/share/x /tmp/x"),
        ("ls P:/projectsX", "ls /mnt/p/projectsX"),
        ("ls /old /older /very/old /old/x", "ls /new/place /older /very/old /new/place/x"),
        ("/Old/x", "/Old/x"),
        ("A=P:/projects;B=/old", "A=/mnt/projects;B=/new/place"),
        ("nothing here", "nothing here"),
    ],
)
def test_paths_are_mapped_where_they_begin_and_whole(text: str, mapped: str) -> None:
    assert mapper(ROWS)(text) == mapped


def test_to_windows_the_rest_is_left_alone() -> None:
    assert mapper({"/mnt/p": "P:\\"})("x /mnt/p/a/b") == "x P:/a/b"


def test_no_mapping_changes_nothing() -> None:
    assert mapper({})("P:/x") == "P:/x"


def test_the_sample_is_an_ini() -> None:
    configparser.ConfigParser(interpolation=None, delimiters=("=",)).read_string(SAMPLE.read_text())
