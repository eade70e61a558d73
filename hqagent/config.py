"""The agent's settings: the command line, then `hqnode.ini`, then defaults."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class BadSetting(ValueError):
    """A setting cannot be used. The text names the file, the key, the value and what is wanted."""


@dataclass(frozen=True, slots=True)
class NodeFile:
    """What `hqnode.ini` says; None where it is silent."""

    server: str | None = None
    name: str | None = None
    cpus: int | None = None
    port: int | None = None
    job_environment: Mapping[str, str] = field(default_factory=dict)


def read_node_file(path: Path) -> NodeFile:
    """`[main]` with server, port (the server's), name, cpus, client_port; `[job_environment]`. Raises BadSetting."""
    if not path.exists():
        return NodeFile()
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise BadSetting(f"{path} cannot be read: {error}") from None
    main = dict(parser.items("main")) if parser.has_section("main") else {}
    environment = dict(parser.items("job_environment")) if parser.has_section("job_environment") else {}
    server, port = main.get("server"), main.get("port", "5000")
    return NodeFile(
        server=f"http://{server}:{_number(path, 'port', port)}" if server else None,
        name=main.get("name"),
        cpus=_number(path, "cpus", main["cpus"]) if main.get("cpus") else None,
        port=_number(path, "client_port", main["client_port"]) if main.get("client_port") else None,
        job_environment=environment,
    )


def _number(path: Path, key: str, text: str) -> int:
    if not text.strip().isdigit():
        raise BadSetting(f"{path}: {key} must be a whole number, got {text!r}")
    return int(text)
