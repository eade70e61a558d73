"""What the window shows: stores, Qt item models, formats. No widget, no network, no disk."""
