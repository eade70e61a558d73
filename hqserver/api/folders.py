"""Network folders: where the shared disks are on each platform."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Kind, Section
from hqserver.core import folders
from hqserver.core.commands import DeleteFolder, SetFolder
from hqserver.core.reading_kept import folder_row
from hqserver.wire import values
from hqserver.wire.faults import BadValue, shown
from hqserver.wire.jobs import PLATFORMS
from hqserver.wire.roles import Role

SECTION: Final = Section(
    "Network folders",
    "Each is an environment variable of jobs that says where a shared disk is on the client's platform. HQROOT is the "
    "main one. They come from `hqserver.ini`, over which those that are set here win.",
)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII).fullmatch
_LONGEST_PATH: Final = 4096


def _variable(value: object, path: str) -> str:
    name = values.text(value, path, values.LARGEST_COUNT)
    if not _VARIABLE(name):
        raise BadValue(path, f"must be a name that a variable can have, such as HQROOT, got {shown(name)}")
    return name


def _folder(value: object, path: str) -> str:
    """Without a slash at its end: scripts put one behind it."""
    found = values.text(value, path, _LONGEST_PATH).strip()
    if "\n" in found:
        raise BadValue(path, f"must be one line, got {shown(found)}")
    return found.rstrip("/\\") or found[:1]


def _anything(value: object, path: str) -> object:
    return value


Variable = Annotated[str, Kind("str", "string", _variable)]
FolderPath = Annotated[str, Kind("str", "string", _folder)]
Anything = Annotated[object, Kind("str", "string", _anything, takes_nil=True)]


@SECTION.method("getHQRoot", Role.VIEWER, answer="str or nil", example='hq.getHQRoot("linux")')
def get_hq_root(call: Call, platform: Anything, is_client: kinds.Flag = True) -> str | None:
    """$HQROOT as it is on a machine of a platform, `linux`, `windows` or `macosx`; nil for any other platform.

    On Windows it is the UNC path for a client, and the drive for a workstation (`is_client` false).
    """
    return _root(call, folders.MAIN, platform, is_client=is_client) if platform in PLATFORMS else None


@SECTION.method("getEnvRoot", Role.VIEWER, answer="str or nil", example='hq.getEnvRoot("HQROOT", "linux")', ours=True)
def get_env_root(call: Call, env_name: kinds.Label, platform: Anything, is_client: kinds.Flag = True) -> str | None:
    """The same for any network folder; nil also when there is no folder of this name."""
    known = platform in PLATFORMS and env_name in folders.all_of(call.farm)
    return _root(call, env_name, platform, is_client=is_client) if known else None


@SECTION.method("getNetworkFolders", Role.VIEWER, answer="list of dict", example="hq.getNetworkFolders()", ours=True)
async def get_network_folders(call: Call) -> list[dict[str, Any]]:
    """The network folders by name: `name`, `linux`, `macosx`, `windows`, `windowsMount`."""
    found = folders.all_of(call.farm)
    await call.seen()
    return [folder_row(found[name]) for name in sorted(found)]


@SECTION.method(
    "setNetworkFolder",
    Role.ADMIN,
    answer="nil",
    example=r'hq.setNetworkFolder("HQROOT", "/mnt/hq", "/Volumes/hq", "\\\\nas\\hq", "H:")',
    ours=True,
)
async def set_network_folder(
    call: Call,
    name: Variable,
    linux: FolderPath = "",
    macosx: FolderPath = "",
    windows: FolderPath = "",
    windows_mount: FolderPath = "",
) -> None:
    """Say where a network folder is on each platform; what is left out is empty. Jobs that start from now on see it.

    `windows` is the UNC path that clients use, `windows_mount` the drive on workstations.
    """
    await call.change(SetFolder(name, linux, macosx, windows, windows_mount, call.caller.name))


@SECTION.method("deleteNetworkFolder", Role.ADMIN, answer="nil", example='hq.deleteNetworkFolder("SHOTS")', ours=True)
async def delete_network_folder(call: Call, name: Variable) -> None:
    """Delete a network folder; what `hqserver.ini` says of this name holds again. Fault 404: none of this name."""
    await call.change(DeleteFolder(name, call.caller.name))


def _root(call: Call, name: str, platform: object, *, is_client: bool) -> str:
    folder = folders.all_of(call.farm).get(name)
    return folder.path(str(platform), mounted=not is_client) if folder is not None else ""
