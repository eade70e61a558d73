"""The project's own source, parsed: what contract tests look through."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("hqserver", "hqagent", "hqgui")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the root of the checkout, with slashes, and its syntax tree."""

    path: str
    tree: ast.Module

    def is_in(self, places: tuple[str, ...]) -> bool:
        """Whether it is one of these files, or lies in one of these folders."""
        return any(self.path == place or self.path.startswith(place + "/") for place in places)


@functools.cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the three packages."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), ast.parse(path.read_bytes(), str(path)))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    )


def sources_in(*places: str) -> tuple[Source, ...]:
    """Those in some folders or files."""
    return tuple(source for source in sources() if source.is_in(places))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Dotted names that are imported anywhere in a file, with their lines; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def dotted(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Attribute chains that start at a plain name, such as `os.path.join`, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (name := _chain(node)):
            yield name, node.lineno


def _chain(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _chain(node.value)):
        return f"{before}.{node.attr}"
    return ""


def literals(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Text literals that are not docstrings, with their lines."""
    for node in ast.walk(tree):
        body: list[ast.stmt] = getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []
        for statement in body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                statement.value.kind = "docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.kind != "docstring":
            yield node.value, node.lineno


def is_below(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of these modules or lies in one."""
    return any(name == package or name.startswith(package + ".") for package in packages)
