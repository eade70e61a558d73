"""Preferences: how the window looks, what it tells, which keys do what, which farms there are."""

from hqgui.views.preferences.dialog import Preferences

__all__ = ["Preferences"]
