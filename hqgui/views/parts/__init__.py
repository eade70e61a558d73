"""What several views use: labels, buttons, bars, glyphs, the painting of rows."""
