"""The layout of a document: page, styles and colors. Only black and grays, because papers are printed and copied."""

from collections.abc import Mapping

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.styles import ParagraphStyle

from throughway.paper.fonts import STRONG, TEXT

PAGES: Mapping[str, tuple[float, float]] = {"letter": letter, "a4": A4}
SIDE, TOP, FOOT = 64.0, 60.0, 72.0  # margins, in points

INK, QUIET, LINE, WASH = HexColor("#1d1b1a"), HexColor("#4f4742"), HexColor("#8c837b"), HexColor("#f4f1ed")


def _style(
    name: str, size: float, leading: float, *, before: float = 0, after: float = 0, **more: object
) -> ParagraphStyle:
    given = {"fontName": TEXT, "textColor": INK, **more}
    return ParagraphStyle(
        name, fontSize=size, leading=leading, spaceBefore=before, spaceAfter=after, splitLongWords=1, **given
    )


def _heading(name: str, size: float, before: float, after: float) -> ParagraphStyle:
    return _style(name, size, size * 1.25, before=before, after=after, fontName=STRONG)


STYLES: Mapping[str, ParagraphStyle] = {
    style.name: style
    for style in (
        _style("title", 20, 25, after=14, fontName=STRONG),
        _heading("heading1", 13.5, 16, 6),
        _heading("heading2", 11, 11, 4),
        _heading("heading3", 10, 8, 3),
        _style("text", 10, 14.5, after=7),
        _style("strong", 10, 14.5, after=7, fontName=STRONG),
        _style("line", 10, 14.5, after=1),
        _style("item", 10, 14.5, after=4, leftIndent=14, bulletIndent=3, bulletFontName=TEXT),
        _style("caption", 9, 12, before=4, after=4, textColor=QUIET),
        _style("head", 8.5, 11.5, fontName=STRONG),
        _style("cell", 8.5, 11.5),
        _style("number", 8.5, 11.5, alignment=TA_RIGHT),
        _style("name", 9.5, 13.5, fontName=STRONG),
        _style("value", 9.5, 13.5),
        _style("note", 9, 13),
        _style("verbatim", 7.5, 9.6),
        _style("under_line", 8, 10.5, textColor=QUIET),
        _style("foot", 7, 9, textColor=QUIET),
    )
}  # fmt: skip
