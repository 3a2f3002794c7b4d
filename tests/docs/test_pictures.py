"""Every picture that the manual shows is there, none lies unused, and each is one that a test takes."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.browser.test_pictures import PICTURES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ALBUM = DOCS / "pictures"
LARGEST = 2_900_000  # bytes, all together
PNG = b"\x89PNG\r\n\x1a\n"


def shown() -> Iterator[tuple[Path, Path, str]]:
    """Each picture that a page shows: the page, the file, and the words that stand for it."""
    for page in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            yield page, (page.parent / target).resolve(), words


def test_every_picture_exists_with_alternative_text() -> None:
    assert [(page.name, file.name) for page, file, _ in shown() if not file.is_file()] == []
    assert [(page.name, file.name) for page, file, words in shown() if len(words) < 10] == []


def test_every_picture_is_used() -> None:
    assert set(ALBUM.iterdir()) == {file for _, file, _ in shown()}


def test_every_picture_is_taken_by_a_test() -> None:
    assert {file.name for file in ALBUM.iterdir()} == {f"{picture.name}.png" for picture in PICTURES}


def test_pictures_are_small() -> None:
    assert all(file.read_bytes().startswith(PNG) for file in ALBUM.iterdir())
    assert sum(file.stat().st_size for file in ALBUM.iterdir()) < LARGEST


def test_the_readme_shows_the_report_and_two_screens() -> None:
    assert sum(page.name == "README.md" for page, _, _ in shown()) == 3
