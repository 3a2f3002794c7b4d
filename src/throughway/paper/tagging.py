"""The structure tree of a tagged PDF (ISO 32000-1, 14.8): which text is a heading, a list or a cell of a table, in the
order of reading. ReportLab draws; this module tags the content, and marks lines and page footers as artifacts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFDocument, PDFName, PDFObjectReference
from reportlab.pdfgen.canvas import Canvas


@dataclass
class StructureElement:
    """One element. `marks`: pages (from 0) and numbers of the marked content on them."""

    role: str
    kids: list["StructureElement"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    scope: str = ""  # of a table's head: Column or Row


class Tags:
    """The tags of one document while it is drawn."""

    def __init__(self) -> None:
        self._root = StructureElement("Document")
        self._open = [self._root]
        self._marked: dict[int, list[StructureElement]] = {}  # by page, in the order of their numbers

    def begin(self, role: str) -> None:
        node = StructureElement(role)
        self._open[-1].kids.append(node)
        self._open.append(node)

    def end(self) -> None:
        self._open.pop()

    @contextmanager
    def marked(self, canvas: Canvas, role: str, scope: str = "") -> Iterator[None]:
        """Content drawn within the block is the text of one element; consecutive list items form one list."""
        parent = self._open[-1]
        if role == "LI":
            parent = self._item(parent)
            role = "LBody"
        node = StructureElement(role, scope=scope)
        parent.kids.append(node)
        page = canvas.getPageNumber() - 1
        of_page = self._marked.setdefault(page, [])
        node.marks.append((page, len(of_page)))
        canvas._code.append(f"/{role} <</MCID {len(of_page)}>> BDC")
        of_page.append(node)
        yield
        canvas._code.append("EMC")

    def _item(self, parent: StructureElement) -> StructureElement:
        if not parent.kids or parent.kids[-1].role != "L":
            parent.kids.append(StructureElement("L"))
        item = StructureElement("LI")
        parent.kids[-1].kids.append(item)
        return item

    def close(self, document: PDFDocument) -> None:
        """Writes the tree into the document after its last page."""
        pages = document.Pages.pages
        root = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        root_at = document.Reference(root)
        places: dict[int, PDFObjectReference] = {}
        top = self._written(self._root, root_at, document, pages, places)
        root.dict["K"] = PDFArray([top])
        numbers: list[object] = []
        for page, nodes in sorted(self._marked.items()):
            of_page = PDFArray([places[id(node)] for node in nodes])
            numbers += [page, document.Reference(of_page)]
            pages[page].__NoDefault__ = [*pages[page].__NoDefault__, "StructParents", "Tabs"]
            pages[page].StructParents = page
            pages[page].Tabs = PDFName("S")
        root.dict["ParentTree"] = document.Reference(PDFDictionary({"Nums": PDFArray(numbers)}))
        root.dict["ParentTreeNextKey"] = len(pages)
        document.Catalog.StructTreeRoot = root_at
        document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})

    def _written(
        self,
        node: StructureElement,
        parent: PDFObjectReference,
        document: PDFDocument,
        pages: list[object],
        places: dict[int, PDFObjectReference],
    ) -> PDFObjectReference:
        element = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName(node.role), "P": parent})
        at = document.Reference(element)
        places[id(node)] = at
        kids = [self._written(kid, at, document, pages, places) for kid in node.kids]
        if node.marks:
            page = node.marks[0][0]
            element.dict["Pg"] = document.Reference(pages[page])
            kids += [number for _, number in node.marks]
        element.dict["K"] = PDFArray(kids)
        if node.scope:
            element.dict["A"] = PDFDictionary({"O": PDFName("Table"), "Scope": PDFName(node.scope)})
        return at


@contextmanager
def artifact(canvas: Canvas) -> Iterator[None]:
    """Content drawn within the block is an artifact: a line, a background, a page footer."""
    canvas._code.append("/Artifact BMC")
    yield
    canvas._code.append("EMC")
