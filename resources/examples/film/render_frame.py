"""Renders one layer of one frame with Mitsuba 3; this is what the film's frame jobs run.

The picture is written beside its place and renamed when it is whole, so a reader never finds half of one. It is made
in strips, and after each a line `ALF_PROGRESS n%` tells the farm how far it has come.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from resources.examples.film import scene

LAYERS: Final = {"beauty": 12, "depth": 4}
"""Name of each layer -> samples for a pixel."""
STRIPS: Final = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what the command line names."""
    options = _options(arguments)
    render(options.layer, options.frame, options.frames, options.size, options.samples, picture_path(options))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Renders one layer of one frame of the example film.")
    parser.add_argument("--layer", choices=sorted(LAYERS), required=True)
    parser.add_argument("--frame", type=int, required=True, help="counted from 1")
    parser.add_argument("--frames", type=int, default=scene.FRAMES, help="frames of the whole film (%(default)s)")
    parser.add_argument("--size", type=size, default=scene.SIZE, metavar="WxH", help="in pixels (320x180)")
    parser.add_argument("--samples", type=int, help="for a pixel (the layer's own)")
    parser.add_argument("--folder", type=Path, default=os.environ.get("FILM_FOLDER"), help="($FILM_FOLDER)")
    options = parser.parse_args(arguments)
    if options.folder is None:
        parser.error("--folder is missing, and so is FILM_FOLDER in the environment")
    options.folder = Path(options.folder)
    return options


def size(text: str) -> tuple[int, int]:
    """Width and height of a text like `320x180`; both even, as films want them."""
    width, _, height = text.partition("x")
    pixels = [int(side) for side in (width, height) if side.isdecimal() and side.isascii()]
    if len(pixels) != 2 or any(side < 2 or side % 2 for side in pixels):
        raise argparse.ArgumentTypeError(f"a size is two even numbers like 320x180, got {text!r}")
    return pixels[0], pixels[1]


def picture_path(options: argparse.Namespace) -> Path:
    """Where the layer's picture of the frame goes."""
    folder: Path = options.folder
    return folder.joinpath(options.layer, f"{options.frame:04}.png")


def render(layer: str, frame: int, frames: int, pixels: tuple[int, int], samples: int | None, path: Path) -> None:
    """Render a layer of a frame and put it at `path`."""
    shot = scene.shot_at(scene.phase_of(frame, frames))
    drjit, mitsuba = _renderer()
    world = mitsuba.load_dict(_world(mitsuba, shot, layer))
    whole = mitsuba.Bitmap(mitsuba.Bitmap.PixelFormat.RGB, mitsuba.Struct.Type.Float32, pixels)
    whole.clear()
    for top, height in strips(pixels[1]):
        sensor = mitsuba.load_dict(_camera(mitsuba, shot, pixels, samples or LAYERS[layer], top, height))
        light = mitsuba.render(world, sensor=sensor, seed=frame)
        if layer == "depth":
            light = _haze(drjit, mitsuba, light)
        strip = mitsuba.Bitmap(light)
        whole.accumulate(strip, [0, 0], [0, top], [pixels[0], height])
        print(f"ALF_PROGRESS {100 * (top + height) // pixels[1]}%", flush=True)
    _write(mitsuba, whole, path)


def _renderer() -> tuple[Any, Any]:
    """Dr.Jit and Mitsuba; imported late, for that takes a quarter of a second that a wrong argument need not wait."""
    import drjit
    import mitsuba

    mitsuba.set_variant("scalar_rgb")
    drjit.set_thread_count(1)  # the job asked the farm for one cpu
    return drjit, mitsuba


def strips(height: int) -> Iterator[tuple[int, int]]:
    """First row and height of each strip of a picture."""
    edges = [height * number // STRIPS for number in range(STRIPS + 1)]
    for top, bottom in itertools.pairwise(edges):
        if bottom > top:
            yield top, bottom - top


def _haze(drjit: Any, mitsuba: Any, metres: Any) -> Any:
    share = (metres - scene.HAZE_BEGINS) / (scene.HAZE_ENDS - scene.HAZE_BEGINS)
    share = drjit.clip(share, 0, 1)
    return mitsuba.TensorXf(share * share)  # thin at first, as haze is


def _write(mitsuba: Any, picture: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.png")
    mitsuba.util.write_bitmap(str(part), picture, write_async=False)
    part.replace(path)


def _world(mitsuba: Any, shot: scene.Shot, layer: str) -> dict[str, Any]:
    integrators = {"beauty": {"type": "direct", "emitter_samples": 4, "bsdf_samples": 2}, "depth": {"type": "depth"}}
    place = mitsuba.ScalarTransform4f
    world: dict[str, Any] = {
        "type": "scene",
        "integrator": integrators[layer],
        "sky": {"type": "constant", "radiance": _rgb(shot.sky)},
        "floor": {"type": "rectangle", "to_world": place().scale([200, 200, 1]), "bsdf": _matt(shot.floor)},
        "wall": {
            "type": "rectangle",
            "to_world": place().look_at(origin=[0, 60, 0], target=[0, 0, 0], up=[0, 0, 1])
            @ place().scale([200, 200, 1]),
            "bsdf": _matt(shot.floor),
        },
    }
    for number, ball in enumerate(shot.spheres):
        world[f"sphere{number}"] = {
            "type": "sphere",
            "center": list(ball.centre),
            "radius": ball.radius,
            "bsdf": {"type": "roughplastic", "alpha": 0.08, "diffuse_reflectance": _rgb(ball.paint)},
        }
    for number, card in enumerate(shot.lamps):
        stands = place().look_at(origin=list(card.centre), target=list(card.looks_at), up=[0, 0, 1])
        world[f"lamp{number}"] = {
            "type": "rectangle",
            "to_world": stands @ place().scale([card.half_width, card.half_width, 1]),
            "emitter": {"type": "area", "radiance": _rgb(card.radiance)},
        }
    return world


def _camera(
    mitsuba: Any, shot: scene.Shot, pixels: tuple[int, int], samples: int, top: int, height: int
) -> dict[str, Any]:
    stands = mitsuba.ScalarTransform4f().look_at(origin=list(shot.eye), target=list(shot.looks_at), up=[0, 0, 1])
    return {
        "type": "perspective",
        "fov": shot.view_degrees,
        "fov_axis": "x",
        "to_world": stands,
        "sampler": {"type": "multijitter", "sample_count": samples},
        "film": {
            "type": "hdrfilm",
            "width": pixels[0],
            "height": pixels[1],
            "crop_offset_x": 0,
            "crop_offset_y": top,
            "crop_width": pixels[0],
            "crop_height": height,
            "sample_border": True,
            "pixel_format": "rgb",
            "rfilter": {"type": "gaussian"},
        },
    }


def _rgb(colour: scene.Colour) -> dict[str, Any]:
    return {"type": "rgb", "value": list(colour)}


def _matt(colour: scene.Colour) -> dict[str, Any]:
    return {"type": "diffuse", "reflectance": _rgb(colour)}


if __name__ == "__main__":
    raise SystemExit(main())
