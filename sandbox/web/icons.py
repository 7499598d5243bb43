"""The page's line drawings, in the colour of the text around them."""

from __future__ import annotations

from functools import cache

import htpy as h

from sandbox.web.parts import Made

PATHS = {
    "react": "M9 4.5a6.5 6.5 0 1 0 6.5 6.5M6.5 12.5c.6 1.4 1.5 2 2.5 2s1.9-.6 2.5-2M7 9v.01M11 9v.01M15.5 2v5M13 4.5h5",
    "reply": "M3 5.5A2.5 2.5 0 0 1 5.5 3h9A2.5 2.5 0 0 1 17 5.5v6a2.5 2.5 0 0 1-2.5 2.5H9l-4 3v-3.1"
    "a2.5 2.5 0 0 1-2-2.4z",
    "eye": "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 7.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z",
    "close": "M5 5l10 10M15 5L5 15",
    "menu": "M3 5.5h14M3 10h14M3 14.5h14",
    "send": "M3.5 10l-1-6.5 15 6.5-15 6.5zM3.5 10H10",
    "lightning": "M11 2.5L4.5 11.5H10L9 17.5l6.5-9H10z",
    "home": "M3 9.5L10 3.5l7 6M5 8.5V16h10V8.5",
    "back": "M12 4.5L6.5 10l5.5 5.5",
    "gauge": "M3 14.5a7.5 7.5 0 1 1 14 0M10 12.5l3.5-4.5M6 17h8",
    "lock": "M5.5 9h9v7.5h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9",
    "down": "M5.5 8l4.5 4.5L14.5 8",
    "window": "M11.5 3.5H16.5V8.5M16.5 3.5L10 10M9 4.5H4.5v11h11V11",
    "people": "M8 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM2.5 16.5c0-3 2.2-5 5.5-5s5.5 2 5.5 5"
    "M12.8 4.2a2.6 2.6 0 0 1 0 5M15 12c1.6.8 2.5 2.3 2.5 4.5",
    "hash": "M7.5 3L6 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5",
}


@cache
def icon(name: str) -> Made:
    """One drawing, hidden from screen readers: the control around it has the name."""
    drawing = h.svg(
        ".icon", viewBox="0 0 20 20", fill="none", stroke="currentColor", stroke_width="1.6", stroke_linecap="round",
        stroke_linejoin="round", aria_hidden="true",
    )[h.path(d=PATHS[name])]  # fmt: skip
    return Made("".join(drawing.iter_chunks()))
