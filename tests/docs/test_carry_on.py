"""The page for those who carry the project on names modules, tests and folders that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "carry-on.md").read_text(encoding="utf-8")
PLACES = (
    ROOT,
    ROOT / "src" / "throughway",
    ROOT / "src" / "throughway" / "intake",
    ROOT / "src" / "throughway" / "vocabulary",
)


def test_every_path_is_there() -> None:
    named = set(re.findall(r"`([a-z_./]+(?:\.py|\.csv|\.md|\.yml|/))`", PAGE))
    named |= set(re.findall(r"^ (?:│ +)?(?:[a-z ]+\()?([a-z_]+/[a-z_/]+\.py)\b", PAGE, re.MULTILINE))
    assert len(named) > 30
    assert sorted(n for n in named if not any((place / n).exists() for place in PLACES)) == []


def test_every_recipe_begins_with_a_test() -> None:
    recipes = re.findall(
        r"^## Add a (?:format|measure|rule of the legal review|screen|command)\n(.*?)(?=^## )",
        PAGE,
        re.MULTILINE | re.DOTALL,
    )
    assert len(recipes) == 5
    assert all(recipe.partition("1. ")[2].startswith("**Test first**") for recipe in recipes)
