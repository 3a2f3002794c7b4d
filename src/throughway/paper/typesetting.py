"""Makes a PDF: the same blocks give the same bytes on any day.

Tagged for screen readers and braille displays: headings, lists, tables with their heads, the language and the title; page footers are
artifacts. Not done: it does not claim PDF/UA (no XMP entry says so, and a table or paragraph that continues on a second page is two
elements), and it has no digital signature: the fingerprint shows whether the text is the one that was signed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from throughway.paper.blocks import Block
from throughway.paper.flowables import PaperFlowables, paragraph
from throughway.paper.fonts import ready
from throughway.paper.layout import FOOT, LINE, PAGES, SIDE, STYLES, TOP
from throughway.paper.tagging import Tags, artifact

__all__ = ["PAGES", "fingerprint_of", "typeset"]

FOOT_WORDS = {"en": ("Fingerprint (SHA-256)", "Page {} of {}"), "es": ("Huella (SHA-256)", "Página {} de {}")}


def typeset(
    *,
    title: str,
    blocks: Sequence[Block],
    language: str = "en",
    fingerprint: str = "",
    subject: str = "",
    author: str = "Throughway",
    made_on: date | None = None,
    page: str = "letter",
) -> bytes:
    """The PDF, on US letter or `a4`.

    `fingerprint` is printed at the foot of every page, with the page number: of what is signed or certified, else of the
    blocks. `subject`: one line for lists of files. `made_on` is written into the metadata; no clock is read. `language`
    is a tag such as `en` or `es`; the words at the foot are English where we have no others.
    """
    ready()
    mark = fingerprint or fingerprint_of(title, blocks)
    metadata = {"title": title, "subject": subject, "author": author, "lang": language}
    pages = _Setting(metadata, mark, made_on, page).set(title, blocks, 0)[1]
    return _Setting(metadata, mark, made_on, page).set(title, blocks, pages)[0]


def fingerprint_of(title: str, blocks: Sequence[Block]) -> str:
    """SHA-256, in hexadecimal, of the content, independent of the layout."""
    # Blocks go by the names that they had when the first papers were signed.
    contents = [[type(block).__name__.removeprefix("Paper"), asdict(block)] for block in blocks]
    text = json.dumps([title, contents], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


class _Setting:
    """One pass over the document; the first pass only counts its pages."""

    def __init__(self, metadata: dict[str, str], fingerprint: str, made_on: date | None, page: str) -> None:
        self._metadata, self._fingerprint, self._made_on, self._size = (
            metadata,
            fingerprint,
            made_on,
            PAGES[page],
        )
        self._tags = Tags()
        self._pages = 0
        words = FOOT_WORDS.get(metadata["lang"].split("-")[0], FOOT_WORDS["en"])
        self._mark_words, self._page_words = words

    def set(self, title: str, blocks: Sequence[Block], pages: int) -> tuple[bytes, int]:
        self._pages = pages
        out = BytesIO()
        width, height = self._size
        paper = BaseDocTemplate(out, pagesize=self._size, invariant=1, pageCompression=1, **self._metadata)
        frame = Frame(
            SIDE, FOOT, width - 2 * SIDE, height - TOP - FOOT,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        paper.addPageTemplates([PageTemplate(frames=[frame], onPageEnd=self._foot)])
        paper.build(list(self._story(title, blocks, width - 2 * SIDE)), canvasmaker=self._canvas)
        return out.getvalue(), paper.page

    def _story(self, title: str, blocks: Sequence[Block], width: float) -> Iterator[Flowable]:
        drawn = PaperFlowables(width)
        yield paragraph(title, "title")
        for block in blocks:
            yield from drawn.of(block)

    def _canvas(self, *given: object, **named: object) -> "_Canvas":
        canvas = _Canvas(*given, **named)
        canvas.tags, canvas.outline_level = self._tags, -1
        day = f"{self._made_on or date(2000, 1, 1):%Y%m%d}"
        canvas.setDateFormatter(lambda *_: f"D:{day}000000Z")
        canvas.setViewerPreference("DisplayDocTitle", "true")
        canvas.setProducer("Throughway")
        canvas.setCreator("Throughway")
        canvas.showOutline()
        return canvas

    def _foot(self, canvas: Canvas, paper: BaseDocTemplate) -> None:
        style = STYLES["foot"]
        right = self._size[0] - SIDE
        with artifact(canvas):
            canvas.saveState()
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(SIDE, FOOT - 18, right, FOOT - 18)
            canvas.setFont(style.fontName, style.fontSize)
            canvas.setFillColor(style.textColor)
            canvas.drawString(SIDE, FOOT - 30, f"{self._mark_words} {self._fingerprint}")
            canvas.drawRightString(right, FOOT - 30, self._page_words.format(paper.page, self._pages))
            canvas.restoreState()


class _Canvas(Canvas):  # type: ignore[misc]
    """A canvas that writes the document's structure after the last page."""

    tags: Tags
    outline_level: int

    def save(self) -> None:
        if self._code:
            self.showPage()
        self.tags.close(self._doc)
        super().save()
