"""What the film shows, as plain numbers: seven spheres that pass a wave along, seen by a camera that sways.

Everything depends on the phase alone, a number from 0 to 1, and comes back to its beginning at 1: the film can be
played in a loop. Lengths are metres, z points up; colours are linear RGB.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

Vector = tuple[float, float, float]
Colour = tuple[float, float, float]

FRAMES: Final = 60
FRAMES_A_SECOND: Final = 24
SIZE: Final = (320, 180)

HAZE_BEGINS: Final = 10.5
HAZE_ENDS: Final = 24.0
"""Metres from the camera between which the studio disappears in haze."""

_PAINTS: Final = ("E4572E", "F08A4B", "F6B94D", "F4E5C2", "8FC9B0", "3E9A9C", "275F87")
_SPACING: Final = 0.98
_LIFT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Sphere:
    """One of the row."""

    centre: Vector
    radius: float
    paint: Colour


@dataclass(frozen=True, slots=True)
class Card:
    """A square lamp: a studio's softbox, or the white card that brightens the shadows."""

    centre: Vector
    looks_at: Vector
    half_width: float
    radiance: Colour


@dataclass(frozen=True, slots=True)
class Shot:
    """The studio at one moment."""

    eye: Vector
    looks_at: Vector
    view_degrees: float
    spheres: tuple[Sphere, ...]
    lamps: tuple[Card, ...]
    sky: Colour
    floor: Colour


def phase_of(frame: int, frames: int) -> float:
    """The phase of a frame, counted from 1; the frame after the last one would be the first again."""
    if not 1 <= frame <= frames:
        raise ValueError(f"frame must be from 1 to {frames}, got {frame}")
    return (frame - 1) / frames


def shot_at(phase: float) -> Shot:
    """What the camera sees at a phase."""
    turn = 2 * math.pi * phase
    sway = 0.3 * math.sin(turn)
    return Shot(
        eye=(11 * math.sin(sway), -11 * math.cos(sway), 2.9 + 0.5 * math.cos(turn)),
        looks_at=(0, 0, 1.0),
        view_degrees=36,
        spheres=tuple(_sphere(number, turn) for number in range(len(_PAINTS))),
        lamps=(
            Card((-6, -7, 9), (0, 0, 0.5), 2.2, (21.0, 19.3, 17.1)),
            Card((5, -9, 0.8), (0, 0, 1.0), 2.0, (1.5, 1.5, 1.6)),
        ),
        sky=(0.44, 0.48, 0.54),
        floor=linear("F2EBDF"),
    )


def _sphere(number: int, turn: float) -> Sphere:
    count = len(_PAINTS)
    across = (number - (count - 1) / 2) * _SPACING
    height = 0.5 + 0.5 * math.sin(turn - 2 * math.pi * number / count)
    return Sphere((across, 0.1 * across**2 - 0.4, 0.42 + _LIFT * height), 0.42, linear(_PAINTS[number]))


def linear(paint: str) -> Colour:
    """The linear colour of six hexadecimal digits of sRGB."""
    red, green, blue = (_linear(int(paint[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return red, green, blue


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
