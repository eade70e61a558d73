"""What the artists' tray shows and when it speaks: pure, without widgets and network."""
