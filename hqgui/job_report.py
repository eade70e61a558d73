"""What helps to find out what became of one job, in one file: all that the server knows of it, its output and clients.

Passwords and tokens are struck out as in the window's own diagnostics (`hqgui.diagnostics`); of the environment every
value goes whose name sounds like a secret.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from hqgui.actions.undo import Caller
from hqgui.diagnostics import versions, without_secrets
from hqgui.troubles import LinkError

OUTPUT_BYTES: Final = 262_144
"""Of the end of the output."""
_DETAILS: Final = ("logs", "command", "environment", "shell", "output", "warnings", "extra", "waitingFor", "children")
_SECRET_NAME: Final = re.compile(r"(?i)pass|secret|token|key|auth|credential")


async def job_report(server: Caller, job: int, program: str) -> bytes:
    """The file: a zip of texts. What could not be asked is told in its place; raises LinkError when nothing could.

    `program`: the server's name and version.
    """
    row = await server.call("getJob", job) or {}
    details = await _asked(server, "getJob", job, list(_DETAILS))
    told = {**row, **(details if isinstance(details, Mapping) else {"details": details})}
    if isinstance(told.get("environment"), Mapping):
        told["environment"] = without_secret_values(told["environment"])
    clients = sorted({client["id"] for client in row.get("clients") or () if isinstance(client, Mapping)})
    texts = {
        "versions.txt": "".join(f"{name}: {value}\n" for name, value in versions(program)),
        "job.json": _json(told),
        "attempts.json": _json(await _asked(server, "getAttempts", job)),
        "why-waiting.json": _json(await _asked(server, "explainJob", job)),
        "clients.json": _json(await _asked(server, "getClients", clients) if clients else []),
        "output-end.txt": str(await _asked(server, "getJobOutput", job, OUTPUT_BYTES)),
    }
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in texts.items():
            file.writestr(f"job-{job}/{name}", without_secrets(text))
    return held.getvalue()


def without_secret_values(environment: Mapping[str, Any]) -> dict[str, Any]:
    """An environment in which what sounds like a secret has no value."""
    return {name: "•••" if _SECRET_NAME.search(str(name)) else value for name, value in environment.items()}


async def _asked(server: Caller, method: str, *arguments: object) -> Any:
    try:
        return await server.call(method, *arguments)
    except LinkError as error:
        return f"not known: {error.words}"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n"
