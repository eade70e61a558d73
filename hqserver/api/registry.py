"""Methods as declarations: a function's signature is its schema, and what cannot be served stops the server.

A method is a typed function in a `Section`. Each parameter after the call itself is annotated with a kind of
`hqserver.api.kinds`, which says how the argument is read and how the reference words it; a default makes it optional.
Dispatch is a look-up in the dict that `table` makes: no name of a caller's is ever walked or evaluated.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from hqserver.wire.faults import ApiFault, BadValue, Code
from hqserver.wire.roles import Role
from hqserver.wire.values import Reader

F = TypeVar("F", bound=Callable[..., Any])


class BadDeclaration(TypeError):
    """A method is not fully declared. The server does not start."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of argument: how the reference words it, its XML-RPC type, how it is read."""

    words: str
    wire_type: str
    read: Reader
    takes_nil: bool = False
    """Nil is a value to look at, not the absence of one."""


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = _Required()


@dataclass(frozen=True, slots=True)
class Argument:
    """A declared argument."""

    name: str
    kind: Kind
    default: object = REQUIRED

    def bind(self, value: object) -> object:
        """What the method gets for this value; nil means not given. Raises BadValue."""
        if value is None and not self.kind.takes_nil:
            if self.default is REQUIRED:
                raise BadValue(self.name, "must be given, got nil")
            return self.default
        return self.kind.read(value, self.name)


@dataclass(frozen=True, slots=True)
class Method:
    """A declared method."""

    name: str
    role: Role
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    answer: str
    """How the reference words what it answers."""
    wire_answer: str
    """XML-RPC type of the answer."""
    text: str
    example: str
    is_ours: bool
    """Not on HQueue's page."""
    waits: bool
    """May take long on purpose: it ends when its caller hangs up."""
    is_async: bool
    least: int
    """Number of arguments that must be given."""

    def bind(self, values: Sequence[object]) -> list[object]:
        """The arguments for the function. Raises ApiFault."""
        arguments = self.arguments
        if not self.least <= len(values) <= len(arguments):
            raise ApiFault(Code.BAD_PARAMETERS, self._count_problem(len(values)))
        try:
            bound = [argument.bind(value) for argument, value in zip(arguments, values, strict=False)]
        except BadValue as problem:
            raise problem.as_fault(self.name) from None
        bound += [argument.default for argument in arguments[len(values) :]]
        return bound

    def under(self, older: str) -> Method:
        """The same method under an older name."""
        text = f"An older name of `{self.name}`."
        return replace(self, name=older, text=text, example=self.example.replace(f"hq.{self.name}(", f"hq.{older}("))

    def _count_problem(self, given: int) -> str:
        most = len(self.arguments)
        wanted = str(most) if self.least == most else f"{self.least} to {most}"
        noun = "argument" if wanted == "1" else "arguments"
        missing = f": {self.arguments[given].name} is missing" if given < self.least else ""
        return f"{self.name} takes {wanted} {noun}, got {given}{missing}"


@dataclass(slots=True)
class Section:
    """A section of the reference and its methods."""

    title: str
    text: str = ""
    methods: list[Method] = field(default_factory=list)

    def known(self, name: str) -> Method:
        """The method of this name."""
        return next(method for method in self.methods if method.name == name)

    def method(
        self,
        name: str,
        role: Role,
        *,
        answer: str,
        example: str,
        ours: bool = False,
        waits: bool = False,
    ) -> Callable[[F], F]:
        """Declare the function below as a method. Raises BadDeclaration."""

        def declare(function: F) -> F:
            self.methods.append(declared(name, role, function, answer, example, ours=ours, waits=waits))
            return function

        return declare


_WIRE_TYPES: Final[dict[str, str]] = {
    "nil": "nil",
    "int": "int",
    "bool": "boolean",
    "str": "string",
    "float": "double",
    "dict": "struct",
    "list": "array",
    "date": "dateTime.iso8601",
}


def declared(
    name: str, role: Role, function: Callable[..., Any], answer: str, example: str, *, ours: bool, waits: bool
) -> Method:
    """The method that a function declares. Raises BadDeclaration for whatever is missing."""
    text = inspect.getdoc(function)
    if not text:
        raise BadDeclaration(f"{name} says nothing about itself")
    if not isinstance(role, Role):
        raise BadDeclaration(f"{name} has no role")
    wire_answer = _WIRE_TYPES.get(answer.split(maxsplit=1)[0])
    if wire_answer is None:
        raise BadDeclaration(f"{name} answers {answer!r}, which is no type")
    if not example.startswith("hq."):
        raise BadDeclaration(f"{name} has no example")
    arguments = _arguments(name, function)
    return Method(
        name=name,
        role=role,
        function=function,
        arguments=arguments,
        answer=answer,
        wire_answer=wire_answer,
        text=text,
        example=example,
        is_ours=ours,
        waits=waits,
        is_async=inspect.iscoroutinefunction(function),
        least=sum(argument.default is REQUIRED for argument in arguments),
    )


def _arguments(name: str, function: Callable[..., Any]) -> tuple[Argument, ...]:
    hints = typing.get_type_hints(function, include_extras=True)
    _, *parameters = inspect.signature(function).parameters.values()
    arguments: list[Argument] = []
    for parameter in parameters:
        kind = _kind(hints.get(parameter.name))
        if kind is None or parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise BadDeclaration(f"{name} does not say what its argument {parameter.name} is")
        default = REQUIRED if parameter.default is inspect.Parameter.empty else parameter.default
        if default is REQUIRED and arguments and arguments[-1].default is not REQUIRED:
            raise BadDeclaration(f"{name} needs {parameter.name} after an argument that may be left out")
        arguments.append(Argument(parameter.name, kind, default))
    return tuple(arguments)


def _kind(hint: object) -> Kind | None:
    """The kind in an annotation, also beside None."""
    for item in getattr(hint, "__metadata__", ()):
        if isinstance(item, Kind):
            return item
    found = (_kind(part) for part in typing.get_args(hint))
    return next((kind for kind in found if kind is not None), None)


def table(sections: Iterable[Section]) -> dict[str, Method]:
    """All methods by name. Raises BadDeclaration for a name that stands twice."""
    methods: dict[str, Method] = {}
    for section in sections:
        for method in section.methods:
            if method.name in methods:
                raise BadDeclaration(f"{method.name} is declared twice")
            methods[method.name] = method
    return methods
