"""The film's family of jobs, and the moments that it shows."""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import pytest

from resources.examples.film import scene
from resources.examples.film.render_frame import LAYERS, size, strips
from resources.examples.film.submit import film_job


def test_every_layer_has_a_job_for_each_frame() -> None:
    film = film_job(Path("/pictures"), frames=48)
    assert {layer["name"] for layer in film["children"]} == {layer.capitalize() for layer in LAYERS}
    for layer in film["children"]:
        assert [job["frame"] for job in layer["children"]] == list(range(1, 49))
        assert len({job["output"] for job in layer["children"]}) == 48
        assert "command" not in layer


def test_jobs_find_folder_and_python_in_their_environment() -> None:
    film = film_job(Path("/pictures of today"), frames=1)
    for job in (film, *(frame for layer in film["children"] for frame in layer["children"])):
        assert job["environment"]["FILM_FOLDER"] == "/pictures of today"
        assert job["command"].startswith('"$FILM_PYTHON" ')
        assert "/" not in job["command"]


def test_the_film_has_at_least_two_seconds() -> None:
    assert scene.FRAMES >= 48 >= 2 * scene.FRAMES_A_SECOND


def test_the_film_ends_where_it_begins() -> None:
    first, beyond_last = scene.shot_at(0.0), scene.shot_at(1.0)
    for ball, again in zip(first.spheres, beyond_last.spheres, strict=True):
        assert again.centre == pytest.approx(ball.centre)
    assert beyond_last.eye == pytest.approx(first.eye)


def test_no_sphere_touches_another_or_the_floor() -> None:
    for frame in range(1, scene.FRAMES + 1):
        balls = scene.shot_at(scene.phase_of(frame, scene.FRAMES)).spheres
        assert all(ball.centre[2] >= ball.radius - 1e-9 for ball in balls)
        for one, other in itertools.pairwise(balls):
            distance = sum((a - b) ** 2 for a, b in zip(one.centre, other.centre, strict=True)) ** 0.5
            assert distance > one.radius + other.radius


@pytest.mark.parametrize("frame", [0, 61])
def test_a_frame_that_the_film_does_not_have_is_named(frame: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 60, got {frame}"):
        scene.phase_of(frame, 60)


@pytest.mark.parametrize("height", [1, 3, 18, 180, 1080])
def test_strips_cover_a_picture_once(height: int) -> None:
    rows = [row for top, rows in strips(height) for row in range(top, top + rows)]
    assert rows == list(range(height))


def test_a_size_is_two_even_numbers() -> None:
    assert size("320x180") == (320, 180)
    for wrong in ("320", "320x181", "0x0", "-2x2", "a x b", "320x180x2", "00x2"):
        with pytest.raises(argparse.ArgumentTypeError, match="a size is two even numbers"):
            size(wrong)
