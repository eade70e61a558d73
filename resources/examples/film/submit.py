"""Submits the film to a farm through HQueue's API, with nothing but `xmlrpc.client`.

The family of jobs: the film waits for its layers, a layer for its frames.

    Film                 composites the layers and encodes them
      Beauty             no command: it ends when its frames have ended
        Beauty 0001      renders one picture
        ...
      Depth
        Depth 0001
        ...
"""

from __future__ import annotations

import argparse
import sys
import xmlrpc.client
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resources.examples.film import scene
from resources.examples.film.encode import FILM
from resources.examples.film.render_frame import LAYERS, size


def film_job(
    folder: Path, frames: int = scene.FRAMES, pixels: tuple[int, int] = scene.SIZE, samples: int | None = None
) -> dict[str, Any]:
    """The specification of the film's job with all its children.

    Every client must see `folder` under the same path, and have the Python that runs this, with the extra `demo`.
    """
    film = f"--frames {frames} --size {pixels[0]}x{pixels[1]}"
    frame = film if samples is None else f"{film} --samples {samples}"
    environment = {"FILM_FOLDER": str(folder), "FILM_PYTHON": sys.executable}
    return {
        "name": "Film",
        "description": f"Seven spheres, {frames} frames at {pixels[0]}x{pixels[1]}",
        "command": f'"$FILM_PYTHON" -P -m resources.examples.film.encode {film}',
        "environment": environment,
        "output": str(folder / FILM),
        "children": [_layer(layer, frame, frames, folder, environment) for layer in LAYERS],
    }


def _layer(layer: str, arguments: str, frames: int, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    command = f'"$FILM_PYTHON" -P -m resources.examples.film.render_frame --layer {layer} {arguments}'
    return {
        "name": layer.capitalize(),
        "children": [
            {
                "name": f"{layer.capitalize()} {frame:04}",
                "command": f"{command} --frame {frame}",
                "environment": environment,
                "frame": frame,
                "output": str(folder / layer / f"{frame:04}.png"),
            }
            for frame in range(1, frames + 1)
        ],
    }


def submit(server: str, job: dict[str, Any]) -> int:
    """Send the job to the server at a URL; the id of the film's job."""
    ids = xmlrpc.client.ServerProxy(server).newjob(job)
    assert isinstance(ids, list)
    return int(str(ids[0]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Submit what the command line describes, and print the id of the film's job."""
    parser = argparse.ArgumentParser(description="Submits the example film to a farm.")
    parser.add_argument("--server", default="http://127.0.0.1:5000", metavar="URL", help="(%(default)s)")
    parser.add_argument(
        "--folder", type=Path, required=True, help="where pictures and film go, the same on every client"
    )
    parser.add_argument("--frames", type=int, default=scene.FRAMES, help="(%(default)s)")
    parser.add_argument("--size", type=size, default=scene.SIZE, metavar="WxH", help="in pixels (320x180)")
    parser.add_argument("--samples", type=int, help="for a pixel of every layer")
    options = parser.parse_args(arguments)
    job = film_job(options.folder.absolute(), options.frames, options.size, options.samples)
    print(submit(options.server, job))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
