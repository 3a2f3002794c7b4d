"""The fonts of a document: Public Sans, and DejaVu Sans for missing characters, both embedded.

A character that neither has, such as a Chinese one, is printed as its code point (`[U+4E2D]`), so that none is lost silently. Joining
or right-to-left letters (Arabic, Hebrew) are printed one by one in the order of the text, which is hard to read.
"""

from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from unicodedata import category, combining, normalize
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, STRONG, OTHER = "PublicSans", "PublicSans-Bold", "DejaVuSans"


@cache
def _fonts() -> dict[str, frozenset[int]]:
    """Registers the fonts with ReportLab; returns the characters that each has."""
    known: dict[str, frozenset[int]] = {}
    for name, file in (
        (TEXT, "PublicSans-Regular.ttf"),
        (STRONG, "PublicSans-Bold.ttf"),
        (OTHER, "DejaVuSans.ttf"),
    ):
        with as_file(files("throughway.paper") / "fonts" / file) as path:
            font = TTFont(name, str(path))
        pdfmetrics.registerFont(font)
        known[name] = frozenset(font.face.charToGlyph)
    pdfmetrics.registerFontFamily(TEXT, normal=TEXT, bold=STRONG, italic=TEXT, boldItalic=STRONG)
    return known


def ready() -> None:
    """Registers the fonts with ReportLab."""
    _fonts()


def lettered(text: str, *, breaks: bool = True) -> str:
    """The text in ReportLab's markup: escaped, each run in a font that has its characters, line breaks kept."""
    fonts = _fonts()
    written = []
    for name, letters in groupby(
        _clusters(normalize("NFC", text)), key=lambda cluster: _font(cluster, fonts)
    ):
        run = "".join(letters)
        if name == "":
            run = "".join(f"[U+{ord(c):04X}]" for c in run)
        text_run = escape(run)
        written.append(f'<font name="{OTHER}">{text_run}</font>' if name == OTHER else text_run)
    return "".join(written).replace("\n", "<br/>" if breaks else " ")


def _clusters(text: str) -> list[str]:
    """Letters with their combining marks; invisible characters, such as controls, are left out."""
    clusters: list[str] = []
    for letter in text:
        if letter == "\n" or category(letter) == "Zs" or letter == "\t":
            clusters.append("\n" if letter == "\n" else "\u00a0" if letter == "\u00a0" else " ")
        elif category(letter) in ("Cc", "Cf", "Cs"):
            continue
        elif combining(letter) and clusters:
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _font(cluster: str, fonts: dict[str, frozenset[int]]) -> str:
    """The first font that has the whole cluster; empty if none has."""
    if cluster == "\n":
        return TEXT
    points = {ord(letter) for letter in cluster}
    return next((name for name in (TEXT, OTHER) if points <= fonts[name]), "")
