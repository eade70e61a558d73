"""The artists' tray as a program: what it follows, what it does, when it starts."""
