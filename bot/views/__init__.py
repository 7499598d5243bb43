"""Every text that people read, as pure functions that return blocks."""
