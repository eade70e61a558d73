"""What HQueue's web pages offer, where each thing is in Wrangler, and the tables of the documentation made from both.

Write the guide's with `python -m tests.compat.web_pages docs/guide/where-it-is.md`; that of `docs/compatibility.md` comes
with `python -m tests.compat.page docs/compatibility.md`.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any, Final

_TABLES: Final[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "web_pages.toml").read_text(encoding="utf-8"))
PLACES: Final[dict[str, list[str]]] = {
    f"{page}.{name}": row for page, rows in _TABLES.pop("place").items() for name, row in rows.items()
}
"""Anchor -> where it is, and what of the window that needs."""
OFFERS: Final[dict[str, str]] = {
    f"{page}.{name}": words for page, rows in _TABLES.items() for name, words in rows.items()
}
ABSENT: Final = "not there: "
"""How a place begins that says why there is none."""

_HEAD: Final = """\
# Where HQueue's web pages are

What the web pages of HQueue offer, and where Wrangler has it. *Menu* is the context menu of the thing, which the menu button and the
search field (**Ctrl K**) have too. Made by `python -m tests.compat.web_pages docs/guide/where-it-is.md`; a test fails when a
thing has no place, or its place is not in the window.
"""


def table(links_from: str = "") -> list[str]:
    """The lines of the table. `links_from`: the folder of the guide, as seen from the page."""
    lines = ["| HQueue's page | What it offers | In Wrangler |", "|---|---|---|"]
    for anchor, words in OFFERS.items():
        page = anchor.partition(".")[0].capitalize()
        lines.append(f"| {page} | {words} | {PLACES[anchor][0].replace('](', f']({links_from}')} |")
    return lines


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join([_HEAD, *table(), ""]), encoding="utf-8")
