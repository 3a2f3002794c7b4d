"""The page on the rules is the rules' own."""

import re
from pathlib import Path

from throughway.agreements.legal_review.rule_pack import DEMANDS, read_pack
from throughway.agreements.legal_review.rules import RULES
from throughway.agreements.legal_review.rules_page import ASKS, page

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "rules.md").read_text(encoding="utf-8")


def test_the_page_is_written_from_the_rules() -> None:
    assert page() == PAGE, "write it anew: throughway agreement rules --page > docs/rules.md"


def test_each_rule_has_its_section_with_citation_and_words() -> None:
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
    for id, rule in RULES.items():
        assert rule.citation in sections[id]
        assert rule.cannot in sections[id]
        first = " ".join((rule.quote or "").split("\n\n")[0].split())
        assert first in sections[id]


def test_page_lists_what_a_rule_file_may_check() -> None:
    assert set(ASKS) == set(DEMANDS)


def test_example_rule_file_is_valid() -> None:
    example = re.search(r"^    throughway: rules/1\n(?:    .*\n)+", PAGE, re.MULTILINE)
    assert example
    text = "\n".join(line.removeprefix("    ") for line in example[0].splitlines())
    assert read_pack(text, "example").rules[0].id == "TOWN-4"


def test_the_page_on_agreements_leads_to_it() -> None:
    assert "(rules.md)" in (DOCS / "agreements.md").read_text(encoding="utf-8")


COUNTED = re.compile(r"\b(\d+) (?:built-in )?rules\b")


def test_each_number_of_rules_in_the_manual_is_theirs() -> None:
    """Decision records keep the number of their day."""
    pages = [DOCS.parent / "README.md", *(p for p in DOCS.rglob("*.md") if "decisions" not in p.parts)]
    told = {
        (page.name, int(number))
        for page in pages
        for number in COUNTED.findall(page.read_text(encoding="utf-8"))
    }
    assert {number for _, number in told} == {len(RULES)}, told
    assert {"README.md", "rules.md"} <= {name for name, _ in told}
