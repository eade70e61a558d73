"""Wrangler: the window on a farm. `hqgui [--server URL]`.

Only the command line stands here, so that `--help` answers at once and on a machine without Qt; what opens windows is
imported when one is opened.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Final

from hqgui import __version__

_DESCRIPTION: Final = """\
Opens Wrangler, the window on a render farm: its jobs, its clients, what they do and what they say.

Without --server it shows the farm that was shown last. At the first start it asks for one, and looks whether a server
runs on this machine. What the window remembers (farm, layout, columns, theme) is kept in the user's own settings.
"""
_EXAMPLES: Final = """\
examples:
  hqgui                                  the farm of the last time
  hqgui --server hq01                    the farm at http://hq01:5000
  hqgui --server http://render.example:8000
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 no window can be opened, 2 a wrong argument."""
    parser = _parser()
    options = parser.parse_args(arguments)
    why_not = _why_no_window()
    if why_not:
        sys.stderr.write(f"hqgui: {why_not}\n")
        return 1
    return _run(parser, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hqgui",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hqgui {__version__}")
    parser.add_argument("--server", metavar="URL", help="address of the farm's server: hq01 or http://hq01:5000")
    parser.add_argument("--verbose", action="store_true", help="write more to the log")
    return parser


def _why_no_window() -> str:
    if importlib.util.find_spec("PySide6") is None:
        return "Qt is not installed here. Install the package with its extra “gui”."
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform not in ("darwin", "win32") and not has_display:
        return "there is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set."
    return ""


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from PySide6.QtWidgets import QApplication

    from hqgui.crashes import keep_logs, log_folder
    from hqgui.link import LinkError, normal_url
    from hqgui.tasks import run, until_closed

    url = ""
    if options.server is not None:
        try:
            url = normal_url(options.server)
        except LinkError as error:
            parser.error(f"argument --server: {error.words}")
    app = QApplication([sys.argv[0]])
    app.setOrganizationName("hqfarm")
    app.setApplicationName("hqgui")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("org.hqfarm.wrangler")
    keep_logs(log_folder(), "wrangler", options.verbose)

    async def live() -> int:
        from hqgui.settings import Settings
        from hqgui.windows import Windows

        windows = Windows(Settings())
        windows.dress()
        windows.start(url)
        await until_closed(app)
        await windows.stop()
        return 0

    return run(app, live)


if __name__ == "__main__":
    sys.exit(main())
