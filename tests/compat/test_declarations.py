"""Every method is declared in full, and a server with one that is not does not start."""

from __future__ import annotations

import inspect
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hqserver.api import kinds, methods, reference
from hqserver.api.context import Call
from hqserver.api.registry import BadDeclaration, Section, table
from hqserver.wire.roles import Role
from tests.compat.server import LocalServer

ROOT = Path(__file__).parents[2]


def good(call: Call, job_id: kinds.Id, last: kinds.Bound = 0) -> int:
    """Something."""
    return job_id + last


def says_nothing(call: Call) -> None:
    pass


def without_kind(call: Call, job_id: int) -> None:
    """The argument is a Python type, but who reads it?"""


def takes_anything(call: Call, *job_ids: kinds.Id) -> None:
    """As many as you like."""


def declare(
    function: Callable[..., Any] = good, role: Any = Role.VIEWER, answer: str = "int", example: str = "hq.x(1)"
) -> Section:
    section = Section("Test")
    section.method("x", role, answer=answer, example=example)(function)
    return section


def test_a_full_declaration() -> None:
    (method,) = declare().methods
    assert (method.least, [argument.name for argument in method.arguments]) == (1, ["job_id", "last"])
    assert method.bind(["7"]) == [7, 0]
    assert method.bind([7.0, None]) == [7, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"function": says_nothing},
        {"function": without_kind},
        {"function": takes_anything},
        {"role": None},
        {"role": "viewer"},
        {"answer": "something"},
        {"example": ""},
    ],
    ids=lambda wrong: " ".join(f"{name}={getattr(value, '__name__', value)}" for name, value in wrong.items()),
)
def test_a_declaration_that_lacks_something_stops_the_server(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadDeclaration, match="x "):
        declare(**wrong)


def test_a_name_stands_once() -> None:
    with pytest.raises(BadDeclaration, match="twice"):
        table([declare(), declare()])


def test_every_method_mirrors_its_wire_name() -> None:
    """`getJobs` is `get_jobs`: whoever reads a request finds the function."""
    generated = {"answer"}
    for method in methods.all_methods().values():
        if method.text.startswith("An older name of"):
            continue
        name = method.function.__name__
        assert name in generated or name.replace("_", "") == method.name.rpartition(".")[2].lower().replace("_", "")


def test_who_changes_something_needs_a_role() -> None:
    for method in methods.all_methods().values():
        changes = "call.change" in inspect.getsource(method.function) or "_act(" in inspect.getsource(method.function)
        if changes:
            assert method.role in (Role.SUBMITTER, Role.OPERATOR, Role.ADMIN), method.name


def test_nothing_private_is_reachable(server: LocalServer) -> None:
    assert all(not name.startswith("_") and "__" not in name for name in methods.all_methods())
    with pytest.raises(xmlrpc.client.Fault):
        server.hq.Context()


def test_the_examples_are_calls_that_bind() -> None:
    """The reference shows what really works."""
    table_ = methods.all_methods()

    class Recorder:
        """Stands for `hq`: keeps what is called."""

        def __init__(self, name: str = "") -> None:
            self._name = name

        def __getattr__(self, name: str) -> Recorder:
            return Recorder(f"{self._name}.{name}".lstrip("."))

        def __call__(self, *arguments: object) -> None:
            called.append(self._name)
            table_[self._name].bind(arguments)

    for method in table_.values():
        called: list[str] = []
        eval(method.example, {"hq": Recorder()})
        assert called == [method.name]


def test_the_reference_is_fresh() -> None:
    written = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    assert written == reference.text(), "run: python -m hqserver.api.reference docs/reference/api.md"
