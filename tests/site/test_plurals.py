"""A number and what it counts: "1 entry", never "1 entries"."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "src" / "throughway"
COUNTED = re.compile(
    r"""\{\{ [a-z_.]+\|(?:length|intcomma|floatformat:['"]0g['"]) \}\} (?:more |of your |recovery )?[a-z]+s\b"""
)
CARES = re.compile(r"pluralize|== 1\b|> 1\b")  # of one and of several it speaks apart


def test_no_template_writes_a_plural_for_one() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in sorted(ROOT.rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := COUNTED.search(line)) and not CARES.search(line)
    ]
    assert wrong == []
