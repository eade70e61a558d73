"""Lays the film's layers over each other and encodes them with ffmpeg; this is what the film's parent job runs.

The haze is a flat colour whose opacity is the depth layer. The film is written beside its place and renamed when every
frame is in it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg

from resources.examples.film import scene
from resources.examples.film.render_frame import size

HAZE: Final = "0xE9EDF0"
FILM: Final = "film.mp4"
_LAYERS_TO_FILM: Final = (
    "[0]hqdn3d=2.5:2:0:0[beauty];[1]format=gray[depth];[2][depth]alphamerge[haze];"
    "[beauty][haze]overlay=shortest=1,vignette=PI/9,format=yuv420p"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Encode what the command line names; 1 when frames are missing in the film."""
    parser = argparse.ArgumentParser(description="Makes the example film of its rendered layers.")
    parser.add_argument("--frames", type=int, default=scene.FRAMES, help="frames of the film (%(default)s)")
    parser.add_argument("--size", type=size, default=scene.SIZE, metavar="WxH", help="in pixels (320x180)")
    parser.add_argument("--folder", type=Path, default=os.environ.get("FILM_FOLDER"), help="($FILM_FOLDER)")
    options = parser.parse_args(arguments)
    if options.folder is None:
        parser.error("--folder is missing, and so is FILM_FOLDER in the environment")
    return encode(Path(options.folder), options.frames, options.size)


def encode(folder: Path, frames: int, pixels: tuple[int, int]) -> int:
    """Make `film.mp4` in the folder; its exit code."""
    film, part = folder / FILM, folder / f".film.{os.getpid()}.mp4"
    try:
        code = _run_ffmpeg(folder, frames, pixels, part)
        found = count_frames(part) if code == 0 else 0
        if found != frames:
            print(f"ffmpeg ended with {code}; {found} of {frames} frames are in the film", flush=True)
            return 1
        part.replace(film)
    finally:
        part.unlink(missing_ok=True)
    print(f"{film}: {frames} frames, {frames / scene.FRAMES_A_SECOND:.1f} s", flush=True)
    return 0


def count_frames(film: Path) -> int:
    """The number of pictures in a film."""
    return int(imageio_ffmpeg.count_frames_and_secs(str(film))[0])


def _run_ffmpeg(folder: Path, frames: int, pixels: tuple[int, int], part: Path) -> int:
    rate = str(scene.FRAMES_A_SECOND)
    sequence = ["-framerate", rate, "-start_number", "1", "-i"]
    haze = f"color=c={HAZE}:s={pixels[0]}x{pixels[1]}:r={rate}"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "warning", "-nostdin", "-nostats", "-y",
        *sequence, str(folder / "beauty" / "%04d.png"),
        *sequence, str(folder / "depth" / "%04d.png"),
        "-f", "lavfi", "-i", haze,
        "-filter_complex", _LAYERS_TO_FILM, "-frames:v", str(frames),
        "-c:v", "libx264", "-crf", "16", "-preset", "slow", "-movflags", "+faststart", "-progress", "pipe:1", str(part),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ffmpeg:
        assert ffmpeg.stdout is not None
        for line in ffmpeg.stdout:
            name, _, value = line.strip().partition("=")
            if name == "frame" and value.strip().isdigit():
                print(f"ALF_PROGRESS {min(100 * int(value) // frames, 100)}%", flush=True)
    return ffmpeg.returncode


if __name__ == "__main__":
    raise SystemExit(main())
