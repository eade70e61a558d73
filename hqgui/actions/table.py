"""What a wrangler can do, as a table: names, words, shortcuts, dangers.

`Kind` says on what an action works; `Danger` when it asks first. What an action does is in `actions.rules` and
`actions.desk`, so that menus, toolbar, keyboard and omnibox show the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from hqgui.words import QT_TRANSLATE_NOOP, translate


@unique
class Kind(StrEnum):
    """On what an action works."""

    JOBS = "jobs"
    CLIENTS = "clients"
    GROUPS = "groups"
    RESOURCES = "resources"
    COPY = "copy"
    """On jobs, and gives a text for the clipboard; works without a server too where it can."""


@unique
class Danger(StrEnum):
    """When an action asks first."""

    NONE = "none"
    LOSES = "loses"
    """Asks when something runs, or when more than one tree or person is concerned."""
    DESTROYS = "destroys"
    """Always asks; beyond 50 jobs the number has to be typed."""


@dataclass(frozen=True, slots=True)
class Action:
    """One row."""

    name: str
    words: str
    """As in a menu, in English; `text` is in the user's language."""
    kind: Kind = Kind.JOBS
    shortcut: str = ""
    danger: Danger = Danger.NONE
    icon: str = ""
    menu: str = ""
    """Submenu: empty, `Priority`, `Copy`, `Drain` or `Groups`."""
    needs: str = ""
    """A feature of our server without which it cannot work."""
    alone: bool = False
    """Works without a selection too: it makes something new."""

    @property
    def text(self) -> str:
        """What menus show."""
        return translate("Actions", self.words)


_ON_CLIENTS: Final = (
    Action("enable_client", QT_TRANSLATE_NOOP("Actions", "Enable"), Kind.CLIENTS, icon="enable"),
    Action("disable_client", QT_TRANSLATE_NOOP("Actions", "Disable"), Kind.CLIENTS, icon="disable"),
    Action("wake_client", QT_TRANSLATE_NOOP("Actions", "Wake"), Kind.CLIENTS, needs="terminateClients"),
    Action(
        "drain_client",
        QT_TRANSLATE_NOOP("Actions", "Until taken back"),
        Kind.CLIENTS,
        menu="Drain",
        needs="override",
    ),
    Action("drain_hour", QT_TRANSLATE_NOOP("Actions", "For an hour"), Kind.CLIENTS, menu="Drain", needs="override"),
    Action(
        "drain_morning",
        QT_TRANSLATE_NOOP("Actions", "Until tomorrow 08:00"),
        Kind.CLIENTS,
        menu="Drain",
        needs="override",
    ),
    Action("end_override", QT_TRANSLATE_NOOP("Actions", "Take jobs again"), Kind.CLIENTS, needs="override"),
    Action("set_rules", QT_TRANSLATE_NOOP("Actions", "Availability…"), Kind.CLIENTS, needs="availability"),
    Action(
        "describe_client",
        QT_TRANSLATE_NOOP("Actions", "Describe…"),
        Kind.CLIENTS,
        shortcut="F2",
        needs="removeClients",
    ),
    Action("new_group", QT_TRANSLATE_NOOP("Actions", "New group…"), Kind.CLIENTS, menu="Groups", alone=True),
    Action("add_to_group", QT_TRANSLATE_NOOP("Actions", "Add to group"), Kind.CLIENTS, menu="Groups"),
    Action("remove_from_group", QT_TRANSLATE_NOOP("Actions", "Remove from group"), Kind.CLIENTS, menu="Groups"),
    Action("copy_client", QT_TRANSLATE_NOOP("Actions", "Copy host name"), Kind.CLIENTS),
    Action("upgrade_client", QT_TRANSLATE_NOOP("Actions", "Mark for upgrade"), Kind.CLIENTS),
    Action(
        "terminate_client",
        QT_TRANSLATE_NOOP("Actions", "Terminate…"),
        Kind.CLIENTS,
        danger=Danger.DESTROYS,
        needs="terminateClients",
    ),
    Action(
        "remove_client",
        QT_TRANSLATE_NOOP("Actions", "Remove…"),
        Kind.CLIENTS,
        shortcut="Del",
        danger=Danger.DESTROYS,
        icon="delete",
        needs="removeClients",
    ),
)
_ON_SUPPLY: Final = (
    Action(
        "rename_group", QT_TRANSLATE_NOOP("Actions", "Rename group…"), Kind.GROUPS, shortcut="F2", needs="removeClients"
    ),
    Action(
        "delete_group",
        QT_TRANSLATE_NOOP("Actions", "Delete group…"),
        Kind.GROUPS,
        shortcut="Del",
        danger=Danger.DESTROYS,
        icon="delete",
    ),
    Action(
        "create_resource",
        QT_TRANSLATE_NOOP("Actions", "New resource…"),
        Kind.RESOURCES,
        needs="resources",
        alone=True,
    ),
    Action("set_amount", QT_TRANSLATE_NOOP("Actions", "Amount…"), Kind.RESOURCES, shortcut="F2", needs="resources"),
    Action(
        "delete_resource",
        QT_TRANSLATE_NOOP("Actions", "Delete resource…"),
        Kind.RESOURCES,
        shortcut="Del",
        danger=Danger.DESTROYS,
        icon="delete",
        needs="resources",
    ),
)
ACTIONS: Final[dict[str, Action]] = {
    row.name: row
    for row in (
        Action("pause", QT_TRANSLATE_NOOP("Actions", "Pause"), shortcut="Ctrl+P", icon="pause"),
        Action("resume", QT_TRANSLATE_NOOP("Actions", "Resume"), icon="resume"),
        Action("reschedule", QT_TRANSLATE_NOOP("Actions", "Reschedule"), shortcut="Ctrl+R", icon="reschedule"),
        Action(
            "retry_failed", QT_TRANSLATE_NOOP("Actions", "Retry failed children"), shortcut="Ctrl+Shift+R", icon="retry"
        ),
        Action("eject", QT_TRANSLATE_NOOP("Actions", "Eject"), shortcut="Ctrl+E", danger=Danger.LOSES, icon="eject"),
        Action(
            "raise_priority",
            QT_TRANSLATE_NOOP("Actions", "Raise priority"),
            shortcut="Ctrl+Shift+Up",
            menu="Priority",
            needs="priority",
        ),
        Action(
            "lower_priority",
            QT_TRANSLATE_NOOP("Actions", "Lower priority"),
            shortcut="Ctrl+Shift+Down",
            menu="Priority",
            needs="priority",
        ),
        Action(
            "set_priority",
            QT_TRANSLATE_NOOP("Actions", "Set priority"),
            shortcut="F2",
            menu="Priority",
            needs="priority",
        ),
        Action("copy_id", QT_TRANSLATE_NOOP("Actions", "Copy id"), Kind.COPY, menu="Copy"),
        Action("copy_name", QT_TRANSLATE_NOOP("Actions", "Copy name"), Kind.COPY, shortcut="Ctrl+C", menu="Copy"),
        Action("copy_command", QT_TRANSLATE_NOOP("Actions", "Copy command"), Kind.COPY, menu="Copy"),
        Action("copy_json", QT_TRANSLATE_NOOP("Actions", "Copy as JSON"), Kind.COPY, menu="Copy"),
        Action("cancel", QT_TRANSLATE_NOOP("Actions", "Cancel…"), shortcut="Del", danger=Danger.LOSES, icon="cancel"),
        Action(
            "delete",
            QT_TRANSLATE_NOOP("Actions", "Delete…"),
            shortcut="Shift+Del",
            danger=Danger.DESTROYS,
            icon="delete",
        ),
        Action("edit_jobs", QT_TRANSLATE_NOOP("Actions", "Edit properties…"), shortcut="Ctrl+I", needs="setJobAttribs"),
        Action("unblock_clients", QT_TRANSLATE_NOOP("Actions", "Clear blocked clients"), needs="unblockClients"),
        *_ON_CLIENTS,
        *_ON_SUPPLY,
    )
}
"""Every action by name, in the order of menus."""
