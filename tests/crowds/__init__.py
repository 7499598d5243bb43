"""What many people at once cost: run by hand, printing figures; nothing here asserts a time."""
