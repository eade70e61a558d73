"""What the README and the folder of examples show is run as it stands there, on a real farm."""

from __future__ import annotations

import contextlib
import io
import re
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resources.examples import diamond
from tests.farm.harness import RealFarm, real_farm
from tests.packaging.installed import ROOT

EXAMPLES = sorted((ROOT / "resources" / "examples").glob("*.json"))


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as running:
        yield running


def test_the_readme_shows_a_script_of_a_few_lines_that_works(farm: RealFarm) -> None:
    text = (ROOT / "README.md").read_text()
    [script] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len([line for line in script.splitlines() if line and not line.startswith("import")]) == 5
    output = io.StringIO()
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(output):
        exec(script.replace("http://127.0.0.1:5000", farm.url), names)
    names["hq"]("close")()
    assert output.getvalue().startswith("hello from ")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_can_be_sent_as_it_is(farm: RealFarm, example: Path) -> None:
    [job] = farm.hq.newjob(example.read_text())
    farm.wait_for_status([job], "succeeded")


def test_the_diamond_counts_its_base_once(farm: RealFarm) -> None:
    with xmlrpc.client.ServerProxy(farm.url, allow_none=True) as hq:
        top = diamond.submit(hq)
    farm.wait_for_status([top], "succeeded")
    assert farm.job(top, "childCounts")["childCounts"] == {"succeeded": 3}


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    assert len(pages) > 5
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
