"""The blocks as ReportLab flowables, each tagged with its role in the document's structure."""

from collections.abc import Iterator, Mapping
from functools import singledispatchmethod

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Paragraph as Set
from reportlab.platypus import Table as Grid
from reportlab.platypus.tables import TableStyle

from throughway.paper import blocks
from throughway.paper.fonts import lettered
from throughway.paper.layout import LINE, STYLES, WASH
from throughway.paper.tagging import Tags, artifact

ROLES: Mapping[str, str] = {
    "title": "H1",
    "heading1": "H2",
    "heading2": "H3",
    "heading3": "H4",
    "item": "LI",
    "caption": "Caption",
    "head": "TH",
    "cell": "TD",
    "number": "TD",
    "name": "TH",
    "value": "TD",
}
SCOPES: Mapping[str, str] = {"head": "Column", "name": "Row"}
LEVELS: Mapping[str, int] = {"title": 0, "heading1": 1, "heading2": 2, "heading3": 3}
TALLEST_BOX = 400.0  # points
LONGEST_HEADING = 400  # characters; a longer one may break over two pages


class TaggedParagraph(Set):  # type: ignore[misc]
    """A paragraph that is tagged with the role of its style; headings also become entries of the outline."""

    def draw(self) -> None:
        name = self.style.name
        if name in LEVELS:
            self._to_outline(LEVELS[name])
        with self.canv.tags.marked(self.canv, ROLES.get(name, "P"), SCOPES.get(name, "")):
            super().draw()

    def _to_outline(self, level: int) -> None:
        canvas = self.canv
        level = min(level, canvas.outline_level + 1)
        key = f"place-{canvas.getPageNumber()}-{len(canvas._code)}"
        canvas.bookmarkHorizontal(key, 0, self.height)
        canvas.addOutlineEntry(self.getPlainText().replace("\n", " ")[:200], key, level)
        canvas.outline_level = level

    def split(self, width: float, height: float) -> list[Flowable]:
        if self.style.name in LEVELS and len(self.getPlainText()) < LONGEST_HEADING:
            return []
        found: list[Flowable] = super().split(width, height)
        return found


def paragraph(text: str, style: str, *, bullet: str = "") -> TaggedParagraph:
    return TaggedParagraph(lettered(text), STYLES[style], bulletText=bullet or None)


class SignatureLines(Flowable):  # type: ignore[misc]
    """Space to sign above lines side by side, each with its share of the width and its caption."""

    GAP, UNDER = 16.0, 13.0

    def __init__(self, room: float, *lines: tuple[float, str]) -> None:
        super().__init__()
        self.height = room + self.UNDER
        self._lines = [(share, paragraph(text, "under_line")) for share, text in lines]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, self.height

    def draw(self) -> None:
        free = self.width - self.GAP * (len(self._lines) - 1)
        total, at = sum(share for share, _ in self._lines), 0.0
        for share, under in self._lines:
            width = free * share / total
            with artifact(self.canv):
                self.canv.setStrokeColor(LINE)
                self.canv.setLineWidth(0.7)
                self.canv.line(at, self.UNDER, at + width, self.UNDER)
            under.wrapOn(self.canv, width, self.UNDER)
            under.drawOn(self.canv, at, 0)
            at += width + self.GAP


class _Marks:
    """Tags the structure of a table while ReportLab draws it."""

    def __call__(self, grid: Grid, moment: str, *_: object) -> None:
        canvas = grid.canv
        tags: Tags = canvas.tags
        if moment == "startTable":
            tags.begin("Table")
        elif moment == "startRow":
            tags.begin("TR")
        elif moment in ("endTable", "endRow"):
            tags.end()
        elif moment in ("startBG", "startLines"):
            canvas._code.append("/Artifact BMC")
        elif moment in ("endBG", "endLines"):
            canvas._code.append("EMC")


class PaperFlowables:
    """The blocks of one document as flowables; `width` of the text in points."""

    def __init__(self, width: float) -> None:
        self._width = width

    @singledispatchmethod
    def of(self, block: object) -> Iterator[Flowable]:
        raise TypeError(f"a paper has no block {type(block).__name__}")

    @of.register
    def _heading(self, block: blocks.PaperHeading) -> Iterator[Flowable]:
        yield CondPageBreak(80)
        yield paragraph(block.text, f"heading{min(max(block.level, 1), 3)}")

    @of.register
    def _paragraph(self, block: blocks.Paragraph) -> Iterator[Flowable]:
        yield paragraph(block.text, "strong" if block.strong else "text")

    @of.register
    def _bullets(self, block: blocks.Bullets) -> Iterator[Flowable]:
        for item in block.items:
            yield paragraph(item, "item", bullet="•")
        yield Spacer(1, 5)

    @of.register
    def _facts(self, block: blocks.Facts) -> Iterator[Flowable]:
        rows = [[paragraph(name, "name"), paragraph(value, "value")] for name, value in block.pairs]
        if rows:
            yield self._grid(rows, (1, 3), head=0)
            yield Spacer(1, 10)

    @of.register
    def _table(self, block: blocks.PaperTable) -> Iterator[Flowable]:
        if block.caption:
            yield CondPageBreak(80)
            yield paragraph(block.caption, "caption")
        count = len(block.head)
        widths = block.widths or (1,) * count
        rows = [[paragraph(cell, "head") for cell in block.head]]
        for row in block.rows:
            if len(row) != count or len(widths) != count:
                raise ValueError("each row of a table has as many cells as its head")
            rows.append(
                [paragraph(cell, "number" if n in block.numbers else "cell") for n, cell in enumerate(row)]
            )
        yield self._grid(rows, widths, head=1)
        yield Spacer(1, 12)

    def _grid(self, rows: list[list[TaggedParagraph]], shares: tuple[float, ...], head: int) -> Grid:
        lines = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
        lines += (
            [("LINEBELOW", (0, 0), (-1, 0), 1, LINE)] if head else [("LINEABOVE", (0, 0), (-1, 0), 0.5, LINE)]
        )
        widths = [self._width * share / sum(shares) for share in shares]
        return Grid(
            rows,
            colWidths=widths,
            repeatRows=head,
            splitInRow=1,
            style=TableStyle(lines),
            renderCB=_Marks(),
            hAlign="LEFT",
        )

    @of.register
    def _note(self, block: blocks.Note) -> Iterator[Flowable]:
        held = [paragraph(block.title, "strong")] if block.title else []
        yield Boxed([*held, paragraph(block.text, "note")])
        yield Spacer(1, 12)

    @of.register
    def _signatures(self, block: blocks.SignatureBlock) -> Iterator[Flowable]:
        if block.statement:
            yield paragraph(block.statement, "text")
        for signature in block.signatures:
            yield KeepTogether([*self._signature(signature), Spacer(1, 20)])

    def _signature(self, signature: blocks.PaperSignature) -> Iterator[Flowable]:
        yield paragraph(signature.party, "strong")
        for name, value in (("Office", signature.office), ("Authority", signature.authority)):
            if value:
                yield paragraph(f"{name}: {value}", "line")
        if signature.given:
            yield paragraph(signature.given, "line")
            return
        yield SignatureLines(34, (5, "Signature"), (2, "Date"))
        yield SignatureLines(26, (5, "Name, in print"), (2, "Office"))

    @of.register
    def _lines(self, block: blocks.SigningLines) -> Iterator[Flowable]:
        yield KeepTogether([SignatureLines(30, *row) for row in block.rows])
        yield Spacer(1, 8)

    @of.register
    def _verbatim(self, block: blocks.Verbatim) -> Iterator[Flowable]:
        for line in block.text.splitlines():
            bare = line.lstrip(" ")
            yield paragraph("\u00a0" * (len(line) - len(bare)) + bare, "verbatim")
        yield Spacer(1, 8)

    @of.register
    def _page(self, block: blocks.PageBreak) -> Iterator[Flowable]:
        yield NewPage()


class Boxed(Flowable):  # type: ignore[misc]
    """Paragraphs on a shaded background; without it if they are too tall for a page."""

    PAD = 10.0

    def __init__(self, held: list[TaggedParagraph]) -> None:
        super().__init__()
        self._held = held

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        self._heights = [each.wrap(width - 2 * self.PAD, 1e6)[1] for each in self._held]
        self.height = sum(self._heights) + 2 * self.PAD
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        if self.height <= TALLEST_BOX:
            return []  # goes to the next page, whole
        first, *rest = self._held
        parts = [first] if first.wrap(width, height)[1] <= height else first.split(width, height)
        return [*parts, *rest] if parts else []

    def draw(self) -> None:
        with artifact(self.canv):
            self.canv.setFillColor(WASH)
            self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        at = self.height - self.PAD
        for each, height in zip(self._held, self._heights, strict=True):
            at -= height
            each.drawOn(self.canv, self.PAD, at)
