"""Marks of a drawing, as text of SVG, in tones that can be read on a light ground and on a dark one."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

INK = "#6e7781"
"""Text and lines; its contrast is above 4 on white and on GitHub's dark ground."""
TONES = ("#2f81f7", "#d9730d", "#2da44e", "#a371f7", "#e5534b", "#1b9aaa")
"""Of the series, in their order."""
FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
LETTER = 0.62
"""Width of an average letter by the size of its font; for room beside a label, which may be a little wide."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawing of so many units; `text()` of marks that lie on it."""

    title: str
    width: int
    height: int

    def text(self, marks: list[str]) -> str:
        """Give the whole file: it scales with its place, and says its title to whoever cannot see it."""
        said = escape(self.title)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-label="{said}" '
            f'font-family="{FONT}" font-size="13" fill="{INK}">'
        )
        heading = words(0, 18, self.title, size=15, bold=True)
        return "\n".join([head, f"<title>{said}</title>", heading, *marks, "</svg>"]) + "\n"


def words(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, bold: bool = False, turned: bool = False
) -> str:
    """Write a line of text that starts, ends or has its middle at a point."""
    weight = ' font-weight="600"' if bold else ""
    turn = f' transform="rotate(-90 {number(x)} {number(y)})"' if turned else ""
    place = f'x="{number(x)}" y="{number(y)}"'
    return f'<text {place} text-anchor="{anchor}" font-size="{size}"{weight}{turn}>{escape(text, quote=False)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, *, faint: bool = True) -> str:
    """Draw a straight line: of the grid, or of an axis."""
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {ends} stroke="{INK}" stroke-opacity="{0.22 if faint else 0.8}"/>'


def path(points: list[tuple[float, float]], tone: str) -> str:
    """Draw a line through points, with a dot on each."""
    through = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    line = f'<polyline points="{through}" fill="none" stroke="{tone}" stroke-width="2.5" stroke-linejoin="round"/>'
    return line + "".join(f'<circle cx="{number(x)}" cy="{number(y)}" r="3.5" fill="{tone}"/>' for x, y in points)


def block(x: float, y: float, width: float, height: float, tone: str, *, faint: bool = False) -> str:
    """Draw a bar."""
    size = f'width="{number(max(width, 1))}" height="{number(height)}"'
    paint = f'fill="{tone}"' + (' fill-opacity="0.5"' if faint else "")
    return f'<rect x="{number(x)}" y="{number(y)}" {size} rx="2" {paint}/>'


def breadth(text: str, size: int = 13) -> float:
    """Give about how wide a text will be."""
    return len(text) * size * LETTER


def number(value: float) -> str:
    """Write a coordinate in as few letters as it needs."""
    return f"{value:.1f}".removesuffix(".0")
