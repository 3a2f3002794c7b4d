"""The letters of a paper: Public Sans, and DejaVu Sans for what it lacks, both embedded.

A character that neither has, such as a Chinese one, is set as its code point (`[U+4E2D]`), so that none is lost unseen.
Letters that join or run from right to left (Arabic, Hebrew) are set one by one in the order of the text, which their
readers do not read with ease.
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
    """Registers the fonts with the typesetter; the characters that each has."""
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
    """Makes the fonts known to the typesetter."""
    _fonts()


def lettered(text: str, *, breaks: bool = True) -> str:
    """The text as the typesetter's markup: escaped, each run in a font that has its letters, line breaks kept."""
    fonts = _fonts()
    written = []
    for name, letters in groupby(
        _clusters(normalize("NFC", text)), key=lambda cluster: _font(cluster, fonts)
    ):
        run = "".join(letters)
        if name == "":
            run = "".join(f"[U+{ord(c):04X}]" for c in run)
        said = escape(run)
        written.append(f'<font name="{OTHER}">{said}</font>' if name == OTHER else said)
    return "".join(written).replace("\n", "<br/>" if breaks else " ")


def _clusters(text: str) -> list[str]:
    """Letters with the marks that stand on them; what is not seen, such as a control character, is left out."""
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
    """The first font that has all of the letter; empty when none has."""
    if cluster == "\n":
        return TEXT
    points = {ord(letter) for letter in cluster}
    return next((name for name in (TEXT, OTHER) if points <= fonts[name]), "")
