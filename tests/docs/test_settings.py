"""The page on the settings is what the program makes of them."""

from pathlib import Path

from throughway.store.settings_reference import markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_the_page_is_as_the_program_prints_it() -> None:
    """Else: python -m throughway.store.settings_reference > docs/settings.md"""
    assert PAGE.read_text(encoding="utf-8") == markdown()
