"""Draws what requests cost against how many ideas there are: lines on two logarithmic scales, a panel a database."""

from math import log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 900, 350
_TOP, _BOTTOM, _PANEL, _PLOT = 64, 310, 440, 270
_LEFT = 62
_LINES = (0.1, 1, 10, 100, 1_000, 10_000)
_LEAST, _MOST = _LINES[0], _LINES[-1]
_COLOURS = ("#c2410c", "#0e7490", "#4d7c0f", "#6d28d9", "#be123c")
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2937 }
  .title { font-weight: 600; font-size: 15px } .tick { fill: #6b7280 } .grid { stroke: #e5e7eb }
  .ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb } .tick { fill: #9ca3af } .grid { stroke: #374151 } .ground { fill: #0d1117 } }
"""
_APART = 15

Points = dict[int, float]


def draw(found: dict[str, dict[int, dict[str, float]]]) -> str:
    """Return the picture as SVG; `found` has milliseconds by database, number of ideas and request."""
    panels = [_panel(number * _PANEL, database, sizes) for number, (database, sizes) in enumerate(found.items())]
    words = "What requests cost, in milliseconds, with 10,000 to a million ideas"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>'
    title = f'<text class="title" x="{_LEFT}" y="24">{words}</text>'
    return "\n".join([head, f"<style>{_STYLE}</style>", ground, title, *panels, "</svg>\n"])


def _panel(x: int, database: str, sizes: dict[int, dict[str, float]]) -> str:
    ideas = list(sizes)
    names = list(sizes[ideas[0]])
    places = _labels({name: sizes[ideas[-1]][name] for name in names})
    parts = [f'<text x="{x + _LEFT}" y="50">{escape(database)}</text>', *_grid(x, ideas)]
    for name, colour in zip(names, _COLOURS, strict=True):
        line = {number: costs[name] for number, costs in sizes.items()}
        parts.append(_line(x, ideas, line, colour))
        label = f'<text x="{x + _LEFT + _PLOT + 8}" y="{places[name]:.0f}" style="fill: {colour}">{escape(name)}</text>'
        parts.append(label)
    return "\n".join(parts)


def _grid(x: int, ideas: list[int]) -> list[str]:
    left, right = x + _LEFT, x + _LEFT + _PLOT
    parts = []
    for cost in _LINES:
        y = _y(cost)
        words = f"{cost} ms" if cost < 1000 else f"{cost // 1000} s"  # noqa: PLR2004  # a second
        parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text class="tick" x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{words}</text>')
    for number in ideas:
        tick = f'<text class="tick" x="{_x(x, number, ideas):.0f}" y="{_BOTTOM + 22}" text-anchor="middle">{number:,}'
        parts.append(tick + "</text>")
    return parts


def _line(x: int, ideas: list[int], line: Points, colour: str) -> str:
    points = [(_x(x, number, ideas), _y(cost)) for number, cost in line.items()]
    path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
    dots = "".join(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}"/>' for across, down in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _labels(last: dict[str, float]) -> dict[str, float]:
    """Return where the lines' names stand, from the highest line down, none on another."""
    places: dict[str, float] = {}
    lowest = 0.0
    for name in sorted(last, key=lambda name: -last[name]):
        lowest = max(_y(last[name]) + 4, lowest + _APART)
        places[name] = lowest
    return places


def _x(x: int, number: int, ideas: list[int]) -> float:
    share = log10(number / ideas[0]) / log10(ideas[-1] / ideas[0])
    return x + _LEFT + 20 + share * (_PLOT - 40)


def _y(cost: float) -> float:
    share = log10(max(cost, _LEAST) / _LEAST) / log10(_MOST / _LEAST)
    return _BOTTOM - share * (_BOTTOM - _TOP)
