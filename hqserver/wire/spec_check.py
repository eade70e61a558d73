"""Checks a whole job specification and names every mistake in it, or makes frozen `JobSpec`s of it.

`check` is a generator: it pauses every few hundred jobs, so whoever drives it can serve others while a submission of
100,000 jobs is looked at. It walks nested specifications with a stack of its own; depth costs no stack of Python's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from hqserver.wire.faults import ApiFault, BadValue, Code, cut, fault_text, shown
from hqserver.wire.jobs import DEEPEST_NESTING, KEYS, MOST_JOBS_A_CALL, JobSpec
from hqserver.wire.json_text import BadJson, read_json
from hqserver.wire.spec_keys import LONGEST_LABEL, ROWS, complete, kept, refuse_unless_nothing
from hqserver.wire.stubs import Stubs
from hqserver.wire.values import text

JOBS_A_TURN: Final = 200
MOST_MISTAKES_TOLD: Final = 20
LONGEST_REPORT: Final = 4000
MOST_WARNINGS: Final = 20
_DEEPEST_JSON: Final = 2 * DEEPEST_NESTING + 64
_MOST_JSON_VALUES: Final = 4_000_000
_CHILDREN: Final = "children"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a call of `newjob` asks for, in order; `warnings` holds a tuple for each of `specs`."""

    specs: tuple[JobSpec, ...]
    warnings: tuple[tuple[str, ...], ...]
    jobs: int


Turns = Generator[None, None, Checked]


Exists = Callable[[int], bool]
"""Whether there is a job of this id."""


def check(jobspec: object, method: str = "newjob", argument: str = "jobspec", exists: Exists = lambda _: True) -> Turns:
    """Check a struct, a list of structs, or JSON text of either. Raises ApiFault that names every mistake."""
    walk = yield from _walked(jobspec, method, argument, exists)
    walk.report(method)
    return walk.checked()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a specification: the first mistakes with their paths, or what it asks for."""

    jobs: int
    mistakes: tuple[tuple[str, str], ...]
    mistake_count: int
    checked: Checked | None


def judge(
    jobspec: object, method: str = "newjob", argument: str = "jobspec", exists: Exists = lambda _: True
) -> Generator[None, None, Verdict]:
    """Check as `check` does, and answer the mistakes instead of raising them."""
    try:
        walk = yield from _walked(jobspec, method, argument, exists)
    except ApiFault as fault:
        said = fault.text.removeprefix(f"{method}: ")
        path, _, problem = said.partition(": ")
        if " " in path or not problem:
            path, problem = argument, said.removeprefix(f"{argument} ")
        mistake = path, problem
        return Verdict(0, (mistake,), 1, None)
    return Verdict(walk.jobs, walk.mistakes(), walk.mistake_count, None if walk.mistake_count else walk.checked())


def _walked(jobspec: object, method: str, argument: str, exists: Exists) -> Generator[None, None, _Walk]:
    if isinstance(jobspec, str):
        jobspec = yield from _read(jobspec, method, argument)
    if not isinstance(jobspec, dict | list):
        problem = f"must be a struct, a list of structs, or either as JSON, got {shown(jobspec)}"
        raise ApiFault(Code.BAD_PARAMETERS, fault_text(method, argument, problem))
    walk = _Walk(argument, is_list=isinstance(jobspec, list))
    yield from walk.run(jobspec if isinstance(jobspec, list) else [jobspec])
    yield from walk.tie(exists)
    return walk


def _read(json: str, method: str, argument: str) -> Generator[None, None, object]:
    try:
        return (yield from read_json(json, _DEEPEST_JSON, _MOST_JSON_VALUES))
    except BadJson as problem:
        separator = " " if str(problem).startswith("is ") else ": "
        raise ApiFault(Code.BAD_PARAMETERS, fault_text(method, "", f"{argument}{separator}{problem}")) from None


@dataclass(slots=True)
class _Open:
    """A specification whose children are being walked."""

    fields: dict[str, Any]
    rest: Iterator[object]
    number: int = 0
    """Of the job, counted from 1 in the order in which they stand; 0 above all."""
    index: int = -1
    """Of the child that is being looked at."""
    children: list[JobSpec] = field(default_factory=list)


class _Walk:
    """One pass over a submission: what was built, and what was noticed."""

    def __init__(self, argument: str, *, is_list: bool) -> None:
        self.top = _Open({}, iter(()))
        self.warnings: list[tuple[str, ...]] = []
        self.jobs = 0
        self._argument = argument
        self._is_list = is_list
        self._stack = [self.top]
        self._mistakes: list[tuple[str, str]] = []
        self.mistake_count = 0
        self._codes: set[int] = set()
        self._unknown: dict[str, tuple[str, int]] = {}
        self._stubs = Stubs()
        self._referred: list[tuple[str, int]] = []
        self._is_keyed = False

    def run(self, specs: list[object]) -> Generator[None, None, None]:
        """Look at each specification; children before the job that holds them is made."""
        self.top.rest = iter(specs)
        stack = self._stack
        turn = JOBS_A_TURN
        while stack:
            holder = stack[-1]
            for spec in holder.rest:
                holder.index += 1
                turn -= 1
                if not turn:
                    turn = JOBS_A_TURN
                    yield
                if self._enter(spec):
                    break
                if holder is self.top:
                    self._end_warnings()
            else:
                self._close()

    def _enter(self, spec: object) -> bool:
        """Read one specification; whether its children come next."""
        self.jobs += 1
        if self.jobs > MOST_JOBS_A_CALL:
            problem = f"has more than {MOST_JOBS_A_CALL} jobs. Submit it in several calls."
            raise ApiFault(Code.TOO_LARGE, f"newjob: {self._argument}: {problem}")
        if not isinstance(spec, dict):
            self._mistake(BadValue("", f"must be a struct, got {shown(spec)}"))
            return False
        number = self._stubs.add(self._stack[-1].number)
        fields = self._fields(spec)
        if "stub_id" in fields or "child_stub_ids" in fields:
            self._label(number, fields)
        if "children_ids" in fields or "parent_ids" in fields:
            self._refer(fields)
        self._is_keyed = self._is_keyed or "submission_key" in fields
        children = self._children(spec.get(_CHILDREN))
        if children:
            self._stack.append(_Open(fields, iter(children), number))
            return True
        self._build(fields)
        return False

    def _fields(self, spec: dict[str, object]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for key, value in spec.items():
            if value is None or key == _CHILDREN:
                continue
            row = ROWS.get(key)
            try:
                if row is not None:
                    fields[row.field] = row.read(value, key)
                elif key in KEYS:
                    refuse_unless_nothing(key, value)
                else:
                    self._keep(fields, key, value)
            except BadValue as problem:
                self._mistake(problem)
        if spec.get("name") is None:
            self._mistake(BadValue("name", "is missing. Every job needs a name."))
        try:
            complete(fields)
        except BadValue as problem:
            self._mistake(problem)
        return fields

    def _label(self, number: int, fields: dict[str, Any]) -> None:
        try:
            self._stubs.label(number, self._place(), fields.get("stub_id", ""), fields.get("child_stub_ids", ()))
        except BadValue as problem:
            self._mistake(problem)

    def _refer(self, fields: dict[str, Any]) -> None:
        place = self._place()
        for field_, key in (("children_ids", "childrenIds"), ("parent_ids", "parentIds")):
            self._referred += [(f"{place}.{key}", id_) for id_ in fields.get(field_, ())]

    def tie(self, exists: Exists) -> Generator[None, None, None]:
        """Look whether ids and labels lead somewhere, and labels nowhere in a circle. Raises ApiFault 422 for one.

        With a key the call may have been answered before, when its jobs were still there.
        """
        for path, id_ in () if self._is_keyed else self._referred:
            if not exists(id_):
                self._mistake_at(path, f"no job {id_}", Code.UNKNOWN)
        for place, problem in self._stubs.loose():
            self._mistake_at(f"{place}.childStubIds", problem)
        circle = None if self.mistake_count else (yield from self._stubs.circle())
        if circle is not None:
            problem = "leads to a job that would wait for itself"
            raise ApiFault(Code.IMPOSSIBLE, fault_text("newjob", f"{circle}.childStubIds", problem))
        if self._stubs.used and len(self.top.children) > 1 and any(spec.submission_key for spec in self.top.children):
            problem = "cannot be used beside childStubIds in a list. Nest the children instead."
            self._mistake_at(f"{self._argument}.submissionKey", problem)

    def _children(self, value: object) -> list[object]:
        if value is None or value == "":
            return []
        if not isinstance(value, list):
            self._mistake(BadValue(_CHILDREN, f"must be a list of structs, got {shown(value)}"))
            return []
        if value and len(self._stack) >= DEEPEST_NESTING:
            self._mistake(BadValue(_CHILDREN, f"are nested deeper than {DEEPEST_NESTING} levels", Code.TOO_LARGE))
            return []
        return value

    def _close(self) -> None:
        """The children of the innermost open job are done."""
        done = self._stack.pop()
        if done is self.top:
            return
        done.fields["children"] = tuple(done.children)
        self._build(done.fields)
        if self._stack[-1] is self.top:
            self._end_warnings()

    def _build(self, fields: dict[str, Any]) -> None:
        """With a mistake anywhere nothing is used, so nothing is built."""
        if not self.mistake_count:
            self._stack[-1].children.append(JobSpec(**fields))

    def _keep(self, fields: dict[str, Any], key: str, value: object) -> None:
        name = text(key, key[:60], LONGEST_LABEL)
        fields.setdefault("extra", {})[name] = kept(value, key)
        place, count = self._unknown.get(key, ("", 0))
        self._unknown[key] = (place or self._place(), count + 1)

    def _end_warnings(self) -> None:
        """Sum up what was noticed about a whole top specification."""
        told = [
            f"{place}.{key[:60]} is not a known key: it is kept but nothing acts on it"
            + (f" (nor in {count - 1} more jobs)" if count > 1 else "")
            for key, (place, count) in list(self._unknown.items())[:MOST_WARNINGS]
        ]
        if len(self._unknown) > MOST_WARNINGS:
            told.append(f"and {len(self._unknown) - MOST_WARNINGS} more unknown keys")
        self.warnings.append(tuple(told))
        self._unknown.clear()

    def _place(self) -> str:
        """The path to the specification that is being read."""
        first = f"[{self.top.index}]" if self._is_list else ""
        return f"{self._argument}{first}" + "".join(f".children[{holder.index}]" for holder in self._stack[1:])

    def _mistake(self, problem: BadValue) -> None:
        told = len(self._mistakes) < MOST_MISTAKES_TOLD
        place = self._place() if told else ""
        self._mistake_at(f"{place}.{problem.path}" if problem.path else place, problem.problem, problem.code)

    def _mistake_at(self, path: str, problem: str, code: int = Code.BAD_PARAMETERS) -> None:
        self.mistake_count += 1
        self._codes.add(code)
        if len(self._mistakes) < MOST_MISTAKES_TOLD:
            self._mistakes.append((path, problem))

    def checked(self) -> Checked:
        """What was built."""
        return Checked(tuple(self.top.children), tuple(self.warnings), self.jobs)

    def mistakes(self) -> tuple[tuple[str, str], ...]:
        """The first of them: path and problem."""
        return tuple(self._mistakes)

    def report(self, method: str) -> None:
        """Raise the fault that names the mistakes, if there are any."""
        if not self.mistake_count:
            return
        code = next(iter(self._codes)) if len(self._codes) == 1 else Code.BAD_PARAMETERS
        if self.mistake_count == 1:
            raise ApiFault(code, fault_text(method, *self._mistakes[0]))
        told: list[str] = []
        for path, problem in self._mistakes:
            if sum(map(len, told)) < LONGEST_REPORT:
                told.append(cut(f"{path}: {problem}", 300))
        more = self.mistake_count - len(told)
        whole = f"{method}: {self.mistake_count} mistakes. {'; '.join(told)}"
        raise ApiFault(code, whole + (f"; and {more} more." if more else "."))
