"""A paper is read back as its readers would: every word, the fingerprint on every page, and the structure of what it says."""

import io
import re
import subprocess
import sys
from datetime import date
from typing import Any
from unicodedata import normalize

import pypdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from throughway.paper import (
    Block,
    Bullets,
    Facts,
    Note,
    PageBreak,
    PaperHeading,
    PaperSignature,
    PaperTable,
    Paragraph,
    SignatureBlock,
    Verbatim,
    fingerprint_of,
    typeset,
)

MARK = "0123456789abcdef" * 4
ALL: tuple[Block, ...] = (
    PaperHeading("First part"),
    Paragraph("A paragraph with <b>no</b> markup & an ampersand."),
    Bullets(("one thing", "another thing")),
    Facts((("In force", "1 July 2026"), ("Between", "Oak Schools and Elm House"))),
    PaperHeading("A part of it", level=2),
    PaperTable(
        ("Element", "Why"),
        (("person.birthdate", "Age decides"), ("person.sex", "Matching")),
        caption="Schedule",
    ),
    Note("Compute it with any tool.", title="How to check"),
    SignatureBlock(
        (
            PaperSignature("Oak Schools", "Superintendent", "Board policy 7"),
            PaperSignature(
                "Elm House", "Director", "Bylaws 2", given="Signed on 3 May 2026; passphrase and code."
            ),
        ),
        statement="Each signs this text.",
    ),
    PageBreak(),
    Verbatim("id: x\nterms:\n  expires: 2030-01-01"),
)


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def words_of(data: bytes) -> str:
    """All the text, white space and line breaks within words taken away."""
    return squeezed(" ".join(page.extract_text() for page in read(data).pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", normalize("NFC", text))


def test_text_fingerprint_and_page_numbers_are_printed() -> None:
    data = typeset(title="An agreement", blocks=ALL, fingerprint=MARK)
    said = words_of(data)
    for words in (
        "An agreement", "First part", "<b>no</b> markup & an", "another thing", "Oak Schools and Elm House", "Schedule",
        "person.birthdate", "Age decides", "How to check", "Compute it with any tool.", "Board policy 7",
        "Signed on 3 May 2026; passphrase and code.", "Each signs this text.", "expires: 2030-01-01",
    ):  # fmt: skip
        assert squeezed(words) in said, words
    pages = read(data).pages
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert MARK in page.extract_text()
        assert f"Page {number} of 2" in page.extract_text()


def test_signed_party_has_no_signature_line() -> None:
    said = typeset(
        title="T",
        blocks=[SignatureBlock((PaperSignature("Elm House", "Director", "Bylaws", given="Signed."),))],
    )
    assert squeezed("Name, in print") not in words_of(said)
    waits = typeset(title="T", blocks=[SignatureBlock((PaperSignature("Elm House", "Director", "Bylaws"),))])
    assert squeezed("Name, in print") in words_of(waits)


LETTERS = st.text(
    st.characters(
        min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=("Cc", "Cf", "Zs"), include_characters=" "
    ),
    min_size=1, max_size=60,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=4))
@example(["Nguyễn Łukasz", "ʻOkina Diné Bizaad: Hózhǫ́", "Ж α ≤ → ☐", "a\u0301 & <para> </para> &amp;"])
def test_no_character_is_lost(texts: list[str]) -> None:
    data = typeset(
        title="T",
        blocks=[PaperTable(("A", "B"), tuple((text, text) for text in texts)), Bullets(tuple(texts))],
    )
    said = words_of(data)
    for text in texts:
        assert said.count(squeezed(text)) >= 2, text


def test_missing_glyph_is_printed_as_code_point() -> None:
    assert "[U+4E2D]" in words_of(typeset(title="中", blocks=[Paragraph("a\x00b")]))


def test_same_blocks_give_same_bytes() -> None:
    first = typeset(title="An agreement", blocks=ALL)
    assert first == typeset(title="An agreement", blocks=ALL)
    code = (
        "import hashlib; from throughway.paper import *; "
        "print(hashlib.sha256(typeset(title='T', blocks=[Paragraph('words → Ж')])).hexdigest())"
    )
    seen = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(seen) == 1


def test_fingerprint_changes_with_every_difference() -> None:
    marks = {fingerprint_of("T", ALL[:n]) for n in range(len(ALL))} | {fingerprint_of("U", ALL)}
    assert len(marks) == len(ALL) + 1
    assert fingerprint_of("T", ALL) in words_of(typeset(title="T", blocks=ALL))


def test_pdf_metadata() -> None:
    data = typeset(
        title="Certificado",
        blocks=[PaperHeading("Uno")],
        language="es",
        subject="s",
        made_on=date(2026, 5, 3),
    )
    paper = read(data)
    assert paper.metadata is not None
    assert (paper.metadata.title, paper.metadata.subject) == ("Certificado", "s")
    assert paper.metadata["/CreationDate"].startswith("D:20260503")
    assert paper.trailer["/Root"]["/Lang"] == "es"
    assert paper.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"] in (True, "true")
    assert "Página 1 de 1" in paper.pages[0].extract_text()


def test_all_fonts_are_embedded() -> None:
    fonts: list[Any] = []
    for page in read(typeset(title="T → Ж", blocks=ALL)).pages:
        fonts += [font.get_object() for font in page["/Resources"]["/Font"].values()]
    used = [f for f in fonts if "/FontDescriptor" in f]
    assert {str(f["/BaseFont"]).partition("+")[2] for f in used} == {
        "PublicSans-Regular",
        "PublicSans-Bold",
        "DejaVuSans",
    }
    assert all("/FontFile2" in f["/FontDescriptor"].get_object() for f in used)


def test_headings_are_the_outline() -> None:
    def titles(entries: Any) -> list[Any]:
        return [titles(entry) if isinstance(entry, list) else entry.title for entry in entries]

    assert titles(read(typeset(title="An agreement", blocks=ALL)).outline) == [
        "An agreement", ["First part", ["A part of it"]],
    ]  # fmt: skip
    deep = typeset(title="T", blocks=[PaperHeading("x", level=3), PaperHeading("y", level=1)])
    assert titles(read(deep).outline) == ["T", ["x", "y"]]


def test_structure_is_tagged() -> None:
    paper = read(typeset(title="An agreement", blocks=[*ALL, *ALL]))
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] in (True, "true")
    roles: list[str] = []
    marked: set[tuple[int, int]] = set()
    pages = {
        page.indirect_reference.idnum: n for n, page in enumerate(paper.pages) if page.indirect_reference
    }

    def walk(node: Any) -> None:
        node = node.get_object()
        roles.append(node["/S"])
        for kid in node["/K"]:
            if isinstance(kid, int):
                marked.add((pages[node.raw_get("/Pg").idnum], int(kid)))
            else:
                walk(kid)

    walk(root["/StructTreeRoot"]["/K"][0])
    assert {
        "/Document",
        "/H1",
        "/H2",
        "/H3",
        "/P",
        "/L",
        "/LI",
        "/LBody",
        "/Table",
        "/TR",
        "/TH",
        "/TD",
        "/Caption",
    } == set(roles)
    assert (roles.count("/H1"), roles.count("/L"), roles.count("/LI")) == (1, 2, 4)
    drawn: set[tuple[int, int]] = set()
    for n, page in enumerate(paper.pages):
        code = page.get_contents().get_data().decode("latin-1")
        drawn |= {(n, int(found)) for found in re.findall(r"/MCID (\d+)", code)}
        outside = re.sub(r"(?s)(/Artifact BMC|/\w+ <</MCID \d+>> BDC).*?\bEMC", "", code)
        assert not re.search(r"\b(Tj|TJ|S|f|B)\b", outside), (
            "drawn, and neither text of the structure nor an artifact"
        )
    assert drawn == marked


def test_long_tables_repeat_their_head() -> None:
    tall = PaperTable(("Element", "Why"), (("x", "word " * 1500),), caption="Tall")
    long = PaperTable(("Element", "Why"), tuple((f"element-{n}", f"reason-{n}") for n in range(200)))
    data = typeset(
        title="word " * 300,
        blocks=[tall, long, PaperHeading("y" * 900), Note("z " * 4000), Verbatim("w" * 3000)],
    )
    said = words_of(data)
    assert said.count("word") == 1500 + 300
    assert all(f"reason-{n}" in said for n in range(200))
    assert said.count("y") >= 900
    assert said.count("ElementWhy") > 5


def test_a4_and_letter() -> None:
    for name, size in (("letter", (612, 792)), ("a4", (595, 842))):
        box = read(typeset(title="T", blocks=[], page=name)).pages[0].mediabox
        assert (round(box.width), round(box.height)) == size


def test_row_of_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        typeset(title="T", blocks=[PaperTable(("A", "B"), (("only one",),))])
