"""Known bugs, put back in one at a time: each must turn a named test red (`make sabotage`)."""
