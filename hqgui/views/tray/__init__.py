"""The artists' tray: its icon, its popup, its menu."""
