"""Writes docs/guide/keys.md: `python -m hqgui.gallery.keys_page FILE`. What it says is asked of a whole window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from hqgui.gallery.stage import Stage, prepare
from hqgui.models.keymap import Binding
from hqgui.preferring import Preferring

_HEAD: Final = """\
# Keys of Wrangler

Made by `python -m hqgui.gallery.keys_page docs/guide/keys.md`. Menu > Keys… (Ctrl+F1) changes any of them. Single
letters, and keys that are marked with a table, work while that table has the keyboard.
"""
_MORE: Final = """
## Everywhere

| Keys | What |
|---|---|
| Ctrl + + / Ctrl + − / Ctrl + 0 | larger, smaller, as designed |
| Alt | show the menu bar |
| Tab, Shift+Tab | next, previous control |
| Esc | close, empty a field, give the keyboard back to the table |

## Tables

| Keys | What |
|---|---|
| Up, Down, Home, End, Page Up, Page Down | move |
| Left, Right | fold, unfold; `*` unfolds all below |
| Enter | unfold a job, open the output of a frame |
| Shift or Ctrl with these | select more |
| Menu, Shift+F10 | the menu of what is selected |

## The filter

| Keys | What |
|---|---|
| Down, Up | choose an offer |
| Tab | take the first offer, or the one that is chosen |
| Enter | back to the table |
"""


def page() -> str:
    """The page, from a window with all its parts."""
    stage = Stage()
    part = stage.window.findChild(Preferring)
    assert isinstance(part, Preferring)
    bindings = list(part.keys.keymap.bindings.values())
    stage.close()
    parts = [_HEAD]
    for group, members in groupby(sorted(bindings, key=lambda one: one.group), key=lambda one: one.group):
        rows = [one for one in members if one.keys]
        if rows:
            parts.append(f"\n## {group}\n\n| Keys | What | Where |\n|---|---|---|\n{''.join(map(_row, rows))}")
    return "".join([*parts, _MORE])


def _row(one: Binding) -> str:
    where = f"in the table of {one.table}" if one.table else "anywhere"
    return f"| {one.keys} | {one.words.replace('|', '/')} | {where} |\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; answers the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1:
        sys.stderr.write("usage: python -m hqgui.gallery.keys_page FILE\n")
        return 2
    prepare()
    Path(given[0]).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
