"""Network folders: environment variables that say where the shared disks are on each platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hqserver.core.commands import DeleteFolder, Refused, SetFolder
from hqserver.core.kept import Folder, Kept
from hqserver.core.records import Instant

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

MAIN: Final = "HQROOT"
NOT_FOUND: Final = 404


def put(farm: Farm, command: SetFolder, _now: Instant) -> None:
    """A folder, new or changed. Jobs that start from now on see it."""
    known = farm.folder_of_name.get(command.name)
    id_ = known.id if known is not None else farm.new_id(Kept.FOLDERS)
    folder = Folder(id_, command.name, command.linux, command.macosx, command.windows, command.windows_mount)
    take_folder(farm, folder)
    farm.touch(Kept.FOLDERS, folder)


def delete(farm: Farm, command: DeleteFolder, _now: Instant) -> None:
    """What the configuration says of this name holds again."""
    folder = farm.folder_of_name.pop(command.name, None)
    if folder is None:
        configured = any(item.name == command.name for item in farm.settings.folders)
        where = " It stands in hqserver.ini." if configured else ""
        raise Refused(NOT_FOUND, f"name: no network folder {command.name[:60]!r} to delete.{where}")
    del farm.folders[folder.id]
    farm.drop(Kept.FOLDERS, folder)


def take_folder(farm: Farm, folder: Folder) -> None:
    """A folder is there from now on, also after a restart."""
    farm.folders[folder.id] = folder
    farm.folder_of_name[folder.name] = folder


def all_of(farm: Farm) -> dict[str, Folder]:
    """By name: those of the configuration, over which the farm's own win."""
    return {**{item.name: item for item in farm.settings.folders}, **farm.folder_of_name}


def variables(farm: Farm, platform: str) -> dict[str, str]:
    """Name and path for a client's platform (`linux-x86_64` ...), those that have one."""
    system = platform.partition("-")[0]
    system = "macosx" if system == "macos" else system
    return {name: path for name, folder in all_of(farm).items() if (path := folder.path(system))}
