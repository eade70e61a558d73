"""A server on loopback for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.compat.server import LocalServer, local_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """The server's web side with an empty farm."""
    with local_server(tmp_path_factory.mktemp("outputs")) as running:
        yield running
