"""The picture of a signed consent form, as a telephone would take it: fictional people, drawn by the program."""

import io
from collections.abc import Mapping
from importlib.resources import as_file, files

from PIL import Image, ImageDraw, ImageFont

PAGE = (1100, 1420)  # pixels
PAPER, INK, PEN, LINE = "#fbfaf7", "#1d1b1a", "#23407a", "#8c837b"
WORDS: Mapping[str, tuple[str, ...]] = {
    "en": ("Permission to share a student’s records", "Name of the student, in print", "Your name, in print", "Signature", "Date"),
    "es": (
        "Permiso para compartir los expedientes de un estudiante",
        "Nombre del estudiante, en letra de molde",
        "Su nombre, en letra de molde",
        "Firma",
        "Fecha",
    ),
}  # fmt: skip


def signed_paper(*, code: str, language: str, student: str, signer: str, day: str) -> bytes:
    """The last page of a form as JPEG, filled in by hand."""
    title, of_student, of_signer, signature, on = WORDS.get(language, WORDS["en"])
    image = Image.new("RGB", PAGE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((90, 100), title, fill=INK, font=_font("PublicSans-Bold.ttf", 38))
    filled = ((of_student, student), (of_signer, signer), (signature, ""), (on, day))
    for place, (caption, written) in enumerate(filled):
        at = 420 + 190 * place
        draw.line((90, at, 1010, at), fill=LINE, width=2)
        draw.text((90, at + 10), caption, fill=INK, font=_font("PublicSans-Regular.ttf", 24))
        draw.text((120, at - 62), written, fill=PEN, font=_font("DejaVuSans.ttf", 42))
    _sign(draw, 140, 420 + 190 * 2 - 12, signer)
    draw.text((90, 1290), code, fill=INK, font=_font("PublicSans-Bold.ttf", 34))
    out = io.BytesIO()
    image.rotate(0.8, fillcolor="#cfc9c0").save(out, "JPEG", quality=70)
    return out.getvalue()


def _sign(draw: ImageDraw.ImageDraw, left: int, base: int, name: str) -> None:
    """A stroke that goes up and down with the letters of the name."""
    points = [(left + 24 * n, base - 18 - (ord(letter) * 7) % 52) for n, letter in enumerate(name)]
    draw.line(points, fill=PEN, width=4, joint="curve")


def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    with as_file(files("throughway.paper") / "fonts" / file) as path:
        return ImageFont.truetype(str(path), size)
