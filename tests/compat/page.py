"""The documented sentences, which tests show them, and `docs/compatibility.md` made from both.

Write it with `python -m tests.compat.page docs/compatibility.md`.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from tests.compat import web_pages

F = TypeVar("F", bound=Callable[..., object])

_FOLDER: Final = Path(__file__).parent
ROOT: Final = _FOLDER.parents[1]
_TABLES: Final[dict[str, dict[str, str]]] = tomllib.loads((_FOLDER / "page.toml").read_text(encoding="utf-8"))
DIFFERS: Final = _TABLES.pop("differs")
"""Anchor -> why we do something else."""
SENTENCES: Final = {f"{subject}.{name}": text for subject, rows in _TABLES.items() for name, text in rows.items()}

_HEAD: Final = """\
# Compatibility with HQueue's remote API

Each sentence of HQueue's "Remote API" page, in our own words, and the test that shows it here. Made by
`python -m tests.compat.page docs/compatibility.md`; a test fails when a sentence has no test or this page is stale.
What else is different, and why, is in [from HQueue](from-hqueue.md). Where each thing of the web pages is stands at the
[end](#what-the-web-pages-offer).
"""


def shows(*anchors: str) -> Callable[[F], F]:
    """Marks a test that shows these sentences. Raises KeyError for one that is not in `page.toml`."""
    for anchor in anchors:
        if anchor not in SENTENCES:
            raise KeyError(f"page.toml has no sentence {anchor}")
    return lambda test: test


def shown_by() -> dict[str, list[str]]:
    """Anchor -> the tests that are marked with it, as pytest takes them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "@shows(" in text:
            for anchor, test in _marks(ast.parse(text)):
                found[anchor].append(f"{path.relative_to(ROOT)}::{test}")
    return found


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "shows":
                    yield from ((ast.literal_eval(argument), node.name) for argument in mark.args)


def text() -> str:
    """The whole page."""
    tests = shown_by()
    lines = [_HEAD]
    for subject, rows in _TABLES.items():
        lines += [f"## {subject}\n", "| What the page says | Holds | Shown by |", "|---|---|---|"]
        for name, sentence in rows.items():
            anchor = f"{subject}.{name}"
            holds = f"differs: {DIFFERS[anchor]}" if anchor in DIFFERS else "yes"
            shown = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in tests.get(anchor, ()))
            lines.append(f"| {sentence} | {holds} | {shown} |")
        lines.append("")
    lines += ["## What the web pages offer\n", *web_pages.table("guide/"), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
