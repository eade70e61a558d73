"""Writes the gallery: `python -m hqgui.gallery DIR [--only NAME]... [--theme dark] [--size 1280x800] [--zoom 150]`.

Runs offscreen unless QT_QPA_PLATFORM says otherwise. Set QT_SCALE_FACTOR for pictures of dense screens. Each picture is
`NAME-THEME.png`; --zoom, --size and --density other than the usual ones are added to the name.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize

from hqgui.gallery.kit import Set
from hqgui.gallery.scenes import SCENES, chosen
from hqgui.gallery.stage import SIZE, farm_time, picture, prepare
from hqgui.theme import look
from hqgui.tokens import MODES, ROW_HEIGHTS, ZOOMS


def _size(text: str) -> QSize:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 320 and int(height) >= 240):
        raise argparse.ArgumentTypeError(f"a size is written 1280x800 and at least 320x240, got {text!r}")
    return QSize(int(width), int(height))


def _zoom(text: str) -> float:
    known = {f"{zoom:.0%}".rstrip("%"): zoom for zoom in ZOOMS}
    if text.rstrip("%") not in known:
        raise argparse.ArgumentTypeError(f"zoom is one of {', '.join(known)}, got {text!r}")
    return known[text.rstrip("%")]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m hqgui.gallery", description="Pictures of every view in every state."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the pictures go; made if it is not there")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="this picture alone; may be repeated"
    )
    parser.add_argument("--theme", choices=sorted(MODES), help="one theme instead of both")
    parser.add_argument("--size", type=_size, default=SIZE, metavar="WxH", help="size of the main window")
    parser.add_argument("--zoom", type=_zoom, default=1.0, metavar="N", help="in percent: 85, 100, 115, 130 or 150")
    parser.add_argument("--density", choices=sorted(ROW_HEIGHTS), default="default", help="height of rows")
    parser.add_argument("--high-contrast", action="store_true", help="with strong lines")
    parser.add_argument("--list", action="store_true", help="say which pictures there are, and make none")
    return parser.parse_args(arguments)


def _suffix(options: argparse.Namespace) -> str:
    parts = []
    if options.size != SIZE:
        parts.append(f"-{options.size.width()}x{options.size.height()}")
    if options.zoom != 1.0:
        parts.append(f"-{options.zoom * 100:.0f}")
    if options.density != "default":
        parts.append(f"-{options.density}")
    if options.high_contrast:
        parts.append("-contrast")
    return "".join(parts)


@farm_time()
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pictures; answers the exit code."""
    options = _arguments(arguments)
    if options.list:
        sys.stdout.writelines(f"{scene.name:18} {scene.words}\n" for scene in SCENES)
        return 0
    try:
        scenes = list(chosen(options.only))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    application = prepare()
    options.folder.mkdir(parents=True, exist_ok=True)
    for theme in [options.theme] if options.theme else sorted(MODES):
        look().choose(theme=theme, zoom=options.zoom, density=options.density, high_contrast=options.high_contrast)
        for scene in scenes:
            at = Set(options.size)
            path = options.folder / f"{scene.name}-{theme}{_suffix(options)}.png"
            if not picture(scene.play(at)).save(str(path)):
                sys.stderr.write(f"cannot write {path}\n")
                return 1
            at.clear()
            sys.stdout.write(f"{path}\n")
    application.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main())
