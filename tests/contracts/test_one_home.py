"""Things with one home: each is used where it lives, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from hqserver.wire.statuses import JobStatus
from tests.contracts.sources import PACKAGES, Source, dotted, imported, is_below, literals, sources_in

Use = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Home:
    """What `uses` finds in a tree may stand only in `homes`, as far as `within` reaches.

    `example` is code that must be found: a rule that finds nothing anywhere guards nothing.
    """

    what: str
    uses: Callable[[ast.Module], Iterator[Use]]
    homes: tuple[str, ...]
    example: str
    within: tuple[str, ...] = PACKAGES


def imports_of(*packages: str) -> Callable[[ast.Module], Iterator[Use]]:
    """Finds imports of these packages."""
    return lambda tree: (use for use in imported(tree) if is_below(use[0], packages))


SPAWNING = {"fork", "forkpty", "posix_spawn", "posix_spawnp", "system", "popen", "startfile"}


def _spawns(tree: ast.Module) -> Iterator[Use]:
    yield from imports_of("subprocess", "multiprocessing", "pty", "concurrent.futures.ProcessPoolExecutor")(tree)
    for name, line in (*dotted(tree), *imported(tree)):
        module, _, attribute = name.rpartition(".")
        by_os = module == "os" and (attribute in SPAWNING or attribute.startswith(("exec", "spawn")))
        by_loop = module == "asyncio" and attribute.startswith("create_subprocess")
        if by_os or by_loop or attribute == "QProcess":
            yield name, line


CLOCKS = {
    *(f"time.{name}{unit}" for name in ("time", "monotonic", "perf_counter", "process_time") for unit in ("", "_ns")),
    *(f"time.{name}" for name in ("localtime", "gmtime", "strftime", "sleep")),
    *(f"{start}datetime.{name}" for name in ("now", "utcnow", "today") for start in ("", "datetime.")),
    "date.today",
    "datetime.date.today",
}


def _clocks(tree: ast.Module) -> Iterator[Use]:
    return (use for use in (*dotted(tree), *imported(tree)) if use[0] in CLOCKS)


_ALL = frozenset(map(str, JobStatus))


def _statuses(tree: ast.Module) -> Iterator[Use]:
    return (use for use in literals(tree) if use[0] in _ALL)


def _decided_by_status(tree: ast.Module) -> Iterator[Use]:
    """Status words by which something is decided or looked up.

    Views paint a job's state with the colour and the drawing of the same name: `color("failed")` is no status. It is
    one where it is compared, matched or a key, where it stands among none but statuses, or gets a name of that kind.
    """
    for node in ast.walk(tree):
        for part in _deciding(node):
            if isinstance(part, ast.Constant) and part.value in _ALL:
                yield part.value, part.lineno


def _deciding(node: ast.AST) -> Iterator[ast.expr | None]:
    match node:
        case ast.Compare(left, _, others):
            yield from _members(left, *others)
        case ast.Dict(keys):
            yield from keys
        case ast.Subscript(_, key) | ast.MatchValue(key):
            yield key
        case ast.Tuple(parts) | ast.List(parts) | ast.Set(parts):
            if all(isinstance(part, ast.Constant) and part.value in _ALL for part in parts):
                yield from parts
        case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, value) | ast.keyword(name, value):
            if value is not None and "status" in (name or "").lower():
                yield from _members(value)
        case _:
            pass


def _members(*expressions: ast.expr) -> Iterator[ast.expr]:
    for expression in expressions:
        yield from (part for part in ast.walk(expression) if isinstance(part, ast.Constant))


HOMES = (
    Home(
        "XML-RPC",
        imports_of("xmlrpc", "hqserver.wire.codec", "hqserver.wire.grammar"),
        (
            "hqserver/web.py",
            "hqserver/wire",
            "hqagent/link.py",
            "hqagent/door.py",
            "hqgui/link.py",
            "hqgui/local_agent.py",
        ),
        "from xmlrpc.client import ServerProxy",
    ),
    Home(
        "SQL",
        imports_of("sqlalchemy", "alembic", "psycopg", "sqlite3"),
        ("hqserver/store",),
        "import sqlalchemy as sa",
    ),
    Home(
        "starting processes",
        _spawns,
        ("hqagent/processes", "hqserver/fencing.py", "hqgui/opening.py"),
        "import os\nos.posix_spawn('/bin/true', [], {})",
    ),
    Home(
        "widgets",
        imports_of("PySide6.QtWidgets"),
        ("hqgui/views", "hqgui/gallery", "hqgui/__main__.py", "hqgui/theme.py", "hqgui/tray/__main__.py"),
        "from PySide6.QtWidgets import QLabel",
    ),
    Home("qasync", imports_of("qasync"), ("hqgui/tasks.py",), "import qasync"),
    Home(
        "the clock",
        _clocks,
        (),
        "from datetime import datetime\ndatetime.now()",
        within=("hqserver/core", "hqserver/wire", "hqgui/models", "hqgui/actions"),
    ),
    Home("statuses", _statuses, ("hqserver/wire/statuses.py", "hqgui/views"), "if status == 'runnable': pass"),
    Home("statuses in views", _decided_by_status, (), "if status == 'runnable': pass", within=("hqgui/views",)),
)

OTHER_MEANINGS: dict[str, tuple[frozenset[str], str]] = {
    "hqgui/actions/rules.py": (frozenset({"paused"}), "why an action does nothing: a sentence's key"),
    "hqgui/made_up.py": (_ALL, "rows written as a server would send them"),
    "hqgui/made_up_trees.py": (_ALL, "the same: what those rows are made of"),
    "hqgui/models/job_columns.py": (frozenset({"queued"}), "a column's key"),
    "hqgui/models/job_filter.py": (frozenset({"failed"}), "a chip"),
    "hqgui/models/tray/news.py": (frozenset({"failed"}), "a kind of news"),
    "hqgui/settings.py": (frozenset({"failed"}), "a kind of news"),
    "hqgui/models/roles.py": (frozenset({"failed"}), "a tone"),
    "hqgui/models/status_words.py": (frozenset({"cancelled"}), "why a job is being ended"),
    "hqgui/style_sheet.py": (_ALL, "names of colours"),
    "hqgui/theme.py": (_ALL, "names of colours"),
    "hqgui/tokens.py": (_ALL, "names of colours and of drawings"),
    "hqgui/views/parts/glyphs.py": (_ALL, "names of drawings"),
    "hqserver/store/migrations/versions/0001_first_tables.py": (frozenset({"paused"}), "a column's name"),
    "hqserver/store/tables.py": (frozenset({"paused"}), "a column's name"),
    "hqserver/wire/reasons.py": (frozenset({"paused"}), "a reason code"),
    "hqserver/wire/agent.py": (frozenset({"paused", "cancelled"}), "a kind of message and why an attempt ended"),
}
"""File -> status words that stand for something else there, and for what."""


def _strays(home: Home) -> list[str]:
    return [
        f"{source.path}:{line} {name}"
        for source in sources_in(*home.within)
        if not source.is_in(home.homes)
        for name, line in home.uses(source.tree)
        if not _means_something_else(home, source, name)
    ]


def _means_something_else(home: Home, source: Source, name: str) -> bool:
    return home.uses in (_statuses, _decided_by_status) and name in OTHER_MEANINGS.get(source.path, ((), ""))[0]


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.what)
def test_it_stands_in_its_home_alone(home: Home) -> None:
    assert _strays(home) == []


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.what)
def test_the_rule_finds_what_it_forbids(home: Home) -> None:
    assert list(home.uses(ast.parse(home.example)))
    assert sources_in(*home.within)


@pytest.mark.parametrize("home", [home for home in HOMES if home.homes], ids=lambda home: home.what)
def test_somebody_lives_there(home: Home) -> None:
    inhabited = [source for source in sources_in(*home.homes) if list(home.uses(source.tree))]
    assert inhabited or not sources_in(*home.homes)


@pytest.mark.parametrize(
    "text",
    [
        "if row.status == 'failed': pass",
        "bad = row.status in ('failed', 'cancelled')",
        "bad = row.status not in BAD | {'failed'}",
        "RARE = ('cancelled', 'abandoned')",
        "WORDS = {'failed': 'did not work'}",
        "count = counts['failed']",
        "match status:\n case 'failed' | 'cancelled': pass",
        "status = 'failed' if code else 'succeeded'",
        "jobs(status='failed')",
    ],
)
def test_a_view_may_not_decide_by_a_spelled_status(text: str) -> None:
    assert list(_decided_by_status(ast.parse(text)))


@pytest.mark.parametrize(
    "text", ["look().color('failed')", "glyph = 'failed' if bad else ''", "TINTS = {ERROR: ('failTint', 'failed')}"]
)
def test_a_view_may_name_colours_and_drawings(text: str) -> None:
    assert not list(_decided_by_status(ast.parse(text)))


def test_no_exception_outlives_its_reason() -> None:
    used = {source.path: {name for name, _ in _statuses(source.tree)} for source in sources_in(*OTHER_MEANINGS)}
    assert [path for path, (words, _) in OTHER_MEANINGS.items() if not words & used.get(path, set())] == []


def test_a_job_changes_its_status_in_one_function() -> None:
    functions = {
        f"{source.path}:{function.name}"
        for source in sources_in("hqserver/core")
        for function in ast.walk(source.tree)
        if isinstance(function, ast.FunctionDef)
        for name in _assigned(function)
        if name == "status"
    }
    first_status = {"hqserver/core/submitting.py:_new_job"}  # of a job that nobody knows yet
    assert functions - first_status == {"hqserver/core/lives.py:_turn"}


def _assigned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target.attr for target in targets if isinstance(target, ast.Attribute))
