"""Colours as colour-blind eyes see them, after Machado, Oliveira and Fernandes (2009), at full severity.

The matrices are theirs and work on linear light, so values are taken out of sRGB's curve and put back.
"""

from __future__ import annotations

from array import array
from typing import Final

from PySide6.QtGui import QImage

Matrix = tuple[tuple[float, float, float], ...]

EYES: Final[dict[str, Matrix]] = {
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def _to_light(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _from_light(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    share = light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(share * 255)


_LIGHT: Final = tuple(_to_light(value) for value in range(256))


def seen(pixel: int, eyes: Matrix) -> int:
    """A pixel 0xAARRGGBB as these eyes see it."""
    light = (_LIGHT[pixel >> 16 & 255], _LIGHT[pixel >> 8 & 255], _LIGHT[pixel & 255])
    red, green, blue = (_from_light(sum(a * b for a, b in zip(row, light, strict=True))) for row in eyes)
    return pixel & 0xFF000000 | red << 16 | green << 8 | blue


def picture_seen(picture: QImage, eyes: Matrix) -> QImage:
    """A whole picture, as these eyes see it."""
    source = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = array("I", bytes(source.constBits()))
    known = {pixel: seen(pixel, eyes) for pixel in set(pixels)}
    changed = array("I", map(known.__getitem__, pixels)).tobytes()
    made = QImage(changed, source.width(), source.height(), source.bytesPerLine(), QImage.Format.Format_RGB32).copy()
    made.setDevicePixelRatio(picture.devicePixelRatio())
    return made
