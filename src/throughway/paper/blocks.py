"""The blocks of a PDF document. Texts are plain: markup is not interpreted, and line breaks are kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaperHeading:
    """`level` 1 to 3; each is an entry of the PDF's outline. The title itself is not a block."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    text: str
    strong: bool = False


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names with their values, such as `("In force from", "1 July 2026")`."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PaperTable:
    """`widths`: each column's share of the page's width, in any unit; none: equal ones. `numbers`: columns set on the
    right. The head is repeated on each page of the table."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    widths: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Note:
    """A boxed remark, such as how to check a fingerprint."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class PaperSignature:
    """`party`: the signing partner; `office` and `authority`: the signer's. `given`: when and how it was signed, in words; empty
    leaves lines to sign on by hand."""

    party: str
    office: str = ""
    authority: str = ""
    given: str = ""


@dataclass(frozen=True)
class SignatureBlock:
    """Each signature stays on one page. `statement` is printed above all of them."""

    signatures: tuple[PaperSignature, ...]
    statement: str = ""


@dataclass(frozen=True)
class SigningLines:
    """Lines to write on by hand, for a paper that one person signs: each row has lines side by side, each with its share of the width
    and its caption. All rows stay on one page."""

    rows: tuple[tuple[tuple[float, str], ...], ...]


@dataclass(frozen=True)
class Verbatim:
    """A text whose lines and indents are kept, such as YAML; lines that are too long are broken."""

    text: str


@dataclass(frozen=True)
class PageBreak:
    pass


Block = (
    PaperHeading
    | Paragraph
    | Bullets
    | Facts
    | PaperTable
    | Note
    | SignatureBlock
    | SigningLines
    | Verbatim
    | PageBreak
)
