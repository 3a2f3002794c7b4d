"""The pages on screens: every address of the site is on one, with the roles that may open it; each says the same five things."""

import re
from pathlib import Path

import pytest
from django.urls import resolve

import throughway
from tests.site.matrix import addresses
from throughway.partners import Role

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (DOCS / "screens").glob("*.md")}
INDEX = (DOCS / "screens.md").read_text(encoding="utf-8")
SECTIONS = ["What it shows", "What you can do", "What it never shows", "When it is empty"]
# What stands in an address for a thing of each kind, and an example of it.
THINGS = {
    "/pipeline/RELEASE": "/pipeline/AB12CD34", "/releases/RELEASE": "/releases/AB12CD34", "/ID": "/oak-schools",
    "/ACT": "/sign", "/FORM": "/pdf", "/ENTRY": "/00000000-0000-4000-8000-000000000000", "/LINK": "/abc-123", "/NUMBER": "/1",
    "/HANDLE": "/0123456789ab", "/SECTION": "/terms", "/WHICH": "/new", "/LANGUAGE": "/es",
}  # fmt: skip
EVERYONE = "Everyone who is signed in"


def told(name: str) -> list[str]:
    """The addresses on a page."""
    row = re.search(r"^\| address \| (.+) \|$", PAGES[name], re.MULTILINE)
    assert row, name
    return re.findall(r"`([^`]+)`", row[1])


def example(address: str) -> str:
    for word, thing in THINGS.items():
        address = address.replace(word, thing)
    return address


def view_name(address: str) -> str:
    return resolve(example(address)).view_name


def test_every_address_is_on_one_page() -> None:
    found = [view_name(address) for name in PAGES for address in told(name)]
    assert sorted(found) == sorted(
        {a.name for a in addresses() if not a.is_for_programs and a.name != "health"}
    )


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_the_same_sections(name: str) -> None:
    headings = re.findall(r"^## (.+)$", PAGES[name], re.MULTILINE)
    assert headings[: len(SECTIONS)] == SECTIONS


@pytest.mark.parametrize("name", PAGES)
def test_roles_match_the_program(name: str) -> None:
    row = re.search(r"^\| open to \| (.+) \|$", PAGES[name], re.MULTILINE)
    assert row
    said = row[1]
    if said == "Everyone":  # the door
        return
    open_to = set(Role) if said.startswith(EVERYONE) else {role for role in Role if role.label in said}
    allowed = getattr(resolve(example(told(name)[0])).func, "allowed", None)
    assert allowed is None or open_to == set(allowed)


def test_the_index_leads_to_every_screen() -> None:
    rows = re.findall(r"^\| \[.+\]\(screens/(.+)\.md\) \| .+ \| .+ \|$", INDEX, re.MULTILINE)
    assert sorted(rows) == sorted(PAGES)


def program() -> str:
    """All that the program can say, its quotes plain and its white space single."""
    files = [
        path for kind in ("*.py", "*.html") for path in Path(str(throughway.__file__)).parent.rglob(kind)
    ]
    text = " ".join(path.read_text(encoding="utf-8") for path in files)
    text = text.replace("&#8217;", "'").replace("’", "'").replace("{% endif %}", "")
    return " ".join(text.split())


def test_quoted_messages_exist() -> None:
    said = program()
    quoted = [
        (name, piece.strip(" ."))
        for name, page in PAGES.items()
        for quote in re.findall(r"“([^”]+)”", " ".join(page.split()))
        for piece in quote.replace("’", "'").split("…")
        if len(piece.strip(" .")) > 3
    ]
    assert len(quoted) > 25
    assert [(name, piece) for name, piece in quoted if piece not in said] == []
