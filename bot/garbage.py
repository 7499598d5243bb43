"""Garbage collection, off from the moment this is imported until `collect_from_now`.

A start makes hundreds of thousands of objects and throws none away; to look through them again and again took a fifth
of it, and later made the slowest requests.
"""

import gc

gc.disable()


def collect_from_now() -> None:
    """Collect what is made from now on, and never look again at what there is."""
    gc.freeze()
    gc.enable()
