"""Makes the pictures of the guides anew: `python -m hqgui.gallery.guide docs/guide`.

The pages themselves say which: what they show as `pictures/SCENE-THEME.png` is the gallery's picture SCENE in that
theme. Pictures that no page names any more are removed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize

from hqgui.gallery.beside import SMALLEST, shown
from hqgui.gallery.scenes import SCENES
from hqgui.gallery.stage import farm_time, prepare
from hqgui.tokens import MODES

FOLDER: Final = "pictures"
_SIZE: Final = QSize(1280, 800)
"""Of the main window: on a page its words can still be read."""
_NAMED: Final = re.compile(rf"\]\({FOLDER}/([^)\s]+)\.png\)")


def named(pages: Path) -> list[tuple[str, str]]:
    """Scene and theme of each picture that the pages of a folder name. Raises ValueError for what the gallery lacks."""
    scenes = {scene.name for scene in SCENES}
    found: set[tuple[str, str]] = set()
    for page in sorted(pages.glob("*.md")):
        for name in _NAMED.findall(page.read_text(encoding="utf-8")):
            scene, _, theme = name.rpartition("-")
            if scene not in scenes or theme not in MODES:
                raise ValueError(f"{page.name}: {name}.png is not a picture of the gallery, with -dark or -light")
            found.add((scene, theme))
    return sorted(found)


@farm_time()
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pictures; answers the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1:
        sys.stderr.write("usage: python -m hqgui.gallery.guide PAGES\n")
        return 2
    pages = Path(given[0])
    try:
        wanted = named(pages)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    prepare()
    folder = pages / FOLDER
    folder.mkdir(exist_ok=True)
    files = {folder / f"{scene}-{theme}.png": (scene, theme) for scene, theme in wanted}
    for stale in set(folder.glob("*.png")) - files.keys():
        stale.unlink()
    for file, (scene, theme) in files.items():
        shown(scene, theme, _SIZE).save(str(file), quality=SMALLEST)
        sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
