"""Every link of the documentation leads to a file and a heading that are there; every picture is shown by a page."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(chain(ROOT.glob("*.md"), DOCS.rglob("*.md")))
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_CODE: Final = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_FENCED: Final = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_NAMED: Final = re.compile(r'<a (?:id|name)="([^"]+)">')


@cache
def _links(page: Path) -> tuple[tuple[Path, str], ...]:
    """File and anchor of each link to a place of ours."""
    found = _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
    inner = [link.partition("#") for link in found if "://" not in link and not link.startswith("mailto:")]
    return tuple(((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in inner)


@cache
def _anchors(page: Path) -> frozenset[str]:
    """What may stand after `#` in a link to a page: its headings as they are written there, and names that it gives."""
    text = page.read_text(encoding="utf-8")
    found: list[str] = []
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        same = sum(re.fullmatch(re.escape(slug) + r"(-\d+)?", other) is not None for other in found)
        found.append(f"{slug}-{same}" if slug in found else slug)
    return frozenset([*found, *_NAMED.findall(text)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = [str(path.relative_to(ROOT)) for path, _ in _links(page) if not path.exists()]
    broken += [
        f"{path.relative_to(ROOT)}#{anchor}"
        for path, anchor in _links(page)
        if anchor and path.suffix == ".md" and path.exists() and anchor not in _anchors(path)
    ]
    assert broken == []


def test_every_picture_is_shown() -> None:
    shown = {path for page in PAGES for path, _ in _links(page)}
    assert [str(path.relative_to(ROOT)) for path in sorted(DOCS.rglob("*.png")) if path not in shown] == []


def test_every_page_can_be_reached() -> None:
    """From the README, by links alone."""
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            ahead += [path for path, _ in _links(page) if path.suffix == ".md" and path.exists()]
    alone = sorted(str(page.relative_to(ROOT)) for page in set(PAGES) - reached)
    assert [page for page in alone if not page.startswith("docs/decisions/")] == []
