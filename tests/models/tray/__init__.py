"""What the tray shows and when it speaks."""
